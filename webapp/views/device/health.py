"""The health of a device: whether it reports as expected, who is notified when not, and what was
received each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import health_of, is_unchecked
from server.apps.devices.selectors.recipients import recipient_states
from server.apps.ingest.models import Streamer
from server.apps.ingest.selectors import histories_of_device
from server.apps.streams.selectors.ledger import Day, History
from server.core.listening import listening_since
from webapp.forms.device import HealthForm, health_of_form
from webapp.views.device.visit import Context, DeviceVisit
from webapp.views.page import when_reachable

DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar. `tone` selects its colour; the title shows its counts."""

    day: date
    counts: Day | None

    @property
    def tone(self) -> str:
        if self.counts is None:
            return "none"
        if self.counts.missing:
            return "missing"
        return "whole" if self.counts.is_whole else "odd"


@dataclass(frozen=True, slots=True)
class GapMap:
    """The calendar of one streamer. `cells` has every day, `days` only those with reports, the
    newest first."""

    streamer: Streamer
    cells: list[Cell]
    blanks: range
    """The days of the first week before the first day; weeks begin on Monday."""
    days: list[Day]
    total: Day


def health_context(visit: DeviceVisit, form: HealthForm | None = None) -> Context:
    now, device = timezone.now(), visit.device
    since = listening_since(now=now)
    health = health_of(device, now=now, listening_since=since)
    maps = when_reachable(lambda: _gap_maps(device, today=timezone.localdate(now)))
    return {
        "health": health,
        "listening_since": since if is_unchecked(device, now=now, listening_since=since) else None,
        "health_since": device.health_changed_on if health == device.last_known_state else None,
        "health_form": form or HealthForm(initial=health_of_form(device)),
        "recipients": recipient_states(device),
        "may_modify": visit.may("can_modify_device") and device.org is not None,
        "maps": maps,
        "reachable": maps is not None,
        "day_count": DAYS,
    }


def _gap_maps(device: Device, *, today: date) -> list[GapMap]:
    """Days are those of the reader's time zone. Raises Unavailable."""
    first = today - timedelta(days=DAYS - 1)
    histories = histories_of_device(device, first=first, last=today, zone=readers_zone())
    return [_gap_map(each.streamer, each.history, first) for each in histories]


def readers_zone() -> ZoneInfo:
    """The time zone that the middleware has activated."""
    return timezone.get_current_timezone()


def _gap_map(streamer: Streamer, history: History, first: date) -> GapMap:
    by_day = {day.day: day for day in history.days}
    shown = [first + timedelta(days=at) for at in range(DAYS)]
    return GapMap(
        streamer=streamer,
        cells=[Cell(day, by_day.get(day)) for day in shown],
        blanks=range(first.weekday()),
        days=history.days[::-1],
        total=_sum(first, history.days),
    )


def _sum(first: date, days: Sequence[Day]) -> Day:
    total = Day(first)
    for day in days:
        total.add(day)
    return total
