from django.urls import path

from server.api.alias import views
from server.core.rest.views import LIST

urlpatterns = [
    path("alias/", views.Aliases.as_view(LIST)),
    path("alias/<str:slug>/", views.OneAlias.as_view()),
    path("tap/", views.Taps.as_view(LIST)),
    path("tap/<str:pk>/", views.OneTap.as_view()),
]
