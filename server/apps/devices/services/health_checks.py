"""Who is told when a device falls silent, or is heard again.

The state that people were told last is on the device's row. A check compares all of them with what is true now in one query,
and moves the states and posts the mails in one transaction: told once, however often the check runs, and never half told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from server.apps.accounts.selectors.addresses import Addressee, addressees_in, addresses_of_staff
from server.apps.devices import jobs
from server.apps.devices.models import Device, HealthState
from server.apps.devices.selectors.devices import devices_to_tell_of
from server.core.mail.sending import mail
from server.core.queue import enqueue

AT_ONCE: Final = 5000
"""Devices a transaction: uploads of theirs wait for it."""
SOON_S: Final = 20
"""A device that is heard again is told of after so long: a site has many, and they come back together."""
_MOST_LINES: Final = 50


@dataclass
class News:
    """What one address learns, in one mail."""

    silent: list[Device] = field(default_factory=list)
    back: list[Device] = field(default_factory=list)


def check_soon() -> None:
    """A device that counts as silent was heard. One check for all that are heard within a moment."""
    if cache.add("device-health-check-soon", True, timeout=SOON_S):
        enqueue(jobs.CheckDeviceHealth(), delay_seconds=SOON_S)


def check_device_health(*, now: datetime) -> int:
    """Returns how many devices changed their state. Safe to repeat."""
    changed = 0
    while found := _check_portion(now):
        changed += found
        if found < AT_ONCE:
            break
    return changed


@transaction.atomic
def _check_portion(now: datetime) -> int:
    devices = list(devices_to_tell_of(now=now)[:AT_ONCE])
    by_state: defaultdict[str, list[Device]] = defaultdict(list)
    for device in devices:
        by_state[device.alert].append(device)  # type: ignore[attr-defined]  # the selector's annotation
    silent = by_state[HealthState.FAIL]
    back = [device for device in by_state[HealthState.OK] if device.last_known_state == HealthState.FAIL]
    for state, changed in by_state.items():
        if changed:
            Device.objects.filter(pk__in=[device.pk for device in changed]).update(
                last_known_state=state, health_changed_on=now
            )
    _tell(silent, back)
    return len(devices)


def _tell(silent: Sequence[Device], back: Sequence[Device]) -> None:
    """One mail an address, however many devices changed."""
    news: defaultdict[str, News] = defaultdict(News)
    addresses_of = _addresses([*silent, *back])
    for device in silent:
        for address in addresses_of(device):
            news[address].silent.append(device)
    for device in back:
        for address in addresses_of(device):
            news[address].back.append(device)
    for address, each in sorted(news.items()):
        mail(to=[address], template="device/health", context=_context(each))


def _addresses(devices: Sequence[Device]) -> Callable[[Device], set[str]]:
    """Who is behind the recipients of these devices now: who has left since is told nothing more."""
    named = {text for device in devices for text in device.notification_recipients}
    orgs = {device.org_id for device in devices if device.org_id is not None}
    people = addressees_in(orgs) if any(not text.startswith("email:") for text in named) else []
    staff = addresses_of_staff() if "staff:all" in named else []
    by_org: defaultdict[UUID, list[Addressee]] = defaultdict(list)
    for person in people:
        by_org[person.org_id].append(person)

    def addresses_of(device: Device) -> set[str]:
        members = by_org[device.org_id] if device.org_id is not None else []
        found = (_behind(text, members, staff) for text in device.notification_recipients)
        return {address.lower() for addresses in found for address in addresses}

    return addresses_of


def _behind(text: str, members: Iterable[Addressee], staff: Sequence[str]) -> list[str]:
    kind, _, rest = text.partition(":")
    if kind == "email":
        return [rest]
    if text == "org:all":
        return [person.address for person in members]
    if text == "org:admin":
        return [person.address for person in members if person.is_admin]
    if text == "staff:all":
        return list(staff)
    return [person.address for person in members if kind == "user" and person.account == rest]


def _context(news: News) -> Mapping[str, str | int]:
    return {
        "silent": len(news.silent),
        "back": len(news.back),
        "first": str([*news.silent, *news.back][0]),
        "silent_lines": _lines(news.silent, _of_silent),
        "back_lines": _lines(news.back, _of_back),
    }


def _lines(devices: Sequence[Device], line: Callable[[Device], str]) -> str:
    lines = [
        f"- {device} ({device.slug}{_place(device)}): {line(device)}" for device in devices[:_MOST_LINES]
    ]
    if len(devices) > _MOST_LINES:
        lines.append(f"- and {len(devices) - _MOST_LINES} more")
    return "\n".join(lines)


def _place(device: Device) -> str:
    return f", {device.project.name}" if device.project is not None else ""


def _of_silent(device: Device) -> str:
    return f"nothing since {_moment(device)}, expected every {_span(device.expected_every_seconds)}"


def _of_back(device: Device) -> str:
    return f"reported at {_moment(device)}"


def _moment(device: Device) -> str:
    heard = device.last_report_on
    return f"{heard.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if heard is not None else "never"


def _span(seconds: int) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
