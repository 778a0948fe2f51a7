"""API keys of an organisation: made, shown once, used, revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.authentication import authenticate_org_key
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_org
from server.apps.activity.models import Change

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
KEYS = "/api/v1/org/acme/apikeys/"
CATALOGUE = "/api/v1/vartype/"


def make(owner: Account, **fields: Any) -> dict[str, Any]:
    body = {"name": "Line 1", "scopes": ["catalogue"], **fields}
    response = api_client(owner).post(KEYS, body, format="json")
    assert response.status_code == 201, response.json()
    made: dict[str, Any] = response.json()
    return made


def with_key(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


def test_a_key_is_shown_once_and_nowhere_kept(alice: Account, acme: Org) -> None:
    made = make(alice)

    prefix, _, secret = made["key"].partition(".")
    assert (len(prefix), len(secret)) == (8, 32)
    listed = api_client(alice).get(KEYS).json()
    assert [key["prefix"] for key in listed] == [prefix]
    assert secret not in str(listed) + str(OrgApiKey.objects.values())
    assert secret not in str(list(Change.objects.values()))


def test_a_key_opens_what_its_scope_is_for_and_no_more(alice: Account, acme: Org) -> None:
    client = with_key(make(alice)["key"])

    assert client.get(CATALOGUE).status_code == 200
    assert client.get("/api/v1/production/device/").status_code == 403
    assert client.get("/api/v1/org/").status_code in {401, 403}


def test_a_key_without_the_scope_is_refused(alice: Account, acme: Org) -> None:
    client = with_key(make(alice, scopes=["upload"])["key"])

    assert client.get(CATALOGUE).status_code in {401, 403}


@pytest.mark.parametrize("key", ["", "x", "abcdefgh." + "0" * 32, "é.é", "a b", "\0"])
def test_what_is_no_key_is_401(acme: Org, key: str) -> None:
    response = with_key(key).get(CATALOGUE)

    assert response.status_code == 401


def test_a_revoked_key_is_401(alice: Account, acme: Org) -> None:
    made = make(alice)

    assert api_client(alice).delete(f"{KEYS}{made['id']}/").status_code == 204

    assert with_key(made["key"]).get(CATALOGUE).status_code == 401


def test_a_key_ends_when_its_time_is_over(alice: Account, acme: Org) -> None:
    made = make(alice, expires_on="2999-01-01T00:00:00Z")
    assert with_key(made["key"]).get(CATALOGUE).status_code == 200

    OrgApiKey.objects.update(expires_on=timezone.now() - timedelta(seconds=1))

    assert with_key(made["key"]).get(CATALOGUE).status_code == 401


def test_its_use_is_recorded_every_five_minutes(alice: Account, acme: Org) -> None:
    made = make(alice)
    before = timezone.now() - timedelta(minutes=4)

    authenticate_org_key(made["key"])
    first = OrgApiKey.objects.get().last_used_on
    OrgApiKey.objects.update(last_used_on=before)
    authenticate_org_key(made["key"])

    assert first is not None
    assert OrgApiKey.objects.get().last_used_on == before


def test_weak_point_19_a_key_is_of_its_organisation_by_value(alice: Account, acme: Org) -> None:
    """The original compared texts by identity: whether a key was let in depended on where its
    organisation's slug was in memory."""
    slug = "-".join(["north", "water"])
    other = make_org(name="North Water", owner=alice)
    _, clear = create_org_api_key(org=other, name="x", scopes=["production"], by=alice)

    bearer = authenticate_org_key("".join(list(clear)))

    assert bearer is not None
    assert bearer.org == Org.objects.get(slug=slug)
    assert bearer.org != acme
    assert authenticate_org_key(clear[:-1] + ("0" if clear[-1] != "0" else "1")) is None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": "catalogue"}, "scopes"),
        ({"name": ""}, "name"),
        ({"expires_on": "2001-01-01T00:00:00Z"}, "expires_on"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_named(alice: Account, acme: Org, fields: dict[str, Any], wrong: str) -> None:
    body = {"name": "Line 1", "scopes": ["catalogue"], **fields}

    response = api_client(alice).post(KEYS, body, format="json")

    assert response.status_code == 400
    assert list(response.json()) == [wrong]


def test_members_neither_see_nor_make_keys(bob: Account) -> None:
    body = {"name": "Mine", "scopes": ["catalogue"]}

    assert api_client(bob).get(KEYS).status_code == 403
    assert api_client(bob).post(KEYS, body, format="json").status_code == 403


def test_a_key_of_another_organisation_is_not_there(alice: Account, acme: Org, charlie: Account) -> None:
    made = make(alice)

    response = api_client(charlie).delete(f"/api/v1/org/elsewhere/apikeys/{made['id']}/")

    assert response.status_code == 404
    assert OrgApiKey.objects.get().revoked_on is None


def test_what_happens_to_keys_is_in_the_audit_trail(alice: Account, acme: Org) -> None:
    made = make(alice)
    api_client(alice).delete(f"{KEYS}{made['id']}/")

    trail = api_client(alice).get("/api/v1/org/acme/audit/").json()

    assert [row["event"] for row in trail["results"][:2]] == ["revoke-api-key", "create-api-key"]
    assert trail["results"][0]["by"] == "alice"


def test_a_new_key_is_stored_nowhere_on_the_way(alice: Account, acme: Org) -> None:
    answer = api_client(alice).post(KEYS, {"name": "Line 1", "scopes": ["catalogue"]}, format="json")

    assert answer.headers["Cache-Control"] == "no-store"


def test_keys_are_made_as_often_as_the_limit_says(alice: Account, acme: Org, settings: Settings) -> None:
    rates = {**configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "key": "2/min"}
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    client = api_client(alice)

    made = [client.post(KEYS, {"name": "A", "scopes": ["catalogue"]}, format="json") for _ in range(3)]

    assert [answer.status_code for answer in made] == [201, 201, 429]
    assert client.get(KEYS).status_code == 200
