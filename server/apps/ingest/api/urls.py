from django.urls import path

from server.apps.ingest.api import gaps, lifecycle_views, repair_views, statistics, views

urlpatterns = [
    path("dbstats/", statistics.Statistics.as_view()),
    path("streamer/", views.Streamers.as_view({"get": "list"})),
    # Before those with a slug in its place.
    path("streamer/report/", views.StreamerReports.as_view()),
    path("streamer/report/<uuid:report_id>/", views.Report.as_view({"get": "retrieve"})),
    path("streamer/<str:slug>/", views.OneStreamer.as_view()),
    path("streamer/<str:slug>/report/", views.NewestReports.as_view()),
    path("device/<str:slug>/streamers/", views.DeviceStreamers.as_view()),
    path("device/<str:slug>/reset/", lifecycle_views.ResetDevice.as_view()),
    path("device/<str:slug>/unclaim/", lifecycle_views.UnclaimDevice.as_view()),
    path("device/<str:slug>/status/", lifecycle_views.Status.as_view()),
    path("device/<str:slug>/health/", lifecycle_views.Health.as_view()),
    path("device/<str:slug>/repair/", repair_views.Repairs.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/", repair_views.OneRepair.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/carry-out/", repair_views.CarryOutRepair.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/undo/", repair_views.UndoRepair.as_view()),
    path("device/<str:slug>/gaps/", gaps.Gaps.as_view()),
    path("device/<str:slug>/filterlog/", lifecycle_views.FilterLog.as_view()),
]
