"""Where a request comes from, in one form for one sender: what limits are counted by."""

import ipaddress
from typing import Final

from django.http import HttpRequest
from rest_framework.settings import api_settings

UNKNOWN: Final = "unknown"
_NETWORK_BITS: Final = 64  # of IPv6: what a provider gives to one customer, who may use any address of it


def client_address(request: HttpRequest) -> str:
    """Returns an IPv4 address, the /64 network of an IPv6 address, or `UNKNOWN`.

    Forwarding headers count only with NUM_PROXIES set: without a proxy any client can send them.
    Where they name no address (`unknown` of Squid, or nonsense), it is the proxy's.
    """
    own = normalized(str(request.META.get("REMOTE_ADDR") or ""))
    return normalized(_forwarded_for(request)) or own or UNKNOWN


def normalized(text: str) -> str:
    """Returns the address without port, zone and quotes; "" for what is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # of IPv4; an IPv6 address without brackets has no port
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, _NETWORK_BITS), strict=False))


def _forwarded_for(request: HttpRequest) -> str:
    """Returns what the outermost of our proxies saw; everything before it is the sender's word."""
    proxies: int | None = api_settings.NUM_PROXIES
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return hops[-min(proxies, len(hops))] if proxies else ""
