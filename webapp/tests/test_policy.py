"""Headers that keep a page from doing what it should not."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from webapp.context import live_url, site

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def policy(client: Client, path: str = "/", **extra: str) -> dict[str, str]:
    header = client.get(path, headers=extra).headers["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


def test_pages_may_load_nothing_but_our_own_files(as_alice: Client) -> None:
    found = policy(as_alice)

    assert (found["default-src"], found["script-src"], found["style-src"]) == ("'none'", "'self'", "'self'")
    assert (found["connect-src"], found["frame-ancestors"], found["base-uri"]) == (
        "'self'",
        "'none'",
        "'none'",
    )


def test_what_is_no_page_may_load_nothing_at_all(as_alice: Client) -> None:
    assert policy(as_alice, "/api/v1/device/") == {"default-src": "'none'", "frame-ancestors": "'none'"}


def test_live_push_on_another_port_is_allowed_for_the_requested_host(
    as_alice: Client, settings: Settings
) -> None:
    settings.LIVE_URL = ":8001/live/"

    found = policy(as_alice, Host="localhost:8000")

    assert found["connect-src"] == "'self' http://localhost:8001"


def test_who_is_not_signed_in_may_connect_nowhere_else(client: Client, settings: Settings) -> None:
    settings.LIVE_URL = ":8001/live/"

    assert policy(client, "/account/login/")["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("setting", "host", "url"),
    [
        ("/live/", "127.0.0.1:8000", "/live/"),
        (":8001/live/", "127.0.0.1:8000", "http://127.0.0.1:8001/live/"),
        (":8001/live/", "localhost", "http://localhost:8001/live/"),
    ],
)
def test_pages_know_where_live_push_is(settings: Settings, setting: str, host: str, url: str) -> None:
    settings.LIVE_URL = setting
    request = RequestFactory().get("/", headers={"Host": host})

    assert live_url(request) == url
    assert site(request)["product"].live_url == url


def test_live_push_is_found_on_a_numeric_ipv6_address(settings: Settings) -> None:
    settings.LIVE_URL, settings.ALLOWED_HOSTS = ":8001/live/", ["[::1]"]

    assert live_url(RequestFactory().get("/", headers={"Host": "[::1]:8000"})) == "http://[::1]:8001/live/"
