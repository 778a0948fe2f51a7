"""Device tokens: `a-jwt` is the device, for a while, and never a person."""

import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as configured
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.authentication import authenticate_device_token
from server.apps.devices.services.keys import issue_device_token, revoke_device_tokens
from server.apps.devices.services.moving import enter_other_project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.tests.factories import make_claimed_device
from server.core import credentials
from server.core.errors import Conflict, Forbidden

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

API = "/api/v1/"


def key_of(user: Account, device: Device, query: str = "?type=a-jwt") -> Any:
    return api_client(user).get(f"{API}device/{device.slug}/key/{query}")


def as_token(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"a-jwt {token}")
    return client


def token_of(device: Device, by: Account) -> str:
    return str(key_of(by, device).json()["key"])


def operator(org: Org) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=Role.OPERATOR)
    return user


def test_weak_point_1_a_device_token_is_no_person(device: Device, alice: Account, bob: Account) -> None:
    client = as_token(token_of(device, bob))

    for path in ("auth/user-info/", "account/", "org/", "project/", "device/", f"org/{device.org}/"):
        assert client.get(f"{API}{path}").status_code in {401, 403, 404}, path
    assert client.get(f"{API}device/{device.slug}/key/?type=a-jwt").status_code in {401, 403}
    assert client.patch(f"{API}device/{device.slug}/", {"label": "mine"}, format="json").status_code in {
        401,
        403,
    }


def test_weak_point_1_a_device_token_sees_its_device_only(
    device: Device, project: Project, alice: Account
) -> None:
    other = make_claimed_device(project=project)
    client = as_token(token_of(device, alice))

    assert client.get(f"{API}device/{device.slug}/").json()["id"] == device.pk
    assert client.get(f"{API}device/{other.slug}/").status_code == 404
    assert client.get(f"{API}device/d--00ff-ffff/").status_code == 404


def test_a_device_token_sees_its_acknowledgements(device: Device, alice: Account) -> None:
    answer = as_token(token_of(device, alice)).get(f"{API}streamer/")

    assert (answer.status_code, answer.json()["count"]) == (200, 0)


def test_weak_point_1_a_device_token_says_nothing_of_who_asked_for_it(device: Device, alice: Account) -> None:
    claims = jwt.decode(token_of(device, alice), options={"verify_signature": False})

    assert set(claims) == {"device", "project", "iat", "exp", "scope", "by"}
    assert credentials.unseal(claims["by"].encode()) == str(alice.pk).encode()
    assert (claims["device"], claims["project"]) == (device.slug, str(device.project_id))
    assert claims["exp"] - claims["iat"] == 90 * 24 * 3600


def test_who_may_not_read_data_gets_a_token_that_only_writes(device: Device, acme: Org, bob: Account) -> None:
    writes, reads = (token_of(device, user) for user in (operator(acme), bob))

    for token, may_read in ((writes, False), (reads, True)):
        caller = authenticate_device_token(token)
        assert caller is not None
        assert (caller.device, caller.may_read) == (device, may_read)


def test_who_may_not_bring_data_gets_no_token(device: Device, bob: Account) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    assert key_of(bob, device).status_code == 403
    with pytest.raises(Forbidden):
        issue_device_token(device=device, by=bob)


def test_strangers_get_no_token(device: Device, charlie: Account) -> None:
    assert key_of(charlie, device).status_code == 404


def test_weak_point_1_a_device_token_expires(device: Device, alice: Account) -> None:
    now = timezone.now()
    ended = issue_device_token(device=device, by=alice, now=now - timedelta(days=90, seconds=5))
    nearly = issue_device_token(device=device, by=alice, now=now - timedelta(days=89))

    assert authenticate_device_token(ended) is None
    assert authenticate_device_token(nearly) is not None


def test_weak_point_1_a_device_token_ends_when_the_device_is_unclaimed(
    device: Device, alice: Account
) -> None:
    token = token_of(device, alice)

    Device.objects.filter(pk=device.pk).update(project=None)

    assert as_token(token).get(f"{API}device/{device.slug}/").status_code == 401


def test_weak_point_1_a_device_token_ends_with_a_move_and_stays_ended(
    device: Device, project: Project, acme: Org, alice: Account
) -> None:
    token = token_of(device, alice)

    enter_other_project(device=device, into=make_project(org=acme), by=alice)
    after_move = authenticate_device_token(token)
    enter_other_project(device=Device.objects.get(pk=device.pk), into=project, by=alice)

    assert (after_move, authenticate_device_token(token)) == (None, None)


