"""Requests to servers that users name, guarded against server-side request forgery: a user who
chooses where we post could reach what only we can, such as our databases or the metadata service of
a cloud.

Redirects are not followed, proxies of the environment are not used, responses are read up to a
limit of bytes and of time, and no error quotes a header, a query or the contents of a response.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from django.conf import settings
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from server.core.errors import Invalid
from server.lib.addresses import Address, is_metadata, is_public

CONNECT_TIMEOUT_S: Final = 5.0
SILENCE_TIMEOUT_S: Final = 10.0
TOTAL_TIMEOUT_S: Final = 30.0
MAX_ANSWER_BYTES: Final = 65_536
MAX_URL_LENGTH: Final = 400
_MOST_ADDRESSES: Final = 3
_PORTS: Final = {"http": 80, "https": 443}
_LOWEST_FREE_PORT: Final = (
    1024  # below are mail, remote shells and other services that a body can be made to command
)


class OutboundRefused(Invalid):
    """We do not send anything there."""

    code = "outbound-refused"


class OutboundDown(Exception):
    """The other server could not be reached, or did not answer in time. Not an Unavailable: the
    worker must not treat somebody else's server that is down as an outage of ours.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    """The beginning of the body."""
    retry_after: str

    def retry_after_seconds(self, *, now: datetime) -> int | None:
        """Returns the seconds of its Retry-After header, given as seconds or as a date; None
        without a valid one."""
        if self.retry_after.isdecimal() and len(self.retry_after) < 10:
            return int(self.retry_after)
        try:
            moment = parsedate_to_datetime(self.retry_after)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return None
        return max(0, int((moment - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Destination:
    """A parsed URL. Its `str` is for people and leaves the query out."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as they go into the request."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target.partition('?')[0]}"


def destination(url: str) -> Destination:
    """Parse a URL; whether its address is allowed is checked by `post`. Raises OutboundRefused."""
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        raise OutboundRefused(f"A URL is needed: at most {MAX_URL_LENGTH} plain characters.")
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise OutboundRefused("This is not a URL.") from error
    scheme, host = parsed.scheme or "", (parsed.host or "").strip("[]").rstrip(".")
    if scheme not in _PORTS or not host:
        raise OutboundRefused("The URL must begin with https:// or http:// and name a server.")
    if parsed.auth is not None:
        raise OutboundRefused("The URL must not contain a user name or password.")
    target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query else "")
    return Destination(scheme, host, parsed.port or _PORTS[scheme], target)


def post(to: Destination, *, headers: Mapping[str, str], body: bytes) -> Answer:
    """Raises OutboundRefused for an address that is not allowed, OutboundDown when the server
    cannot be reached."""
    for value in headers.values():
        if not value.isascii() or not value.isprintable():
            raise OutboundRefused("A header has a character that no header may have.")
    deadline_s = time.monotonic() + TOTAL_TIMEOUT_S
    addresses = _allowed_addresses(to)
    with _connect(to, addresses, deadline_s) as sock:
        return _exchange(sock, to, headers, body)


def _allowed_addresses(to: Destination) -> list[Address]:
    """Resolve the name and return the allowed addresses. The caller connects to one of these:
    resolving the name a second time could give another, forbidden address."""
    try:
        found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise OutboundDown("The name of the server is not known.") from error
    addresses = list(dict.fromkeys(ip_address(str(each[4][0])) for each in found))
    allowed = [address for address in addresses if _is_allowed(to, address)]
    if addresses and not allowed:
        raise OutboundRefused(
            "We send to servers of the public internet only, at port 80, 443, or from 1024 on."
        )
    return allowed[:_MOST_ADDRESSES]


def _is_allowed(to: Destination, address: Address) -> bool:
    if is_metadata(address):
        return False  # whatever the setting says: it is too easily opened with the network around it
    rules = _parse_rules(tuple(settings.OUTBOUND_ALLOWED))
    if (to.host, to.port) in rules.hosts_with_port:
        return True
    if to.port < _LOWEST_FREE_PORT and to.port not in _PORTS.values():
        return False
    return to.host in rules.hosts or any(address in each for each in rules.networks) or is_public(address)


@dataclass(frozen=True, slots=True)
class _Rules:
    hosts: frozenset[str]
    hosts_with_port: frozenset[tuple[str, int]]
    networks: tuple[IPv4Network | IPv6Network, ...]


@cache
def _parse_rules(words: tuple[str, ...]) -> _Rules:
    """Parse OUTBOUND_ALLOWED, once: `host`, `host:port` or, with a slash, a network such as
    `10.1.0.0/16`. Raises ValueError."""
    networks = [ip_network(word) for word in words if "/" in word]
    hosts, with_port = set(), set()
    for word in words:
        if "/" in word:
            continue
        named = parse_url(f"http://{word}")
        host = (named.host or "").strip("[]")
        if named.port is None:
            hosts.add(host)
        else:
            with_port.add((host, named.port))
    return _Rules(frozenset(hosts), frozenset(with_port), tuple(networks))


@contextmanager
def _connect(to: Destination, addresses: Sequence[Address], deadline_s: float) -> Iterator[socket.socket]:
    """A connection that is closed at the deadline, however slowly the other side sends."""
    plain = _connect_to_any(to, addresses)
    guard = plain.dup()  # TLS takes over the socket; this duplicate can still close the connection
    timed_out = threading.Event()
    clock = threading.Timer(max(0.0, deadline_s - time.monotonic()), _close_at_deadline, [guard, timed_out])
    clock.daemon = True
    clock.start()
    sock = plain
    try:
        plain.settimeout(SILENCE_TIMEOUT_S)
        if to.scheme == "https":
            sock = _trusted_context().wrap_socket(plain, server_hostname=to.host)
        yield sock
        if timed_out.is_set():  # a response that was cut off may look complete
            raise TimeoutError
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        # A library's error may quote what was sent, so only its kind is passed on.
        failure = TimeoutError() if timed_out.is_set() else error
        raise OutboundDown(f"The connection failed: {_describe(failure)}.") from None
    finally:
        clock.cancel()
        for each in (sock, plain, guard):
            each.close()


def _connect_to_any(to: Destination, addresses: Sequence[Address]) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), to.port), timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            failure = error
    raise OutboundDown(f"The server cannot be reached: {_describe(failure)}.")


def _close_at_deadline(guard: socket.socket, timed_out: threading.Event) -> None:
    timed_out.set()
    with suppress(OSError):  # it is closed already
        guard.shutdown(socket.SHUT_RDWR)


def _describe(error: Exception | None) -> str:
    match error:
        case TimeoutError():
            return "it did not answer in time"
        case ConnectionRefusedError():
            return "connection refused"
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted"
        case ssl.SSLError():
            return "no encrypted connection"
        case _:
            return "connection lost"


@cache
def _trusted_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(sock: socket.socket, to: Destination, headers: Mapping[str, str], body: bytes) -> Answer:
    connection = HTTPConnection(to.host, to.port, timeout=SILENCE_TIMEOUT_S)
    connection.sock = sock
    connection.request(
        "POST",
        to.target,
        body=body,
        headers={**headers, "Host": to.authority, "Connection": "close", "Accept-Encoding": "identity"},
        preload_content=False,
        decode_content=False,
    )
    response = connection.getresponse()
    beginning = b""
    with suppress(
        OSError, HTTPError, HTTPException
    ):  # the status is enough; the body is only shown to people
        beginning = response.read(MAX_ANSWER_BYTES, decode_content=False) or b""
    return Answer(
        response.status,
        beginning.decode("utf-8", "replace"),
        response.headers.get("Retry-After", "").strip(),
    )
