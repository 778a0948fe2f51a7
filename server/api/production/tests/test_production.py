"""What production lines read with an API key, and what staff store that goes into devices."""

from typing import Any, Final

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.api.tests.programs import program_client
from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.numbers import next_device_number, next_device_numbers
from server.apps.devices.services.production import set_device_key
from server.apps.devices.tests.factories import make_device
from server.core.errors import Forbidden
from server.core.tests.committed import at_once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Scope = OrgApiKey.Scope
DEVICES: Final = "/api/v1/production/device/"
VIRTUAL: Final = f"{DEVICES}create_virtual/"
KEYS: Final = "/api/v1/key/"
SECRET: Final = "the secret of one device, 32 bytes and more"


@pytest.fixture
def keeper(db: None) -> Account:
    return make_account(username="keeper", is_staff=True)


def in_org(org: Org, **more: Any) -> Device:
    return create_device(number=next_device_number(), by=None, org=org, **more)


def key_of(device: Device, **more: Any) -> dict[str, Any]:
    return {"slug": device.slug, "type": "USR", "secret": SECRET, "downloadable": True, **more}


def test_a_production_line_reads_the_devices_of_its_organisation(acme: Org, alice: Account) -> None:
    device = in_org(acme)
    in_org(create_org(name="Other", by=alice))
    make_device()
    line = program_client(acme, Scope.PRODUCTION)

    listed = line.get(DEVICES).json()

    assert [row["slug"] for row in listed["results"]] == [device.slug]
    [shown] = listed["results"]
    assert shown == {
        "id": device.pk,
        "slug": device.slug,
        "gid": device.gid,
        "created_on": shown["created_on"],
        "template": None,
        "sg": None,
        "claimed": False,
    }
    assert line.get(f"{DEVICES}{device.slug}/").json() == shown


def test_a_claimed_device_is_shown_as_claimed(device: Device, acme: Org) -> None:
    shown = program_client(acme, Scope.PRODUCTION).get(f"{DEVICES}{device.slug}/").json()

    assert shown["claimed"] is True
    assert device.sg is not None
    assert shown["sg"] == device.sg.slug


def test_devices_of_others_are_not_there(acme: Org, alice: Account) -> None:
    line = program_client(acme, Scope.PRODUCTION)
    others, nobodys = in_org(create_org(name="Other", by=alice)), make_device()

    for slug in (others.slug, nobodys.slug, "d--ffff", "nonsense", "%00"):
        assert line.get(f"{DEVICES}{slug}/").status_code == 404


def test_no_person_reads_production_not_even_staff(acme: Org, alice: Account, keeper: Account) -> None:
    device = in_org(acme)

    for person in (alice, keeper):
        client = api_client(person)
        assert client.get(f"{DEVICES}?staff=1").status_code == 403
        assert client.get(f"{DEVICES}{device.slug}/?staff=1").status_code == 403
        assert client.post(VIRTUAL, {}, format="json").status_code == 403
    assert APIClient().get(DEVICES).status_code == 401


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope != Scope.PRODUCTION])
def test_a_key_without_the_scope_reads_nothing(acme: Org, scope: OrgApiKey.Scope) -> None:
    assert program_client(acme, scope).get(DEVICES).status_code == 403


def test_keys_need_a_scope_of_their_own(acme: Org, keeper: Account) -> None:
    device = in_org(acme)
    set_device_key(device=device, type="USR", secret=SECRET, downloadable=True, by=keeper)
    set_device_key(device=device, type="SSH", secret="kept here", downloadable=False, by=keeper)

    both = program_client(acme, Scope.PRODUCTION, Scope.PRODUCTION_KEYS)
    one = program_client(acme, Scope.PRODUCTION)

    assert one.get(f"{DEVICES}?keys=1").status_code == 403
    assert one.get(f"{DEVICES}{device.slug}/?keys=1").status_code == 403
    expected = [{"type": "USR", "secret": SECRET}]
    assert both.get(f"{DEVICES}{device.slug}/?keys=1").json()["keys"] == expected
    assert both.get(f"{DEVICES}?keys=1").json()["results"][0]["keys"] == expected
    assert "keys" not in both.get(f"{DEVICES}{device.slug}/").json()


def test_who_read_keys_is_in_the_audit_trail(acme: Org, keeper: Account) -> None:
    device = in_org(acme)
    set_device_key(device=device, type="USR", secret=SECRET, downloadable=True, by=keeper)
    line = program_client(acme, Scope.PRODUCTION, Scope.PRODUCTION_KEYS)

    line.get(f"{DEVICES}{device.slug}/?keys=1")

    row = Change.objects.get(event="read-production-keys")
    assert row.audited
    assert row.ref == OrgApiKey.objects.get().prefix
    assert SECRET not in str(row.details)


