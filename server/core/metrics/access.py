"""Who may read `/metrics`: callers with the token, and callers from an allowed network. Not the
public."""

import hmac
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from django.conf import settings

FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
Networks = tuple[IPv4Network | IPv6Network, ...]


def may_read(*, address: str, headers: Mapping[str, str]) -> bool:
    """A request that came through a proxy needs the token: the proxy's address says nothing about
    the caller."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _is_valid_token(token.strip()):
        return True
    return not any(name in headers for name in FORWARDED) and _is_allowed(address)


def _is_valid_token(token: str) -> bool:
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and hmac.compare_digest(token.encode(errors="replace"), expected.encode())


def _is_allowed(address: str) -> bool:
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return any(client in network for network in _networks(tuple(settings.METRICS_ALLOWED)))


@cache
def _networks(words: tuple[str, ...]) -> Networks:
    return tuple(ip_network(word) for word in words)
