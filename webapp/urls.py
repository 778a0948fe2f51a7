"""The URL map of the pages."""

from django.urls import path

from webapp.views import chart, device, home, profile, project, upload

urlpatterns = [
    path("", home.home, name="home"),
    path("profile/", profile.profile, name="profile"),
    path("project/<str:slug>/", project.project, name="project"),
    path("device/<str:slug>/", device.device, name="device"),
    path("device/<str:slug>/upload/", upload.upload, name="device-upload"),
    path("device/<str:slug>/stream/<str:stream_slug>/chart.json", chart.chart, name="chart"),
]
