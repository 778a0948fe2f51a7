"""Mail people when a device falls silent, or reports again."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When

from server.apps.accounts.selectors.addresses import Addressee, addressees_in, addresses_of_staff
from server.apps.devices import jobs
from server.apps.devices.models import Device, HealthState
from server.apps.devices.selectors.devices import devices_with_changed_health
from server.apps.devices.selectors.recipients import outside_recipients_in, unsubscribe_token
from server.core.durable import durable_cache
from server.core.listening import listening_since
from server.core.mail.sending import mail
from server.core.public import site_url
from server.core.queue import enqueue
from server.lib.lines import one_line
from server.lib.mailboxes import mailbox

BATCH_SIZE: Final = 5000
"""Devices per transaction: their uploads wait for it."""
CHECK_DELAY_S: Final = 20
"""From when a silent device is back to the check: the devices of a site come back together, and
share a mail."""
_MAX_LINES: Final = 50


class Destination(NamedTuple):
    address: str
    outside: UUID | None = None
    """Of an address outside: its row, which the link to unsubscribe names."""


@dataclass
class HealthDigest:
    """The content of one mail."""

    silent: list[Device] = field(default_factory=list)
    back: list[Device] = field(default_factory=list)


def schedule_health_check() -> None:
    """Called when a silent device reports. One check for all that do within CHECK_DELAY_S."""
    if durable_cache.add("device-health-check-soon", True, timeout=CHECK_DELAY_S):
        hold_s = int(_hold().total_seconds())
        enqueue(jobs.CheckDeviceHealth(), delay_seconds=hold_s + CHECK_DELAY_S)


def check_device_health(*, now: datetime) -> int:
    """Returns how many devices changed their state. Idempotent."""
    changed, listens_since = 0, listening_since(now=now)
    while found := _check_batch(now, listens_since):
        changed += found
        if found < BATCH_SIZE:
            break
    return changed


@transaction.atomic
def _check_batch(now: datetime, listens_since: datetime | None) -> int:
    # The row of a device has the state of the last mail. States and mails are written in one
    # transaction, so each change is mailed once, however often the check runs.
    found = devices_with_changed_health(now=now, listening_since=listens_since, hold=_hold())
    devices = list(found[:BATCH_SIZE])
    by_state: defaultdict[str, list[Device]] = defaultdict(list)
    for device in devices:
        by_state[device.current_health].append(device)  # type: ignore[attr-defined]  # the selector's annotation
    silent = by_state[HealthState.FAIL]
    back = [device for device in by_state[HealthState.OK] if device.last_known_state == HealthState.FAIL]
    for state, changed in by_state.items():
        if changed:
            Device.objects.filter(pk__in=[device.pk for device in changed]).update(
                last_known_state=state, health_changed_on=now
            )
    today = now.astimezone(UTC).date()
    mailed = {device.pk for device in _count_mails([*silent, *back], today)}
    _mail_digests(
        [device for device in silent if device.pk in mailed],
        [device for device in back if device.pk in mailed],
    )
    return len(devices)


def _count_mails(devices: Sequence[Device], today: date) -> list[Device]:
    """Count one more mail about each device; return those that are not beyond the limit of a
    day."""
    limit = settings.HEALTH_MAILS_A_DAY
    mailed = [device for device in devices if not limit or _mails_on(device, today) < limit]
    for device in mailed:
        device.health_mails, device.health_mails_on = _mails_on(device, today) + 1, today
    if mailed:
        Device.objects.filter(pk__in=[device.pk for device in mailed]).update(
            health_mails=Case(When(health_mails_on=today, then=F("health_mails") + 1), default=Value(1)),
            health_mails_on=today,
        )
    return mailed


def _mails_on(device: Device, day: date) -> int:
    return device.health_mails if device.health_mails_on == day else 0


def _hold() -> timedelta:
    """How long a silent device must report before it is back."""
    return timedelta(minutes=settings.HEALTH_HOLD_MINUTES)


def _mail_digests(silent: Sequence[Device], back: Sequence[Device]) -> None:
    """One mail per address, however many devices changed; to an address outside one for each
    organisation, which it can end."""
    digests: defaultdict[Destination, HealthDigest] = defaultdict(HealthDigest)
    destinations_of = _destinations([*silent, *back])
    for device in silent:
        for destination in destinations_of(device):
            digests[destination].silent.append(device)
    for device in back:
        for destination in destinations_of(device):
            digests[destination].back.append(device)
    for destination, each in sorted(
        digests.items(), key=lambda item: (item[0].address, str(item[0].outside))
    ):
        context = {**_context(each), "unsubscribe_link": _unsubscribe_link(destination)}
        mail(to=[destination.address], template="device/health", context=context)


def _unsubscribe_link(destination: Destination) -> str:
    if destination.outside is None:
        return ""
    return f"{site_url()}/recipient/{unsubscribe_token(destination.outside)}/unsubscribe/"


def _destinations(devices: Sequence[Device]) -> Callable[[Device], set[Destination]]:
    """Returns a function from a device to its present addresses: people who have left get no
    mail, nor does an address outside
    whose owner has not confirmed.
    """
    named = {text for device in devices for text in device.notification_recipients}
    orgs = {device.org_id for device in devices if device.org_id is not None}
    people = addressees_in(orgs) if named else []
    outside = outside_recipients_in(orgs) if any(text.startswith("email:") for text in named) else {}
    staff = addresses_of_staff() if "staff:all" in named else []
    by_org: defaultdict[UUID, list[Addressee]] = defaultdict(list)
    for person in people:
        by_org[person.org_id].append(person)

    def destinations_of(device: Device) -> set[Destination]:
        if device.org_id is None:
            return set()
        members = by_org[device.org_id]
        inside = {mailbox(person.address) for person in members}
        found = set()
        for text in device.notification_recipients:
            for address in map(mailbox, _addresses_of_recipient(text, members, staff)):
                row = outside.get((device.org_id, address))
                if address in inside or not text.startswith("email:"):
                    found.add(Destination(address))
                elif row is not None and row.gets_mail:
                    found.add(Destination(address, row.pk))
        return found

    return destinations_of


def _addresses_of_recipient(text: str, members: Iterable[Addressee], staff: Sequence[str]) -> list[str]:
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


def _context(digest: HealthDigest) -> Mapping[str, str | int]:
    return {
        "silent": len(digest.silent),
        "back": len(digest.back),
        "first": str([*digest.silent, *digest.back][0]),
        "silent_lines": _lines(digest.silent, _silent_text),
        "back_lines": _lines(digest.back, _back_text),
    }


def _lines(devices: Sequence[Device], line: Callable[[Device], str]) -> str:
    lines = [
        f"- {one_line(str(device))} ({device.slug}{_project_text(device)}): {line(device)}{_limit_text(device)}"
        for device in devices[:_MAX_LINES]
    ]
    if len(devices) > _MAX_LINES:
        lines.append(f"- and {len(devices) - _MAX_LINES} more")
    return "\n".join(lines)


def _limit_text(device: Device) -> str:
    """The last mail of a day says so."""
    if not settings.HEALTH_MAILS_A_DAY or device.health_mails < settings.HEALTH_MAILS_A_DAY:
        return ""
    return (
        f"; it falls silent and reports again in turn ({device.health_mails} mails today), so there is no"
        " other mail about it until tomorrow (UTC)"
    )


def _project_text(device: Device) -> str:
    return f", {one_line(device.project.name)}" if device.project is not None else ""


def _silent_text(device: Device) -> str:
    return f"nothing since {_last_report_text(device)}, expected every {_duration_text(device.expected_every_seconds)}"


def _back_text(device: Device) -> str:
    return f"reported at {_last_report_text(device)}"


def _last_report_text(device: Device) -> str:
    heard = device.last_report_on
    return f"{heard.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if heard is not None else "never"


def _duration_text(seconds: int) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
