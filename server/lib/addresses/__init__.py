"""Which addresses belong to other people's servers on the public internet.

The lists are our own: what `ipaddress` calls global differs between releases of Python. They follow
IANA's registries of special-purpose addresses, and leave out what a registry calls global but no
server can have.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_SPECIAL_V4: Final = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's agent, reached from its machines only
        "169.254.0.0/16",  # link-local, the metadata services of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

_UNICAST_V6: Final = IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, drones
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
)

_METADATA_V4: Final = tuple(
    IPv4Network(each)
    for each in (
        "169.254.0.0/16",  # nearly all clouds
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle
    )
)
_METADATA_V6: Final = tuple(
    IPv6Network(each)
    for each in (
        "fd00:ec2::/32",  # AWS
        "fd20:ce::254/128",  # Google
        "fd00:42::42/128",  # Scaleway
        "fe80::/10",  # link-local
    )
)

_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)
"""The upper half of the interface identifier, before an IPv4 address."""
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_WITH_IPV4_AT_END: Final = (
    *_NAT64,
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0/96"),
    IPv6Network("::ffff:0:0:0/96"),
)


def is_public(address: Address) -> bool:
    """Whether it is a global unicast address. An IPv6 address that leads to an IPv4 address is not:
    whoever has that one can name it."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return (
        address in _UNICAST_V6
        and not any(address in network for network in _SPECIAL_V6)
        and not _is_isatap(address)
    )


def is_metadata(address: Address) -> bool:
    """Whether a machine in a cloud finds its credentials there, also when the address is written
    within an IPv6 address."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _METADATA_V4)
    inner = _embedded_ipv4(address)
    if inner is not None and is_metadata(inner):
        return True
    return any(address in network for network in _METADATA_V6)


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if _is_isatap(address) or any(address in network for network in _WITH_IPV4_AT_END):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo is not None else None)


def _is_isatap(address: IPv6Address) -> bool:
    return int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
