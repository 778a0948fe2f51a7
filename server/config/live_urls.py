"""The URL map of the live push process."""

from django.urls import path

from server.core.metrics.views import metrics
from webapp.views import live

urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("live/device/<str:slug>/", live.device, name="live-device"),
    path("live/project/<str:slug>/", live.project, name="live-project"),
]
