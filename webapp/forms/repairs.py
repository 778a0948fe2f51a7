"""One form for each kind of repair."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone

from server.apps.ingest.models import StreamerReport
from server.apps.lifecycle.models import Repair

_HIGHEST_ID: Final = 2**63 - 1


def _reading_id(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=_HIGHEST_ID, help_text=help_text)


def _moment(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")
    return forms.DateTimeField(label=label, required=required, widget=widget, help_text=help_text)


class RepairForm(forms.Form):
    """`reports`: those that can be reprocessed."""

    explanation = ""

    def __init__(self, data: Any = None, *, reports: Iterable[StreamerReport] = ()) -> None:
        super().__init__(data)
        self.reports = list(reports)

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of a valid form, as JSON."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.cleaned_data.items()
            if value is not None
        }


class ReprocessReportForm(RepairForm):
    explanation = (
        "Reads a stored report again with the current rules and units: missing readings are stored, different times and values "
        "are corrected, and nothing is stored twice."
    )

    report = forms.ChoiceField(label="Report", help_text="The newest reports are listed.")

    def __init__(self, data: Any = None, *, reports: Iterable[StreamerReport] = ()) -> None:
        super().__init__(data, reports=reports)
        self.fields["report"].choices = [  # type: ignore[attr-defined]  # the stubs know only plain fields here
            (str(report.pk), _label(report)) for report in self.reports
        ]


def _label(report: StreamerReport) -> str:
    received = timezone.localtime(report.created_on)
    return f"{received:%-d %b %Y, %H:%M}, ids {report.original_first_id} to {report.original_last_id}"


class ReprocessRebootForm(RepairForm):
    explanation = (
        "Recomputes the times of readings before a reboot from a reading with a correct time: one of the same boot, or one "
        "after the reboot."
    )

    reboot_id = _reading_id("Reading id of the reboot", "A reading of stream 5c00.")
    ref_id = _reading_id("Id of a reading with a correct time")
    offset = forms.FloatField(
        label="Downtime in seconds",
        initial=1,
        min_value=0,
        max_value=31 * 86_400,
        help_text="Between the last reading and the boot. Used when the correct reading is after the reboot.",
    )


class AdjustForwardForm(RepairForm):
    explanation = "Sets the time of the first of these readings, and places the others by the uptimes that the device sent."

    base_ts = _moment("Time of the first reading")
    first_id = _reading_id("First reading id")
    last_id = _reading_id("Last reading id")

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first_id"), self.cleaned_data.get("last_id")
        if first is not None and last is not None and first > last:
            self.add_error("last_id", "Must not be lower than the first reading id.")


class AdjustBackwardForm(AdjustForwardForm):
    explanation = "Sets the time of the last of these readings, and places the others by the uptimes that the device sent."

    base_ts = _moment(
        "Time of the last reading", required=False, help_text="Leave empty if its current time is correct."
    )


class RemoveDuplicatesForm(RepairForm):
    explanation = (
        "Looks for readings that are stored twice and keeps the earliest of each. Normally there are none."
    )


class SyncEventTimesForm(RepairForm):
    explanation = "Sets each event to the time of the reading that names it."


class RebuildRollupsForm(RepairForm):
    explanation = (
        "Compares hourly rollups and latest values with the readings, and recomputes those that differ."
    )

    month = forms.RegexField(
        r"\A(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])\Z",
        label="Month",
        help_text="In UTC, for example 2026-11.",
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-11"}),
    )


FORMS: Final[Mapping[str, type[RepairForm]]] = {
    Repair.Kind.ADJUST_FORWARD: AdjustForwardForm,
    Repair.Kind.ADJUST_BACKWARD: AdjustBackwardForm,
    Repair.Kind.REPROCESS_REPORT: ReprocessReportForm,
    Repair.Kind.REPROCESS_REBOOT: ReprocessRebootForm,
    Repair.Kind.SYNC_EVENT_TIMES: SyncEventTimesForm,
    Repair.Kind.REMOVE_DUPLICATES: RemoveDuplicatesForm,
    Repair.Kind.REBUILD_ROLLUPS: RebuildRollupsForm,
}
