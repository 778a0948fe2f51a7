"""The end of an operation: it is done, and its creator gets a mail."""

from collections.abc import Mapping

from server.apps.accounts.selectors.operations import creator_of
from server.apps.activity.services.operations import finish_operation
from server.core.mail.sending import mail


def finish_and_mail(pid: str, message: str, *, template: str, context: Mapping[str, str]) -> None:
    """Call it in the work's last transaction."""
    finish_operation(pid, message)
    mail_creator(pid, template=template, context=context)


def mail_creator(pid: str, *, template: str, context: Mapping[str, str]) -> None:
    """No mail when the account is gone."""
    by = creator_of(pid)
    if by is not None:
        mail(to=[by.email], template=template, context={**context, "name": by.get_short_name()})
