"""The keys with which a device uploads and signs, without the keys themselves."""

from server.apps.devices.selectors.keys import stored_report_keys, upload_key_of
from webapp.forms.device import ReportKeyForm
from webapp.views.device.visit import Context, DeviceVisit


def key_context(visit: DeviceVisit, made: str = "", form: ReportKeyForm | None = None) -> Context:
    """`made` is a new key in the clear, to be shown once."""
    return {
        "upload_key": upload_key_of(visit.device),
        "made": made,
        "report_keys": stored_report_keys(visit.device),
        "report_key_form": form or ReportKeyForm(),
    }
