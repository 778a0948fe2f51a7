from server.apps.devices.models.catalogue import DeviceTemplate, SensorGraph
from server.apps.devices.models.device import Device, DeviceKey, DeviceState
from server.apps.devices.models.project import Project

__all__ = ["Device", "DeviceKey", "DeviceState", "DeviceTemplate", "Project", "SensorGraph"]
