from django.urls import path

from server.apps.ingest.api import schema as schema  # to import it is to register it
from server.apps.ingest.api import views

urlpatterns = [
    path("streamer/", views.Streamers.as_view({"get": "list"})),
    # Before those with a slug in its place.
    path("streamer/report/", views.StreamerReports.as_view()),
    path("streamer/report/<uuid:report_id>/", views.Report.as_view({"get": "retrieve"})),
    path("streamer/<str:slug>/", views.OneStreamer.as_view()),
    path("streamer/<str:slug>/report/", views.NewestReports.as_view()),
    path("device/<str:slug>/streamers/", views.DeviceStreamers.as_view()),
]
