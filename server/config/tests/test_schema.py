"""What the API's documentation has besides fields: who may call an operation, and error
responses."""

from typing import Any

import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.config.docs import rendered_schema
from server.config.operations import operations
from server.config.rights import TABLE
from server.config.schema import NOUNS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/schema/?format=json").json()
    return found


def documented(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][f"/api/v1/{path}"][method.lower()]
    return found


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_client_that_has_the_schema_gets_304(form: str) -> None:
    first = Client().get("/api/schema/", {"format": form})

    second = Client().get("/api/schema/", {"format": form}, headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])


def test_the_two_forms_of_the_schema_have_different_etags() -> None:
    etags = {Client().get("/api/schema/", {"format": form})["ETag"] for form in ("json", "yaml")}

    assert len(etags) == 2


def test_the_schema_is_made_once() -> None:
    Client().get("/api/schema/")
    made_before = rendered_schema.cache_info().misses

    Client().get("/api/schema/", {"lang": "de", "version": "2"})

    assert rendered_schema.cache_info().misses == made_before


def test_an_operation_documents_what_it_needs(document: dict[str, Any]) -> None:
    claim = documented(document, "POST", "device/claim/")

    assert claim["description"].endswith("Needs `can_claim_devices` in the organisation.")


def test_a_device_key_is_named_where_a_device_may_do_something(document: dict[str, Any]) -> None:
    opened = {
        key
        for key in TABLE
        if any("device-key" in scheme for scheme in documented(document, *key).get("security", ()))
    }

    assert opened
    assert opened <= {key for key, right in TABLE.items() if right.device}


def test_an_api_key_is_named_where_it_has_a_scope(document: dict[str, Any]) -> None:
    opened = {
        key
        for key in TABLE
        if any("api-key" in scheme for scheme in documented(document, *key).get("security", ()))
    }

    assert opened == {key for key, right in TABLE.items() if right.scope}


def test_every_operation_is_described_in_a_sentence(document: dict[str, Any]) -> None:
    silent = [str(each) for each in operations() if not _own_words(documented(document, *each.key))]

    assert silent == []


def test_every_noun_has_a_sentence() -> None:
    assert {each.noun for each in operations()} - NOUNS.keys() == set()


def test_an_operation_that_needs_authentication_documents_401(document: dict[str, Any]) -> None:
    devices = documented(document, "GET", "device/")

    assert devices["responses"]["401"]["content"]["application/json"]["schema"]["$ref"].endswith("/Detail")


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", "streamdata"])
@pytest.mark.parametrize("path", ["df/?filter=nonsense&format=msgpack", "stream/none/csv/"])
def test_an_error_is_json_whatever_was_asked_for(alice: Account, path: str) -> None:
    answer = api_client(alice).get(f"/api/v1/{path}")

    assert answer.status_code in {400, 404}
    assert answer.headers["Content-Type"] == "application/json"


def test_a_newcomer_finds_the_first_calls(document: dict[str, Any]) -> None:
    assert "The first calls" in document["info"]["description"]


def _own_words(operation: dict[str, Any]) -> str:
    return str(operation["description"]).rpartition("\n\n")[0]
