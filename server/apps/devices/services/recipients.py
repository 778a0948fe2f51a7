"""Consent of addresses outside an organisation: asked once by a mail, given by its link, ended by a
link in each mail."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from server.apps.accounts.models import Org
from server.apps.devices.models import OutsideRecipient
from server.apps.devices.selectors.recipients import LINK_LIFETIME, confirmation_token, outside_recipients_in
from server.core.mail.limits import count_mail
from server.core.mail.sending import mail
from server.core.public import site_url


def ask_outside_recipients(*, org: Org, addresses: Sequence[str], now: datetime) -> None:
    """Mail a link to those who were not asked yet, or whose link has expired. Part of the caller's
    transaction. Raises TooMany."""
    known = outside_recipients_in([org.pk])
    for address in addresses:
        row = known.get((org.pk, address)) or OutsideRecipient(org=org, email=address)
        if row._state.adding or row.may_be_asked(expired_before=now - LINK_LIFETIME):
            _ask(row, now)


def _ask(recipient: OutsideRecipient, now: datetime) -> None:
    count_mail(kind="recipient", org_id=recipient.org_id, to=recipient.email)
    recipient.asked_on = now
    recipient.save()
    context: dict[str, str | int] = {
        "org": recipient.org.name,
        "link": f"{site_url()}/recipient/{confirmation_token(recipient)}/",
        "days": LINK_LIFETIME.days,
    }
    mail(to=[recipient.email], template="device/recipient", context=context)


def confirm_recipient(*, recipient: OutsideRecipient) -> None:
    """Also of one who unsubscribed: the owner of the address decides."""
    recipient.confirmed_on, recipient.unsubscribed_on = timezone.now(), None
    recipient.save(update_fields=["confirmed_on", "unsubscribed_on"])


def unsubscribe_recipient(*, recipient: OutsideRecipient) -> None:
    """Of all mails about devices of the organisation. The address is not asked again."""
    recipient.unsubscribed_on = timezone.now()
    recipient.save(update_fields=["unsubscribed_on"])
