"""Authenticate devices by the credentials of a request, and record their use."""

import uuid

from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.keys import DeviceCaller, caller_of_device_token, valid_upload_key
from server.core import credentials


def authenticate_upload_key(key: str, *, key_id: uuid.UUID | None = None) -> Device | None:
    """Returns the device that holds the key; None when it is not valid, or has not the id that it
    came with. One query, sometimes a second one to record the use."""
    found = valid_upload_key(key)
    if found is None or key_id not in {None, found.pk}:
        return None
    _record_use(found)
    return found.device


def authenticate_device_token(token: str) -> DeviceCaller | None:
    """Returns the caller; None when the token is not valid. One query, sometimes a second one to
    record the use."""
    found = caller_of_device_token(token)
    if found is None:
        return None
    key, caller = found
    _record_use(key)
    return caller


def _record_use(key: DeviceKey) -> None:
    credentials.record_use(DeviceKey.objects.filter(pk=key.pk), last_used_on=key.last_used_on)
