"""`PUBLIC_URL`: what is an address, and what follows from it for requests."""

import pytest
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from server.config.settings.public import PublicUrl, public_url
from server.core.public import PublicHostMiddleware, public_link, site_url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("https://iot.example.com", PublicUrl("https", "iot.example.com", "")),
        ("https://iot.example.com/", PublicUrl("https", "iot.example.com", "")),
        ("https://Example.com:8443/iot/", PublicUrl("https", "example.com:8443", "/iot")),
        ("http://[::1]:8000", PublicUrl("http", "[::1]:8000", "")),
    ],
)
def test_an_address_has_scheme_host_and_path(text: str, found: PublicUrl | None) -> None:
    assert public_url(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "iot.example.com",
        "ftp://iot.example.com",
        "https://",
        "https://user@iot.example.com",
        "https://iot.example.com/?a=1",
        "https://iot.example.com:99999",
        "https://[::1",
    ],
)
def test_anything_else_stops_the_start_with_its_name(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
        public_url(text)


def host_seen(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.build_absolute_uri("/"))


@pytest.mark.parametrize("host", ["iot.example.com", "iot.example.com:6666", "127.0.0.1:8000"])
def test_every_request_counts_as_one_to_the_public_host(settings: Settings, host: str) -> None:
    settings.PUBLIC_HOST, settings.ALLOWED_HOSTS = "iot.example.com", ["iot.example.com", "127.0.0.1"]

    answer = PublicHostMiddleware(host_seen)(RequestFactory().get("/", headers={"Host": host}))

    assert isinstance(answer, HttpResponse)
    assert answer.content == b"http://iot.example.com/"


def test_the_host_of_another_site_is_refused(settings: Settings) -> None:
    settings.PUBLIC_HOST, settings.ALLOWED_HOSTS = "iot.example.com", ["iot.example.com"]

    with pytest.raises(DisallowedHost):
        PublicHostMiddleware(host_seen)(RequestFactory().get("/", headers={"Host": "evil.example"}))


def test_links_in_mails_begin_with_the_public_address(settings: Settings) -> None:
    settings.SITE_ORIGIN, settings.FORCE_SCRIPT_NAME = "https://example.com", "/iot"
    request = RequestFactory().get("/", headers={"Host": "localhost:6666"})
    settings.ALLOWED_HOSTS = ["localhost"]

    assert site_url() == "https://example.com/iot"
    assert public_link(request, "http://localhost:6666/iot/key/") == "https://example.com/iot/key/"
    assert public_link(request, "https://elsewhere.example/") == "https://elsewhere.example/"
