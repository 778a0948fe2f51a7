"""Addresses outside an organisation, and the links with which their owners answer."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing

from server.apps.accounts.models import Org
from server.apps.accounts.selectors.addresses import addressees_in
from server.apps.devices.models import Device, OutsideRecipient
from server.lib.mailboxes import mailbox

LINK_LIFETIME: Final = timedelta(days=14)
_CONFIRM: Final = "confirm a recipient"
_UNSUBSCRIBE: Final = "unsubscribe a recipient"


def outside_addresses(org: Org, recipients: Iterable[str]) -> list[str]:
    """Returns the addresses of `email:` recipients that are no member's, in their normal form."""
    named = {mailbox(text.removeprefix("email:")) for text in recipients if text.startswith("email:")}
    if not named:
        return []
    return sorted(named - {mailbox(person.address) for person in addressees_in([org.pk])})


def outside_recipients_in(org_ids: Iterable[UUID]) -> dict[tuple[UUID, str], OutsideRecipient]:
    """By organisation and address in its normal form. One query."""
    found = OutsideRecipient.objects.filter(org__in=list(org_ids))
    return {(each.org_id, mailbox(each.email)): each for each in found}


def recipient_states(device: Device) -> list[tuple[str, str]]:
    """Returns the recipients of a device, each with why it gets no mail, or with ""."""
    if device.org is None:
        return []
    outside = set(outside_addresses(device.org, device.notification_recipients))
    known = outside_recipients_in([device.org.pk])
    states = []
    for text in device.notification_recipients:
        address = mailbox(text.removeprefix("email:"))
        is_outside = text.startswith("email:") and address in outside
        row = known.get((device.org.pk, address))
        states.append((text, _state(row) if is_outside else ""))
    return states


def _state(row: OutsideRecipient | None) -> str:
    if row is not None and row.unsubscribed_on is not None:
        return "unsubscribed"
    return "" if row is not None and row.gets_mail else "not confirmed yet"


def confirmation_token(recipient: OutsideRecipient) -> str:
    return signing.dumps(str(recipient.pk), salt=_CONFIRM)


def unsubscribe_token(recipient_id: UUID) -> str:
    """The same with each mail, and without an end: the oldest mail must still end them."""
    return signing.dumps(str(recipient_id), salt=_UNSUBSCRIBE)


def recipient_to_confirm(token: str) -> OutsideRecipient | None:
    """Returns None for a link that is wrong or older than `LINK_LIFETIME`."""
    return _recipient_of(token, _CONFIRM, max_age=LINK_LIFETIME)


def recipient_to_unsubscribe(token: str) -> OutsideRecipient | None:
    return _recipient_of(token, _UNSUBSCRIBE, max_age=None)


def _recipient_of(token: str, salt: str, *, max_age: timedelta | None) -> OutsideRecipient | None:
    try:
        pk = UUID(signing.loads(token, salt=salt, max_age=max_age))
    except (signing.BadSignature, ValueError):
        return None
    return OutsideRecipient.objects.select_related("org").filter(pk=pk).first()
