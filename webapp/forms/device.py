"""Forms on the page of a device, except repairs."""

from typing import Final

from django import forms

from server.apps.devices.models import Device
from server.apps.devices.services.health import LONGEST_PERIOD_S

_MINUTE_S: Final = 60
_KIND_HELP: Final = "Reports say with which of the two they are signed; most devices use the user key."


class HealthForm(forms.Form):
    """Health settings of a device: the period in minutes, and one recipient per line."""

    enabled = forms.BooleanField(label="Notify people when the device falls silent", required=False)
    minutes = forms.IntegerField(
        label="Silent after how many minutes?", min_value=1, max_value=LONGEST_PERIOD_S // _MINUTE_S
    )
    recipients = forms.CharField(
        label="Recipients, one per line",
        required=False,
        max_length=15_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="email:name@example.com, user:account of a member, org:admin or org:all",
    )

    def period_s(self) -> int | None:
        """Returns None when the minutes are unchanged: a period that is no whole number of minutes
        must not be rounded."""
        return self.cleaned_data["minutes"] * _MINUTE_S if "minutes" in self.changed_data else None

    def recipient_list(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["recipients"].splitlines())
        return [line for line in lines if line]


class ReportKeyForm(forms.Form):
    """A root key, of 64 hex digits, which no page shows again."""

    kind = forms.ChoiceField(
        label="Which key", choices=[("RUK", "User key"), ("RDK", "Device key")], help_text=_KIND_HELP
    )
    root_key = forms.CharField(
        label="Root key",
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="64 hex digits",
    )


def health_of_form(device: Device) -> dict[str, object]:
    """Returns the initial values of the form."""
    return {
        "enabled": device.health_check_enabled,
        "minutes": -(-device.expected_every_seconds // _MINUTE_S),
        "recipients": "\n".join(device.notification_recipients),
    }


class UploadForm(forms.Form):
    """A report file, and when it was received from the device; empty means now."""

    file = forms.FileField(
        label="Report file", allow_empty_file=True, widget=forms.FileInput(attrs={"class": "form-control"})
    )
    received = forms.DateTimeField(
        label="Received from the device",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"class": "form-control", "type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )
