"""Use cases: a device gets its keys. An upload key is hashed, a report key sealed; one valid key
per kind."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.factories import make_org
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.keys import claimable_device, report_keys_of, valid_upload_key
from server.apps.devices.services.authentication import authenticate_upload_key
from server.apps.devices.services.keys import issue_claim_code, issue_upload_key, set_report_key
from server.apps.devices.tests.factories import make_device, make_project, make_sensor_graph
from server.core.errors import Invalid
from server.core.tests.committed import at_once, committed
from server.lib.formats import Keys

__all__ = ["committed"]  # several connections must see the same rows

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Kind = DeviceKey.Kind
ROOT, OTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
def lone(db: None) -> Device:
    return make_device()


def test_an_upload_key_names_its_device(lone: Device) -> None:
    assert authenticate_upload_key(issue_upload_key(device=lone, by=None)) == lone


def test_an_upload_key_brings_what_an_upload_needs_of_its_device(
    lone: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project = make_project()
    graph = make_sensor_graph(org=project.org)
    Device.objects.update(
        project=project, org=project.org, sg=graph, lat="1.5", notification_recipients=["x"]
    )
    keys = [issue_upload_key(device=each, by=None) for each in (lone, make_device())]

    with django_assert_num_queries(2):
        full, bare = (valid_upload_key(key) for key in keys)
        assert full is not None
        assert bare is not None
        found = (full.device.project, full.device.sg)
        assert found == (project, graph)
        assert [getattr(each, "slug", None) for each in found] == [project.slug, graph.slug]
        assert (bare.device.project, bare.device.sg) == (None, None)
    rows = Device.objects.values()
    assert {name: getattr(full.device, name) for name in rows[0]} == rows.get(pk=lone.pk)
    assert getattr(full.device.sg, "ui_extra", None) == graph.ui_extra  # JSON, which is fetched when needed


def test_an_upload_key_is_nowhere_kept(lone: Device) -> None:
    key = issue_upload_key(device=lone, by=None)

    row = DeviceKey.objects.values().get()
    assert key not in str(row)
    assert authenticate_upload_key(row["digest"]) is None


def test_a_new_upload_key_stops_the_one_before(lone: Device) -> None:
    old = issue_upload_key(device=lone, by=None)
    new = issue_upload_key(device=lone, by=None)

    assert authenticate_upload_key(old) is None
    assert authenticate_upload_key(new) == lone


def test_the_keys_of_other_devices_go_on(lone: Device) -> None:
    neighbour = make_device()
    key = issue_upload_key(device=neighbour, by=None)

    issue_upload_key(device=lone, by=None)

    assert authenticate_upload_key(key) == neighbour


def test_a_revoked_upload_key_is_nobodys(lone: Device) -> None:
    key = issue_upload_key(device=lone, by=None)
    DeviceKey.objects.update(revoked_on=timezone.now())

    assert authenticate_upload_key(key) is None


@pytest.mark.parametrize("garbage", ["", "fdk_", "fdk_" + "A" * 43, "ü", "\x00"])
def test_garbage_is_nobodys_key(lone: Device, garbage: str) -> None:
    issue_upload_key(device=lone, by=None)

    assert authenticate_upload_key(garbage) is None


def test_who_made_a_key_is_kept(lone: Device, alice: Account) -> None:
    issue_upload_key(device=lone, by=alice)

    assert DeviceKey.objects.get().created_by == alice


def test_the_last_use_of_a_key_is_recorded_but_not_each_time(lone: Device) -> None:
    key = issue_upload_key(device=lone, by=None)
    authenticate_upload_key(key)
    first = DeviceKey.objects.get().last_used_on

    authenticate_upload_key(key)
    assert first is not None
    assert DeviceKey.objects.get().last_used_on == first

    DeviceKey.objects.update(last_used_on=first - timedelta(hours=1))
    authenticate_upload_key(key)
    used_on = DeviceKey.objects.get().last_used_on
    assert used_on is not None
    assert used_on >= first


def test_two_concurrent_key_requests_both_get_a_key_and_one_of_them_works(lone: Device) -> None:
    issue_upload_key(device=lone, by=None)

    keys = at_once(*[lambda: issue_upload_key(device=lone, by=None)] * 4)

    assert all(isinstance(key, str) for key in keys), keys
    assert sorted(authenticate_upload_key(key) == lone for key in keys) == [False, False, False, True]


def test_a_code_or_key_proves_nothing_of_a_device_that_is_set_aside_for_others(
    lone: Device, acme: Org
) -> None:
    code, key = issue_claim_code(device=lone, by=None), issue_upload_key(device=lone, by=None)
    proofs = [{"claim_code": code}, {"key": key}]
    before = [claimable_device(number=lone.pk, org_id=acme.pk, **proof) for proof in proofs]

    Device.objects.filter(pk=lone.pk).update(org=make_org())

    assert before == [lone, lone]
    assert [claimable_device(number=lone.pk, org_id=acme.pk, **proof) for proof in proofs] == [None, None]


def test_a_report_key_is_kept_sealed_and_comes_back(lone: Device) -> None:
    set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=ROOT, by=None)

    assert ROOT not in bytes(DeviceKey.objects.get().sealed)
    assert report_keys_of(lone.pk) == Keys(user=ROOT, device=None)


def test_a_device_has_a_report_key_of_each_kind(lone: Device) -> None:
    set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=ROOT, by=None)
    set_report_key(device=lone, kind=Kind.REPORT_DEVICE, root_key=OTHER, by=None)
    issue_upload_key(device=lone, by=None)

    assert report_keys_of(lone.pk) == Keys(user=ROOT, device=OTHER)


def test_a_new_report_key_replaces_the_one_of_its_kind(lone: Device) -> None:
    set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=ROOT, by=None)
    set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=OTHER, by=None)

    assert report_keys_of(lone.pk).user == OTHER


def test_a_revoked_report_key_is_not_used(lone: Device) -> None:
    set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=ROOT, by=None)
    DeviceKey.objects.update(revoked_on=timezone.now())

    assert report_keys_of(lone.pk) == Keys()


def test_a_device_without_keys_has_none(acme: Org, lone: Device) -> None:
    assert report_keys_of(lone.pk) == Keys()


@pytest.mark.parametrize("root_key", [b"", bytes(31), bytes(33)])
def test_a_report_key_has_32_bytes(lone: Device, root_key: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        set_report_key(device=lone, kind=Kind.REPORT_USER, root_key=root_key, by=None)

    assert refused.value.field == "root_key"


def test_an_upload_key_is_not_set_but_issued(lone: Device) -> None:
    with pytest.raises(Invalid):
        set_report_key(device=lone, kind=Kind.UPLOAD, root_key=ROOT, by=None)

    assert not DeviceKey.objects.exists()
