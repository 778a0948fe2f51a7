"""The key with which a device uploads, without the key itself."""

from server.apps.devices.selectors.keys import upload_key_of
from webapp.views.device.visit import Context, DeviceVisit


def key_context(visit: DeviceVisit, made: str = "") -> Context:
    """`made` is a new key in the clear, to be shown once."""
    return {"upload_key": upload_key_of(visit.device), "made": made}
