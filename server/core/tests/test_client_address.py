"""One sender is one address, whatever a proxy writes beside it."""

import pytest
from django.conf import settings as configured
from django.test import RequestFactory, override_settings

from server.core.client_address import client_address, normalized


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.8", "198.51.100.8"),
        (" 198.51.100.8:40025 ", "198.51.100.8"),
        ("::ffff:198.51.100.8", "198.51.100.8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ('"[2001:db8:1:2::9]"', "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        *(
            (rubbish, "")
            for rubbish in ("", "unknown", "_hidden", "1.2.3", "1:2", "[", "[]:80", "٣.3.3.3", "%")
        ),
    ],
)
def test_an_address_has_one_form(written: str, address: str) -> None:
    assert normalized(written) == address


def address_behind(proxies: int | None, forwarded: str | None, peer: str = "10.0.0.1") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    with override_settings(REST_FRAMEWORK={**configured.REST_FRAMEWORK, "NUM_PROXIES": proxies}):
        return client_address(request)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (None, "198.51.100.8", "10.0.0.1"),
        (0, "198.51.100.8", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "203.0.113.1, 198.51.100.8:99", "198.51.100.8"),
        (2, "203.0.113.1, 198.51.100.8", "203.0.113.1"),
        (3, "203.0.113.1, 198.51.100.8", "203.0.113.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "203.0.113.1, unknown", "10.0.0.1"),
    ],
)
def test_a_header_counts_as_far_as_our_proxies_wrote_it(
    proxies: int | None, forwarded: str | None, address: str
) -> None:
    assert address_behind(proxies, forwarded) == address


def test_a_request_from_nowhere_has_a_place_of_its_own() -> None:
    assert address_behind(1, "unknown", peer="") == "unknown"
