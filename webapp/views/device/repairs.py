"""The repairs of a device: a form to plan one, the chosen plan, and earlier repairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest import selectors as ingest
from server.apps.ingest.models import StreamerReport
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.selectors import repairs_of_device
from server.apps.lifecycle.services.repairs.kinds import is_undoable
from webapp.forms.repairs import FORMS, RepairForm
from webapp.views.device.visit import Context, DeviceVisit

_MOST_REPAIRS: Final = 20
_MOST_REPORTS: Final = 50
_FIRST_KIND: Final = Repair.Kind.ADJUST_FORWARD
_EFFECTS: Final = (
    *(
        ("readings", "changed", "readings with a new time or value"),
        ("readings", "added", "new readings"),
    ),
    *(("readings", "removed", "deleted readings"), ("events", "changed", "events with a new time")),
    *(("events", "added", "new events"), ("events", "removed", "deleted events")),
)


@dataclass(frozen=True, slots=True)
class RepairEntry:
    """A repair, prepared for a template."""

    repair: Repair
    counts: list[tuple[int, str]]
    """Numbers of rows that change or have changed, with their noun."""
    time_ranges: list[tuple[str, datetime | None, datetime | None]]
    examples: list[dict[str, Any]]
    undoable: bool

    @property
    def is_empty(self) -> bool:
        return not self.counts


def repairs_context(visit: DeviceVisit, form: RepairForm | None = None, kind: str = "") -> Context:
    """Raises Forbidden without the permission to modify the device."""
    user, device, query = visit.request.user, visit.device, visit.request.GET
    repairs = list(repairs_of_device(user, device)[:_MOST_REPAIRS])
    chosen = next((each for each in repairs if str(each.pk) == query.get("repair")), None)
    kind = kind or query.get("kind", "") or (chosen.kind if chosen else _FIRST_KIND)
    kind = kind if kind in FORMS else _FIRST_KIND
    return {
        "repairs": [repair_entry(each) for each in repairs],
        "chosen": repair_entry(chosen) if chosen else None,
        "kinds": [(each, Repair.Kind(each).label) for each in FORMS],
        "kind": kind,
        "repair_form": form or FORMS[kind](reports=reprocessable_reports(user, device)),
    }


def reprocessable_reports(user: Account, device: Device) -> list[StreamerReport]:
    newest = ingest.newest_reports(user, [device], limit=_MOST_REPORTS)
    return [report for report in newest if report.status == StreamerReport.Status.STORED]


def repair_entry(repair: Repair) -> RepairEntry:
    summary = repair.result or repair.plan
    counts = [(summary[what][done], words) for what, done, words in _EFFECTS if summary[what][done]]
    counts += [(summary["hours"], "recomputed hours")] if summary["hours"] else []
    counts += [(summary["latest"], "recomputed latest values")] if summary["latest"] else []
    time_ranges = [
        (
            label,
            _moment(repair.plan.get(side, {}).get("first")),
            _moment(repair.plan.get(side, {}).get("last")),
        )
        for label, side in (("Before", "before"), ("After", "after"))
    ]
    return RepairEntry(repair, counts, time_ranges, _examples(repair.plan), is_undoable(repair.kind))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _examples(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the examples with their times parsed."""
    shown = []
    for example in plan.get("examples", []):
        row = dict(example)
        for side in ("before", "after"):
            if row.get(side):
                row[side] = row[side] | {"timestamp": _moment(row[side]["timestamp"])}
        if "hour" in row:
            row["hour"] = _moment(row["hour"])
        shown.append(row)
    return shown