def test_weak_point_1_a_device_token_ends_with_its_key(device: Device, alice: Account) -> None:
    token = token_of(device, alice)

    revoke_device_tokens(device=device)

    assert authenticate_device_token(token) is None
    assert authenticate_device_token(token_of(device, alice)) is not None


def test_a_device_token_ends_when_the_device_is_switched_off(device: Device, alice: Account) -> None:
    token = token_of(device, alice)

    Device.objects.filter(pk=device.pk).update(active=False)

    assert authenticate_device_token(token) is None


def test_weak_point_1_the_token_of_one_device_does_not_speak_for_another(
    device: Device, project: Project, alice: Account
) -> None:
    other = make_claimed_device(project=project)
    token_of(other, alice)
    claims = jwt.decode(token_of(device, alice), options={"verify_signature": False})
    secret = credentials.unseal(bytes(DeviceKey.objects.get(device=device, kind=DeviceKey.Kind.A_JWT).sealed))
    forged = {
        "for another device": jwt.encode({**claims, "device": other.slug}, secret, algorithm="HS256"),
        "of another project": jwt.encode({**claims, "project": str(uuid.uuid4())}, secret, algorithm="HS256"),
        "without a signature": jwt.encode(claims, "", algorithm="none"),
        "without an end": jwt.encode({**claims, "exp": None}, "x" * 32, algorithm="HS256"),
        "by another key": jwt.encode(claims, "x" * 32, algorithm="HS256"),
        "of no device": jwt.encode({**claims, "device": 5}, secret, algorithm="HS256"),
        "of no words": "a.b.c",
        "of one word": "token",
    }

    assert {how: authenticate_device_token(token) for how, token in forged.items()} == dict.fromkeys(forged)
    for token in forged.values():
        assert as_token(token).get(f"{API}device/{other.slug}/").status_code == 401


def test_two_tokens_of_a_device_both_work(device: Device, alice: Account, bob: Account) -> None:
    first, second = token_of(device, alice), token_of(device, bob)

    assert authenticate_device_token(first) is not None
    assert authenticate_device_token(second) is not None


def test_a_device_that_is_off_or_in_no_project_has_no_token(device: Device, alice: Account) -> None:
    Device.objects.filter(pk=device.pk).update(active=False)
    off = key_of(alice, device)
    Device.objects.filter(pk=device.pk).update(active=True, project=None)
    unclaimed = key_of(alice, device)

    for answer in (off, unclaimed):
        assert (answer.status_code, answer.json()) == (403, {"msg": "No key available"})
    with pytest.raises(Conflict):
        issue_device_token(device=Device.objects.get(pk=device.pk), by=alice)


def test_a_token_is_in_the_audit_trail_without_its_text(device: Device, alice: Account) -> None:
    token = token_of(device, alice)

    change = Change.objects.get(event="issue-device-token")
    assert (change.by, change.ref, change.audited) == (alice, device.slug, True)
    assert token not in str(change.details)


def test_the_secret_of_tokens_is_sealed(device: Device, alice: Account) -> None:
    token = token_of(device, alice)

    key = DeviceKey.objects.get(device=device, kind=DeviceKey.Kind.A_JWT)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, bytes(key.sealed)[:32].ljust(32), algorithms=["HS256"])
    assert key.digest == ""


