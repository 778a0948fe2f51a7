"""Secrets inside JSON documents: sealed at rest, and shown as stars.

A value is secret when the last word of its key is api_key, secret, token or password: `api_key`,
`mqtt-password`, `clientSecret`.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from server.core import credentials
from server.core.errors import Invalid

STARS: Final = "********"

_SEALED: Final = "$sealed"
_SECRET: Final = re.compile(r"(^|[^a-z0-9])(api[_-]?key|secret|token|password)$")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def seal_document(document: Any, before: Any = None) -> Any:
    """Returns the document with its secrets sealed. Stars stand for the secret that `before`, the
    stored document, has there. Raises Invalid for stars without one.
    """
    if isinstance(document, dict):
        if _SEALED in document:
            raise Invalid(f"{_SEALED} cannot be used as a key.", field="data")
        known = before if isinstance(before, dict) else {}
        # Whoever could change an address beside a kept secret would have the secret sent there.
        if _keeps_a_secret(document) and _texts(document) != _texts(known):
            raise Invalid("The secret must be sent again when a text beside it changes.", field="data")
        return {key: _sealed_value(key, value, known.get(key)) for key, value in document.items()}
    if isinstance(document, list):  # items have no names, so stars could take the secret of another item
        return [seal_document(value) for value in document]
    return document


def _keeps_a_secret(document: dict[str, Any]) -> bool:
    return any(value == STARS and is_secret(key) for key, value in document.items())


def _texts(document: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in document.items() if isinstance(value, str) and not is_secret(key)}


def _sealed_value(key: str, value: Any, before: Any) -> Any:
    if not is_secret(key) or value in (None, ""):
        return seal_document(value, before)
    if value != STARS:
        return {_SEALED: credentials.seal(json.dumps(value).encode()).decode()}
    if not _is_sealed(before):
        raise Invalid(f"There is no stored {key} to keep.", field="data")
    return before


def is_secret(key: str) -> bool:
    return _SECRET.search(_HUMP.sub("_", key).lower()) is not None


def mask_secrets(document: Any) -> Any:
    """Returns the document with stars for its secrets."""
    return _with_secrets(document, lambda secret: STARS)


def unseal_document(document: Any) -> Any:
    """Returns the document with its secrets in clear. Raises Unavailable when SEAL_KEY is not the
    key that sealed them."""
    return _with_secrets(document, lambda secret: json.loads(credentials.unseal(secret.encode())))


def reseal_document(document: Any) -> Any:
    """Returns the document with its secrets sealed with the present SEAL_KEY. Raises Unavailable as
    `unseal_document`."""
    return _with_secrets(document, lambda secret: {_SEALED: credentials.reseal(secret.encode()).decode()})


def _with_secrets(document: Any, replace: Callable[[str], Any]) -> Any:
    if _is_sealed(document):
        return replace(document[_SEALED])
    if isinstance(document, dict):
        return {key: _with_secrets(value, replace) for key, value in document.items()}
    if isinstance(document, list):
        return [_with_secrets(value, replace) for value in document]
    return document


def _is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_SEALED}
