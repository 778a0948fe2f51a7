"""The health check of a device: how long it may be silent, and who gets a mail."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import members_among, require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Device
from server.apps.devices.selectors.recipients import outside_addresses
from server.apps.devices.services.recipients import ask_outside_recipients
from server.core.errors import Conflict, Invalid
from server.core.mail.addresses import mail_address

SHORTEST_PERIOD_S: Final = 60
LONGEST_PERIOD_S: Final = 31 * 86_400
MAX_RECIPIENTS: Final = 50
GROUPS: Final = ("org:admin", "org:all")
"""Only staff may add `staff:all`; others may keep it."""


@transaction.atomic
def change_health(
    *,
    device: Device,
    by: Account,
    enabled: bool | None = None,
    period_s: int | None = None,
    recipients: Sequence[str] | None = None,
    staff: bool = False,
) -> None:
    """None leaves a value as it is. An address outside the organisation gets a link first, and
    mails once its owner has confirmed.

    Raises Forbidden without `can_modify_device`, Conflict for a
    device without organisation, Invalid, TooMany.
    """
    if device.org is None:
        raise Conflict("The device is not claimed.")
    require(by, "can_modify_device", device.org, staff=staff)
    changed = []
    if enabled is not None:
        device.health_check_enabled = enabled
        changed.append("health_check_enabled")
    if period_s is not None:
        _check_period(period_s)
        device.expected_every_seconds = period_s
        changed.append("expected_every_seconds")
    if recipients is not None:
        known = ["staff:all"] if staff or "staff:all" in device.notification_recipients else []
        _check_recipients(device.org, recipients, allowed=[*GROUPS, *known])
        device.notification_recipients = list(dict.fromkeys(recipients))
        outside = outside_addresses(device.org, device.notification_recipients)
        ask_outside_recipients(org=device.org, addresses=outside, now=timezone.now())
        changed.append("notification_recipients")
    device.save(update_fields=changed)
    record_change(
        org=device.org, kind="device", ref=device.slug, verb=Verb.CHANGED, event="change-health", by=by
    )


def _check_period(seconds: int) -> None:
    if not SHORTEST_PERIOD_S <= seconds <= LONGEST_PERIOD_S:
        raise Invalid("A period has a minute to 31 days, in seconds.", field="health_check_period")


def _check_recipients(org: Org, recipients: Sequence[str], *, allowed: Sequence[str]) -> None:
    if len(recipients) > MAX_RECIPIENTS:
        raise _no_recipient(f"There can be {MAX_RECIPIENTS} at most.")
    people = {text.removeprefix("user:") for text in recipients if text.startswith("user:")}
    strangers = people - members_among(org, people)
    for text in recipients:
        kind, _, rest = text.partition(":")
        if kind == "email":
            _check_email(rest)
        elif kind == "user" and rest in strangers:
            raise _no_recipient(f"There is no {rest} in the organisation.")
        elif kind != "user" and text not in allowed:
            raise _no_recipient("email:<address>, user:<account>, org:admin or org:all is needed.")


def _check_email(address: str) -> None:
    try:
        mail_address(address, field="notification_recipients")
    except Invalid as error:
        raise _no_recipient(f"{address} is no e-mail address.") from error


def _no_recipient(why: str) -> Invalid:
    return Invalid(why, field="notification_recipients")
