"""Devices that members add themselves: their own boards, which need no proof."""

from dataclasses import dataclass

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.devices.models import Device, Project
from server.apps.devices.services.devices import create_http_device, enter_project
from server.apps.devices.services.keys import NewUploadKey, new_upload_key


@dataclass(frozen=True, slots=True)
class AddedDevice:
    device: Device
    key: NewUploadKey
    """Shown once."""


@transaction.atomic
def add_http_device(*, project: Project, by: Account, label: str = "", staff: bool = False) -> AddedDevice:
    """Create a device that sends values over HTTP, in a project. Raises Forbidden without
    `can_claim_devices` there."""
    require(by, "can_claim_devices", project.org, staff=staff)
    device = create_http_device(org=project.org, by=by, label=label)
    enter_project(device=device, project=project, by=by)
    return AddedDevice(device, new_upload_key(device=device, by=by))
