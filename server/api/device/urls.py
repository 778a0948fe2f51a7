from django.urls import path

from server.api.device.views import (
    claiming,
    devices,
    extra,
    gaps,
    hardware,
    health,
    history,
    lifecycle,
    repairs,
)
from server.api.property import views as property_views
from server.api.streamer import views as streamer_views
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("device/", devices.Devices.as_view(LIST)),
    # Before the paths with a slug in this place.
    path("device/http/", devices.HttpDevice.as_view()),
    path("device/claim/", claiming.Claim.as_view()),
    path("device/claimable/", claiming.Claimable.as_view()),
    path("device/bulk/claim/", claiming.BulkClaim.as_view()),
    path("device/bulk/create/", claiming.BulkCreate.as_view()),
    path("device/<str:slug>/", devices.OneDevice.as_view(REMOVABLE)),
    path("device/<str:slug>/streamers/", streamer_views.DeviceStreamers.as_view()),
    path("device/<str:slug>/reset/", lifecycle.ResetDevice.as_view()),
    path("device/<str:slug>/unclaim/", lifecycle.UnclaimDevice.as_view()),
    path("device/<str:slug>/status/", health.Status.as_view()),
    path("device/<str:slug>/health/", health.Health.as_view()),
    path("device/<str:slug>/repair/", repairs.Repairs.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/", repairs.OneRepair.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/carry-out/", repairs.ApplyRepair.as_view()),
    path("device/<str:slug>/repair/<uuid:repair_id>/undo/", repairs.UndoRepair.as_view()),
    path("device/<str:slug>/gaps/", gaps.Gaps.as_view()),
    path("device/<str:slug>/filterlog/", health.FilterLog.as_view()),
    path("device/<str:slug>/key/", hardware.KeyOfDevice.as_view()),
    path("device/<str:slug>/report-key/", hardware.ReportKeys.as_view()),
    path("device/<str:slug>/template/", hardware.TemplateOfDevice.as_view()),
    path("device/<str:slug>/versions/", hardware.Versions.as_view()),
    path("device/<str:slug>/mask/", history.DeviceMask.as_view()),
    path("device/<str:slug>/move/", history.MoveDevice.as_view()),
    path("device/<str:slug>/trim/", history.TrimDevice.as_view()),
    path("device/<str:slug>/sg/", devices.GraphOfDevice.as_view()),
    path("device/<str:slug>/semiclaim/", claiming.SemiClaim.as_view()),
    path("device/<str:slug>/upgrade/", devices.Upgrade.as_view()),
    path("device/<str:slug>/extra/", extra.DeviceExtra.as_view()),
    path("device/<str:slug>/properties/", property_views.DeviceProperties.as_view()),
    path("device/<str:slug>/new_property/", property_views.NewDeviceProperty.as_view()),
]
