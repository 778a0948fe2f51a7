"""The API's documentation: it is complete, and its page works under our Content-Security-Policy."""

import re
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from django.test import Client


@pytest.fixture(scope="module")
def schema() -> str:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return out.getvalue()


def test_the_schema_is_valid_and_made_without_a_warning(schema: str) -> None:
    assert yaml.safe_load(schema)["openapi"].startswith("3.")


def test_the_schema_names_every_way_to_sign_in(schema: str) -> None:
    schemes = yaml.safe_load(schema)["components"]["securitySchemes"]

    of_devices = {"device-key", "device-key-as-password", "device-token"}
    assert set(schemes) == {"jwt", "token", "cookieAuth", "api-key", *of_devices}


def test_the_schema_is_served_to_anyone() -> None:
    response = Client().get("/api/schema/")

    assert response.status_code == 200


def test_the_page_has_no_script_in_it() -> None:
    response = Client().get("/api/docs/")

    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", response.content.decode(), re.S)
    assert response.status_code == 200
    assert scripts
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)


def test_the_page_loads_from_our_server_only() -> None:
    response = Client().get("/api/docs/")

    addresses = re.findall(r'(?:src|href)="([^"]*)"', response.content.decode())
    assert addresses
    assert all(address.startswith(("/static/", "/api/docs/")) for address in addresses)


def test_the_page_may_style_itself_and_nothing_more() -> None:
    policy = Client().get("/api/docs/").headers["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["script-src"] == "'self'"


def test_the_script_of_the_page_is_a_request_of_its_own() -> None:
    address = re.findall(r'src="(/api/docs/[^"]*)"', Client().get("/api/docs/").content.decode())[0]

    response = Client().get(address.replace("&amp;", "&"))

    assert response.headers["Content-Type"].startswith("application/javascript")
