"""The Authorization header: a scheme, compared without case, and one credential."""

from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


def credential(request: Request, *schemes: str) -> str | None:
    """Returns the credential of the Authorization header if its scheme is one of these (lower case), else None."""
    words = get_authorization_header(request).split()
    if not words or words[0].lower().decode("latin-1") not in schemes:
        return None
    if len(words) != 2:
        raise AuthenticationFailed("The Authorization header must be a scheme and one credential.")
    try:
        return words[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise AuthenticationFailed("A credential has ASCII characters only.") from error
