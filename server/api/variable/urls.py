from django.urls import path

from server.api.variable import views
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("variable/", views.Variables.as_view(LIST)),
    path("variable/<str:slug>/", views.OneVariable.as_view(REMOVABLE)),
    path("variable/<str:slug>/type/", views.TypeOfVariable.as_view()),
]
