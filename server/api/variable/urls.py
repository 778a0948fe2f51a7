from django.urls import path

from server.api.stream import views as stream_views
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("variable/", stream_views.Variables.as_view(LIST)),
    path("variable/<str:slug>/", stream_views.OneVariable.as_view(REMOVABLE)),
    path("variable/<str:slug>/type/", stream_views.TypeOfVariable.as_view()),
]
