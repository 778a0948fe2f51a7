from server.apps.devices.models.catalogue import Component, DeviceSlot, DeviceTemplate, SensorGraph
from server.apps.devices.models.device import (
    BUSY_STATES,
    Device,
    DeviceKey,
    DeviceState,
    DeviceVersion,
    HealthState,
)
from server.apps.devices.models.metadata import (
    ConfigAttribute,
    ConfigName,
    DeviceLocation,
    Property,
    PropertyEnum,
    PropertyTemplate,
    PropertyType,
)
from server.apps.devices.models.project import Project, ProjectTemplate
from server.apps.devices.models.recipient import OutsideRecipient

__all__ = [
    "BUSY_STATES",
    "Component",
    "ConfigAttribute",
    "ConfigName",
    "Device",
    "DeviceKey",
    "DeviceLocation",
    "DeviceSlot",
    "DeviceState",
    "DeviceTemplate",
    "DeviceVersion",
    "HealthState",
    "OutsideRecipient",
    "Project",
    "ProjectTemplate",
    "Property",
    "PropertyEnum",
    "PropertyTemplate",
    "PropertyType",
    "SensorGraph",
]
