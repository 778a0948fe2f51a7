"""Where a request comes from, in one form for one sender: what limits are counted by."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from django.http import HttpRequest
from rest_framework.settings import api_settings

UNKNOWN: Final = "unknown"
_NETWORK_BITS: Final = 64  # of IPv6: what a provider gives to one customer, who may use any address of it


def client_address(request: HttpRequest) -> str:
    """Returns an IPv4 address, the /64 network of an IPv6 address, or `UNKNOWN`."""
    address = exact_address(request)
    return UNKNOWN if address is None else _sender_of(address)


def exact_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Forwarding headers count only with NUM_PROXIES set: without a proxy any client can send them.
    Where they name no address (`unknown` of Squid, or nonsense), it is the proxy's."""
    own = str(request.META.get("REMOTE_ADDR") or "")
    return _parse(_forwarded_for(request)) or _parse(own)


def normalized(text: str) -> str:
    """Returns the sender that an address with or without port, zone and quotes counts as; "" for
    what is no address."""
    address = _parse(text)
    return "" if address is None else _sender_of(address)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # of IPv4; an IPv6 address without brackets has no port
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return inner or address


def _sender_of(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _NETWORK_BITS), strict=False))


def _forwarded_for(request: HttpRequest) -> str:
    """Returns what the outermost of our proxies saw; everything before it is the sender's word."""
    proxies: int | None = api_settings.NUM_PROXIES
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return hops[-min(proxies, len(hops))] if proxies else ""