def test_the_list_takes_a_constant_number_of_queries(
    acme: Org, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        in_org(acme)
    line = program_client(acme, Scope.PRODUCTION)
    line.get(DEVICES)  # its use is noted, once in a while

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert line.get(DEVICES).json()["count"] == 5


def test_weak_point_13_no_key_is_kept_in_the_clear(keeper: Account) -> None:
    device = make_device()

    answer = api_client(keeper).post(KEYS, key_of(device), format="json")

    assert answer.status_code == 201, answer.content
    assert answer.json() == {"slug": device.slug, "type": "USR", "downloadable": True}
    row = DeviceKey.objects.values().get()
    assert SECRET.encode() not in bytes(row["sealed"])
    assert SECRET not in str(row)
    assert SECRET not in str([*Change.objects.values()])


def test_a_new_key_takes_the_place_of_the_one_before(keeper: Account, acme: Org) -> None:
    device, client = in_org(acme), api_client(keeper)
    for secret in ("first", "second"):
        assert client.post(KEYS, key_of(device, secret=secret), format="json").status_code == 201

    line = program_client(acme, Scope.PRODUCTION, Scope.PRODUCTION_KEYS)

    assert line.get(f"{DEVICES}{device.slug}/?keys=1").json()["keys"] == [{"type": "USR", "secret": "second"}]


def test_only_staff_store_keys(alice: Account, acme: Org) -> None:
    device = in_org(acme)

    assert api_client(alice).post(KEYS, key_of(device), format="json").status_code == 403
    assert program_client(acme, *Scope).post(KEYS, key_of(device), format="json").status_code == 403
    assert api_client(alice).get(KEYS).status_code in {403, 405}
    with pytest.raises(Forbidden):
        set_device_key(device=device, type="USR", secret="x", downloadable=True, by=alice)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "d--ffff-ffff-ffff"}, "slug"),
        ({"slug": "nonsense"}, "slug"),
        ({"slug": 7.5}, "slug"),
        ({"type": "USB"}, "type"),
        ({"secret": ""}, "secret"),
        ({"secret": "a\0b"}, "secret"),
        ({"type": "A-JWT-KEY", "secret": "short"}, "secret"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_a_key_cannot_be_is_named(keeper: Account, change: dict[str, Any], field: str) -> None:
    answer = api_client(keeper).post(KEYS, key_of(make_device(), **change), format="json")

    assert answer.status_code == 400, answer.content
    assert [*answer.json()] == [field]


def test_a_program_makes_a_virtual_device(acme: Org, alice: Account) -> None:
    body = {"org": "acme", "user": alice.slug, "sg": "forwarder-generic-v1-0-0", "qty": 1}

    answer = program_client(acme, Scope.VIRTUAL_DEVICES).post(VIRTUAL, body, format="json")

    assert answer.status_code == 201, answer.content
    [shown] = answer.json()
    device = Device.objects.get(slug=shown["slug"])
    assert (device.org, device.project, device.created_by) == (acme, None, alice)
    assert (shown["sg"], shown["template"], shown["claimed"]) == (body["sg"], "virtual-device-v1-0-0", False)
    assert Change.objects.get(event="create-virtual-device").audited


def test_the_organisation_is_that_of_the_key_unless_it_is_named(acme: Org, alice: Account) -> None:
    body = {"user": alice.slug, "sg": "forwarder-generic-v1-0-0"}

    answer = program_client(acme, Scope.VIRTUAL_DEVICES).post(VIRTUAL, body, format="json")

    assert answer.status_code == 201, answer.content
    assert Device.objects.get(slug=answer.json()[0]["slug"]).org == acme


def test_a_program_neither_names_staff_nor_learns_who_they_are(acme: Org, keeper: Account) -> None:
    body = {"org": "acme", "user": keeper.slug, "sg": "forwarder-generic-v1-0-0", "qty": 1}

    answer = program_client(acme, Scope.VIRTUAL_DEVICES).post(VIRTUAL, body, format="json")

    assert (answer.status_code, list(answer.json())) == (400, ["user"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"org": "elsewhere"}, "org"),
        ({"org": "no-such-org"}, "org"),
        ({"user": "charlie"}, "user"),
        ({"user": "bob"}, "user"),
        ({"user": "nobody"}, "user"),
        ({"sg": "water-meter-v1-4-0"}, "sg"),
        ({"sg": "no-such-graph"}, "sg"),
        ({"qty": 2}, "qty"),
        ({"qty": 0}, "qty"),
        ({"colour": "red"}, "colour"),
    ],
)
@pytest.mark.usefixtures("bob", "charlie")
def test_what_a_virtual_device_cannot_be_is_named(acme: Org, change: dict[str, Any], field: str) -> None:
    body = {"org": "acme", "user": "alice", "sg": "edge-v1-0-0", **change}

    answer = program_client(acme, Scope.VIRTUAL_DEVICES).post(VIRTUAL, body, format="json")

    assert answer.status_code == 400, answer.content
    assert [*answer.json()] == [field]
    assert not Device.objects.exists()


def test_other_scopes_make_no_virtual_device(acme: Org) -> None:
    body = {"org": "acme", "user": "alice", "sg": "edge-v1-0-0"}
    line = program_client(acme, *[scope for scope in Scope if scope != Scope.VIRTUAL_DEVICES])

    assert line.post(VIRTUAL, body, format="json").status_code == 403


def test_weak_point_29_two_at_once_never_get_the_same_number() -> None:
    drawn = at_once(*[lambda: next_device_numbers(20)] * 4)

    numbers = [number for part in drawn for number in part]
    assert len(set(numbers)) == 80


def test_numbers_that_devices_brought_along_are_skipped(db: None) -> None:
    next_free = next_device_number() + 1
    taken = [make_device(number=next_free + offset).pk for offset in (0, 1, 3)]

    given = next_device_numbers(2)

    assert set(given).isdisjoint(taken)
    assert given == sorted(given)
    assert given[0] == next_free + 2
