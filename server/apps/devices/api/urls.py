from typing import Any, Final

from django.urls import path

from server.apps.devices.api import schema as schema  # to import it is to register it
from server.apps.devices.api.views import catalogue, devices, production

_LIST: Final[dict[str, Any]] = {"get": "list", "post": "create"}
_DETAIL: Final[dict[str, Any]] = {"get": "retrieve", "put": "update", "patch": "partial_update"}

urlpatterns = [
    path("component/", catalogue.Components.as_view(_LIST)),
    path("component/<str:slug>/", catalogue.Components.as_view(_DETAIL)),
    path("dt/", catalogue.DeviceTemplates.as_view(_LIST)),
    path("dt/<str:slug>/", catalogue.DeviceTemplates.as_view(_DETAIL)),
    path("dt/<str:slug>/slot/", catalogue.Slots.as_view()),
    path("pt/", catalogue.ProjectTemplates.as_view(_LIST)),
    path("pt/<str:slug>/", catalogue.ProjectTemplates.as_view(_DETAIL)),
    path("key/", production.NewDeviceKey.as_view()),
    path("production/device/", production.ProductionDevices.as_view({"get": "list"})),
    path("production/device/create_virtual/", production.NewVirtualDevice.as_view()),
    path("production/device/<str:slug>/", production.ProductionDevices.as_view({"get": "retrieve"})),
    path("device/<str:slug>/key/", devices.GivenKey.as_view()),
    path("device/<str:slug>/template/", devices.TemplateOfDevice.as_view()),
    path("device/<str:slug>/versions/", devices.Versions.as_view()),
]