def make_key(device: Device, kind: DeviceKey.Kind, *, downloadable: bool = True) -> None:
    DeviceKey.objects.create(
        device=device, kind=kind, sealed=credentials.seal(b"s3cret"), downloadable=downloadable
    )


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("X-API-KEY", DeviceKey.Kind.X_API),
        ("MQTT", DeviceKey.Kind.MQTT),
        ("SSH", DeviceKey.Kind.SSH),
        ("USR", DeviceKey.Kind.USER),
    ],
)
def test_keys_from_the_factory_are_given_out(
    device: Device, bob: Account, type_: str, kind: DeviceKey.Kind
) -> None:
    make_key(device, kind)

    answer = key_of(bob, device, f"?type={type_}")

    assert answer.json() == {"key": "s3cret"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert Change.objects.get(event="read-device-key").audited


def test_keys_from_the_factory_are_for_those_who_may_change_the_device(device: Device, acme: Org) -> None:
    make_key(device, DeviceKey.Kind.MQTT)

    answer = key_of(operator(acme), device, "?type=MQTT")

    assert answer.status_code == 403
    assert "s3cret" not in str(answer.content)


@pytest.mark.parametrize("type_", ["MQTT", "SSH", "A-JWT-KEY", "UPL", "CLM", "RUK", "nonsense", "%00"])
def test_what_is_not_meant_to_be_given_out_is_not(device: Device, alice: Account, type_: str) -> None:
    make_key(device, DeviceKey.Kind.MQTT, downloadable=False)
    for kind in (DeviceKey.Kind.REPORT_USER, DeviceKey.Kind.UPLOAD, DeviceKey.Kind.CLAIM):
        make_key(device, kind)

    answer = key_of(alice, device, f"?type={type_}")

    assert (answer.status_code, answer.json()) == (403, {"msg": "No key available"})


@pytest.mark.parametrize("query", ["", "?type=", "?type=%20"])
def test_a_key_without_a_type_is_asked_for_in_vain(device: Device, alice: Account, query: str) -> None:
    answer = key_of(alice, device, query)

    assert answer.status_code == 400
    assert list(answer.json()) == ["type"]


def test_a_device_token_ends_with_the_membership_of_whoever_took_it(
    device: Device, alice: Account, bob: Account
) -> None:
    of_bob, of_alice = token_of(device, bob), token_of(device, alice)

    api_client(alice).delete("/api/v1/org/acme/members/bob/")

    assert as_token(of_bob).get(f"{API}device/{device.slug}/").status_code == 401
    assert authenticate_device_token(of_alice) is not None


def test_a_device_token_ends_with_the_permission_of_whoever_took_it(device: Device, bob: Account) -> None:
    token = token_of(device, bob)
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_create_stream_data"] = False
    membership.save(update_fields=["permissions"])

    assert authenticate_device_token(token) is None


def test_a_device_token_reads_as_long_as_whoever_took_it_may(
    device: Device, alice: Account, bob: Account
) -> None:
    token = token_of(device, bob)

    api_client(alice).patch("/api/v1/org/acme/members/bob/", {"role": Role.OPERATOR}, format="json")

    caller = authenticate_device_token(token)
    assert caller is not None
    assert not caller.may_read


def test_a_device_token_ends_with_the_account_of_whoever_took_it(device: Device, bob: Account) -> None:
    token = token_of(device, bob)

    Account.objects.filter(pk=bob.pk).update(is_active=False)

    assert authenticate_device_token(token) is None


def test_a_device_token_of_staff_ends_when_they_are_staff_no_more(device: Device) -> None:
    staff = make_account(is_staff=True)
    token = str(key_of(staff, device, "?type=a-jwt&staff=1").json()["key"])
    before = authenticate_device_token(token)

    Account.objects.filter(pk=staff.pk).update(is_staff=False)

    assert before is not None
    assert before.may_read
    assert authenticate_device_token(token) is None


def test_a_device_token_of_an_earlier_version_ends_with_whoever_made_its_key(
    device: Device, alice: Account, bob: Account
) -> None:
    claims = jwt.decode(token_of(device, bob), options={"verify_signature": False})
    del claims["by"]
    key = DeviceKey.objects.get(device=device, kind=DeviceKey.Kind.A_JWT)
    earlier = jwt.encode(claims, credentials.unseal(bytes(key.sealed)), algorithm="HS256")
    before = authenticate_device_token(earlier)

    api_client(alice).delete("/api/v1/org/acme/members/bob/")

    assert before is not None
    assert authenticate_device_token(earlier) is None


@pytest.mark.parametrize("by", ["", "7", 7, None, "\ud800", [1]])
def test_a_device_token_that_names_nobody_is_none(device: Device, alice: Account, by: object) -> None:
    claims = jwt.decode(token_of(device, alice), options={"verify_signature": False})
    secret = credentials.unseal(bytes(DeviceKey.objects.get(device=device, kind=DeviceKey.Kind.A_JWT).sealed))

    assert authenticate_device_token(jwt.encode({**claims, "by": by}, secret, algorithm="HS256")) is None


def test_device_tokens_are_issued_as_often_as_the_limit_says(
    device: Device, alice: Account, settings: Settings
) -> None:
    rates = {**configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "key": "3/min"}
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}

    assert [key_of(alice, device).status_code for _ in range(4)] == [200, 200, 200, 429]
