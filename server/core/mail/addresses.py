"""Mail addresses that people type."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from server.core.errors import Invalid
from server.lib.mailboxes import mailbox


def mail_address(text: str, *, field: str) -> str:
    """Returns it in the one form in which addresses are stored. Raises Invalid."""
    address = mailbox(text)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid("This is no e-mail address.", field=field) from error
    if not address.isascii():  # its domain is none
        raise Invalid("This is no e-mail address.", field=field)
    return address
