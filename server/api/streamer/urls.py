from django.urls import path

from server.api.streamer import views

urlpatterns = [
    path("streamer/", views.Streamers.as_view({"get": "list"})),
    # Before the paths with a slug in this place.
    path("streamer/report/", views.StreamerReports.as_view()),
    path("streamer/report/<uuid:report_id>/", views.Report.as_view({"get": "retrieve"})),
    path("streamer/<str:slug>/", views.OneStreamer.as_view()),
    path("streamer/<str:slug>/report/", views.NewestReports.as_view()),
]
