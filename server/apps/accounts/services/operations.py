"""The end of an operation: it is done, and who asked for it gets a mail."""

from collections.abc import Mapping

from server.apps.accounts.selectors.operations import creator_of
from server.apps.activity.services.operations import finish_operation
from server.core.mail.sending import mail


def finish_and_mail(pid: str, message: str, *, template: str, context: Mapping[str, str]) -> None:
    """As part of the work's last transaction."""
    finish_operation(pid, message)
    mail_creator(pid, template=template, context=context)


def mail_creator(pid: str, *, template: str, context: Mapping[str, str]) -> None:
    """Nobody, when the account is gone."""
    by = creator_of(pid)
    if by is not None:
        mail(to=[by.email], template=template, context={**context, "name": by.get_short_name()})
