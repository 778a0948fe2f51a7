"""The URL map of the live push process."""

from django.urls import path

from webapp.views import live

urlpatterns = [
    path("live/device/<str:slug>/", live.device, name="live-device"),
    path("live/project/<str:slug>/", live.project, name="live-project"),
]
