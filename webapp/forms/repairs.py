"""What a repair of each kind needs to know."""

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
    """`reports`: those that can be read again."""

    explanation = ""

    def __init__(self, data: Any = None, *, reports: Iterable[StreamerReport] = ()) -> None:
        super().__init__(data)
        self.reports = list(reports)

    def arguments(self) -> dict[str, Any]:
        """Of a valid form, as JSON."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.cleaned_data.items()
            if value is not None
        }


class ReprocessReportForm(RepairForm):
    explanation = (
        "Reads a stored report again, by the rules and units of today: what is missing is stored, what differs is changed, "
        "and nothing is doubled."
    )

    report = forms.ChoiceField(label="Report", help_text="The newest are listed.")

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
        "Recomputes the times of readings before a reboot from a reading whose time is right: one of the same boot, or one after "
        "the reboot."
    )

    reboot_id = _reading_id("Id of the reboot", "The reading of stream 5c00.")
    ref_id = _reading_id("Id of the reading whose time is right")
    offset = forms.FloatField(
        label="Seconds it was down",
        initial=1,
        min_value=0,
        max_value=31 * 86_400,
        help_text="For a reading after the reboot: from the last reading to the boot.",
    )


class AdjustForwardForm(RepairForm):
    explanation = "Counts times on from the first of these readings, by the uptimes that the device sent."

    base_ts = _moment("When the first one was")
    first_id = _reading_id("First id")
    last_id = _reading_id("Last id")

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first_id"), self.cleaned_data.get("last_id")
        if first is not None and last is not None and first > last:
            self.add_error("last_id", "It is before the first one.")


class AdjustBackwardForm(AdjustForwardForm):
    explanation = "Counts times back from the last of these readings, by the uptimes that the device sent."

    base_ts = _moment(
        "When the last one was", required=False, help_text="Empty: the time it has now is right."
    )


class RemoveDuplicatesForm(RepairForm):
    explanation = (
        "Looks for readings that are stored twice. There should be none; of copies the earliest stays."
    )


class SyncEventTimesForm(RepairForm):
    explanation = "Gives events the time of the reading that belongs to them."


class RebuildRollupsForm(RepairForm):
    explanation = (
        "Compares hourly sums and newest values with the readings, and recomputes what does not agree."
    )

    month = forms.RegexField(
        r"\A(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])\Z",
        label="Month",
        help_text="Of UTC, as 2026-11.",
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
