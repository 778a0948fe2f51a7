"""The credential of a board that can set no header: the id of its key is in the address, which is
logged, and the key itself is not."""

import base64
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.request import Request

from server.apps.devices.selectors.keys import DeviceCaller
from server.apps.devices.services.authentication import authenticate_upload_key
from server.core.rest.bodies import MAX_BODY_BYTES
from server.core.rest.json_parser import load_json
from server.lib.named_values import KEY


class AddressedKeyAuthentication(BaseAuthentication):
    """The upload key as `Device-Key`, as the password of HTTP Basic with any user name, or as the
    field `key` of a JSON object or a form of at most 64 KiB. It must be the one that the address
    names."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DeviceCaller] | None:
        key = next(_keys(request), None)
        if key is None:
            return None
        match = request._request.resolver_match
        key_id: uuid.UUID | None = None if match is None else match.kwargs.get("key_id")
        device = authenticate_upload_key(key, key_id=key_id)
        if device is None:
            raise AuthenticationFailed("The device key is not valid, or not the one of this address.")
        return AnonymousUser(), DeviceCaller(device, may_read=False)

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="api"'


def _keys(request: Request) -> Iterator[str]:
    scheme, _, rest = get_authorization_header(request).decode("latin-1").strip().partition(" ")
    if scheme.lower() == "device-key":
        yield rest.strip()
    elif scheme.lower() == "basic":
        yield _password(rest.strip())
    elif not scheme:
        yield from _keys_in_body(request)


def _password(given: str) -> str:
    try:
        pair = base64.b64decode(given, validate=True).decode()
    except ValueError as error:  # of base64, or of UTF-8
        raise AuthenticationFailed("The Basic credential is not a user name and a password.") from error
    return pair.partition(":")[2]


def _keys_in_body(request: Request) -> Iterator[str]:
    """From the bytes: also those who only want to know who asks, and have no parsers, find it."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isdecimal() or int(length[:20]) > MAX_BODY_BYTES:
        return
    fields = _fields(request._request.content_type or "", request._request.body)
    key = fields.get(KEY)
    if isinstance(key, str):
        yield key


def _fields(content_type: str, body: bytes) -> Mapping[str, Any]:
    if content_type == "application/x-www-form-urlencoded":
        try:
            return {name: texts[0] for name, texts in parse_qs(body.decode(), max_num_fields=1000).items()}
        except ValueError:
            return {}
    try:
        document = load_json(body) if content_type == "application/json" else None
    except (ParseError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
