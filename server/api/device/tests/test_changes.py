"""Changing devices over REST, and what follows for their streams."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from server.api.device.serializers.devices import DeviceOutput
from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import (
    Device,
    DeviceState,
    DeviceTemplate,
    DeviceVersion,
    Project,
    Property,
    PropertyType,
)
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.streams.models import StreamId, StreamNote, StreamVariable
from server.apps.streams.tests.factories import make_claimed_device, make_water_meter_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DEVICES = "/api/v1/device/"


def path_of(device: Device) -> str:
    return f"{DEVICES}{device.slug}/"


def patch(user: Account, device: Device, query: str = "", **changes: Any) -> Any:
    return api_client(user).patch(f"{path_of(device)}{query}", changes, format="json")


def member_as(role: Role, org: Org) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=role)
    return user


def test_a_member_changes_what_may_be_changed(device: Device, bob: Account) -> None:
    answer = patch(bob, device, label="Cellar", external_id="K-17", lat="37.5", lon=-122.25, active=False)

    shown, stored = answer.json(), Device.objects.get(pk=device.pk)
    assert answer.status_code == 200
    assert (shown["label"], shown["external_id"], shown["active"]) == ("Cellar", "K-17", False)
    assert (shown["lat"], shown["lon"]) == ("37.500000", "-122.250000")
    assert (stored.label, stored.external_id, stored.active) == ("Cellar", "K-17", False)


def test_clients_put_back_what_they_got(device: Device, bob: Account) -> None:
    client = api_client(bob)
    shown = client.get(path_of(device)).json()

    answer = client.put(path_of(device), {**shown, "label": "Cellar"}, format="json")

    assert answer.status_code == 200
    assert answer.json() == {**shown, "label": "Cellar"}


def test_a_place_is_kept_with_six_decimals(device: Device, bob: Account) -> None:
    answer = patch(bob, device, lat=37.123456789012, lon="-122.12345649")

    assert (answer.json()["lat"], answer.json()["lon"]) == ("37.123457", "-122.123456")


def test_a_place_can_be_removed(device: Device, bob: Account) -> None:
    patch(bob, device, lat=1, lon=1)

    assert patch(bob, device, lat=None, lon=None).json()["lat"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("lat", 91), ("lon", "x"), ("lat", "NaN"), ("lat", "1e99999"), ("lat", "9" * 5000), ("lon", [1])),
        *(("label", "x" * 101), ("label", "\x00"), ("external_id", "x" * 25), ("active", "perhaps")),
        *(("state", "N7"), ("state", "B0"), ("sg", "no-such-graph"), ("sg", "\x00"), ("sg", {"a": 1})),
        *(("project", "p--zz"), ("project", None), ("project", "00000000-0000-4000-8000-000000000000")),
        *(("surprise", 1), ("template", "no-such-template")),
    ],
)
def test_what_cannot_be_is_named(device: Device, alice: Account, field: str, value: Any) -> None:
    answer = patch(alice, device, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize("body", [[], "text", 5, None, [{"label": "x"}]])
def test_a_body_that_is_no_object_is_refused(device: Device, alice: Account, body: Any) -> None:
    assert api_client(alice).patch(path_of(device), body, format="json").status_code in {200, 400}


@pytest.mark.parametrize("role", [Role.OPERATOR])
def test_who_may_not_modify_devices_does_not(device: Device, acme: Org, role: Role) -> None:
    assert patch(member_as(role, acme), device, label="mine").status_code == 403


def test_the_device_of_others_is_not_there(device: Device, charlie: Account) -> None:
    assert patch(charlie, device, label="mine").status_code == 404


def test_the_state_decides_whether_it_is_active(device: Device, bob: Account) -> None:
    off = patch(bob, device, state="N0").json()
    on = patch(bob, device, state="N1").json()

    assert (off["state"], off["active"]) == ("N0", False)
    assert (on["state"], on["active"]) == ("N1", True)


def test_a_busy_device_keeps_its_state(device: Device, bob: Account) -> None:
    Device.objects.filter(pk=device.pk).update(state=DeviceState.RESETTING)

    assert list(patch(bob, device, state="N1").json()) == ["state"]
    assert patch(bob, device, state="B0", label="Cellar").status_code == 200


def test_a_change_is_recorded(device: Device, bob: Account) -> None:
    patch(bob, device, label="Cellar")

    change = Change.objects.get(event="change-device")
    assert (change.ref, change.by, change.details) == (device.slug, bob, {"fields": ["label"]})


def test_what_stays_as_it_is_is_not_recorded(device: Device, bob: Account) -> None:
    patch(bob, device, label=device.label)

    assert not Change.objects.filter(event="change-device").exists()


def test_weak_point_10_a_member_does_not_move_a_device_into_another_company(
    device: Device, bob: Account, charlie: Account
) -> None:
    elsewhere = make_project(org=charlie.orgs.get())

    theirs = patch(bob, device, project=str(elsewhere.pk))
    nobodys = patch(bob, device, project="00000000-0000-4000-8000-000000000000")

    assert (theirs.status_code, nobodys.status_code) == (400, 400)
    assert list(theirs.json()) == list(nobodys.json()) == ["project"]
    assert Device.objects.get(pk=device.pk).project_id == device.project_id


@pytest.mark.parametrize(
    ("here", "there"), [(Role.MEMBER, Role.OWNER), (Role.OWNER, Role.MEMBER), (Role.OPERATOR, Role.OWNER)]
)
def test_weak_point_10_a_move_between_companies_needs_rights_in_both(
    device: Device, acme: Org, charlie: Account, here: Role, there: Role
) -> None:
    elsewhere = make_project(org=charlie.orgs.get())
    dora = member_as(here, acme)
    add_member(org=elsewhere.org, user=dora, role=there)

    answer = patch(dora, device, project=elsewhere.slug)

    assert answer.status_code == 403
    stored = Device.objects.get(pk=device.pk)
    assert (stored.org, stored.project_id, stored.busy) == (acme, device.project_id, False)


def test_with_rights_in_both_a_move_begins(device: Device, acme: Org, charlie: Account) -> None:
    elsewhere = make_project(org=charlie.orgs.get())
    add_member(org=acme, user=charlie, role=Role.ADMIN)

    answer = patch(charlie, device, project=elsewhere.slug)

    assert answer.status_code == 200
    assert answer.json()["busy"] is True


def test_a_device_in_no_project_enters_one_by_being_claimed(
    acme: Org, project: Project, alice: Account
) -> None:
    waiting = make_device()
    Device.objects.filter(pk=waiting.pk).update(org=acme)

    assert list(patch(alice, waiting, project=project.slug).json()) == ["project"]


def test_weak_point_32_a_new_sensor_graph_brings_its_variables_and_streams(
    project: Project, alice: Account
) -> None:
    device = make_claimed_device(project=project)
    StreamId.objects.filter(device=device).delete()
    StreamVariable.objects.filter(project=project).delete()
    graph = make_water_meter_graph(project=project)

    answer = patch(alice, device, sg=graph.slug)

    assert answer.json()["sg"] == graph.slug
    assert StreamVariable.objects.get(project=project).lid == 0x5001
    assert StreamId.objects.get(device=device).project == project
    assert Change.objects.get(event="change-device").audited


def test_streams_that_are_there_stay_with_a_new_sensor_graph(project: Project, alice: Account) -> None:
    device = make_claimed_device(project=project)
    before = StreamId.objects.get(device=device)

    patch(alice, device, sg=make_water_meter_graph(project=project).slug)

    assert StreamId.objects.get(device=device) == before


def test_the_sensor_graph_of_others_is_as_one_that_is_not_there(
    device: Device, charlie: Account, alice: Account
) -> None:
    graph = make_water_meter_graph(project=make_project(org=charlie.orgs.get()))

    answer = patch(alice, device, sg=graph.slug)

    assert answer.json() == {"sg": [f"There is no {graph.slug}."]}
    assert Device.objects.get(pk=device.pk).sg_id == device.sg_id


def test_a_template_is_changed_by_staff_that_asks_as_staff(device: Device, alice: Account) -> None:
    template = DeviceTemplate.objects.create(external_sku="Gauge", slug="gauge-v1-0-0")
    staff = make_account(is_staff=True)

    refused = patch(alice, device, template=template.slug)
    not_asking = patch(staff, device, template=template.slug)
    done = patch(staff, device, "?staff=1", template=template.slug)

    assert (refused.status_code, not_asking.status_code) == (403, 404)
    assert (done.status_code, done.json()["template"]) == (200, template.slug)


def test_devices_are_made_by_staff_that_asks_as_staff(alice: Account, acme: Org, project: Project) -> None:
    staff = make_account(is_staff=True)
    graph = make_water_meter_graph(project=project)
    body = {"id": 0x9999, "sg": graph.slug, "label": "New", "external_id": "K-1", "org": acme.slug}

    refused = [
        api_client(alice).post(f"{DEVICES}?staff=1", body, format="json").status_code,
        api_client(staff).post(DEVICES, body, format="json").status_code,
    ]
    done = api_client(staff).post(f"{DEVICES}?staff=1", body, format="json")
    again = api_client(staff).post(f"{DEVICES}?staff=1", body, format="json")

    assert refused == [403, 403]
    assert done.status_code == 201
    assert (done.json()["slug"], done.json()["sg"]) == ("d--0000-0000-0000-9999", graph.slug)
    assert (again.status_code, list(again.json())) == (400, ["id"])


def test_a_device_without_a_number_gets_the_next(db: None) -> None:
    client = api_client(make_account(is_staff=True))

    numbers = [client.post(f"{DEVICES}?staff=1", {}, format="json").json()["id"] for _ in range(2)]

    assert numbers[0] < numbers[1]


def test_devices_are_removed_by_staff_when_they_are_nobodys(device: Device, alice: Account) -> None:
    staff, spare = make_account(is_staff=True), make_device()

    refused = api_client(alice).delete(f"{path_of(device)}?staff=1")
    claimed = api_client(staff).delete(f"{path_of(device)}?staff=1")
    done = api_client(staff).delete(f"{path_of(spare)}?staff=1")
    Device.objects.filter(pk=device.pk).update(project=None)
    with_data = api_client(staff).delete(f"{path_of(device)}?staff=1")

    codes = [answer.status_code for answer in (refused, claimed, done, with_data)]
    assert codes == [403, 400, 204, 400]
    assert list(Device.objects.all()) == [device]


def test_staff_see_what_is_theirs_until_they_ask_as_staff(device: Device) -> None:
    client = api_client(make_account(is_staff=True))

    assert client.get(DEVICES).json()["count"] == 0
    assert client.get(path_of(device)).status_code == 404
    assert client.get(f"{DEVICES}?staff=1").json()["count"] == 1
    assert client.get(f"{path_of(device)}?staff=1").status_code == 200


def test_an_upgrade_is_recorded_as_a_note(device: Device, bob: Account, acme: Org) -> None:
    client = api_client(bob)

    answer = client.post(f"{path_of(device)}upgrade/", {"firmware": "1.4.2"}, format="json")
    operators = api_client(member_as(Role.OPERATOR, acme)).post(
        f"{path_of(device)}upgrade/", {"firmware": "1"}, format="json"
    )

    assert (answer.status_code, set(answer.json()), answer.json()["slug"]) == (
        202,
        {"slug", "msg"},
        device.slug,
    )
    assert "1.4.2" in StreamNote.objects.get(target=device.slug).note
    assert operators.status_code == 403


def test_the_present_version_of_each_type_is_shown(device: Device, bob: Account) -> None:
    for minor, day in ((1, 3), (2, 9), (0, 5)):
        DeviceVersion.objects.create(
            device=device,
            type="os",
            tag=1024,
            major_version=1,
            minor_version=minor,
            updated_ts=datetime(2026, 1, day, tzinfo=UTC),
        )

    shown = api_client(bob).get(f"{path_of(device)}versions/").json()

    assert shown == [
        {
            "type": "os",
            "tag": 1024,
            "version": "1.2",
            "streamer_local_id": 1,
            "updated_ts": "2026-01-09T00:00:00Z",
        }
    ]


def has(device: Device, org: Org, name: str, text: str, type_: str = PropertyType.STR) -> None:
    Property.objects.create(org=org, target=device.slug, name=name, text=text, type=type_)


def found(user: Account, query: str) -> set[str]:
    answer = api_client(user).get(f"{DEVICES}?{query}")
    assert answer.status_code == 200, answer.content
    return {row["slug"] for row in answer.json()["results"]}


def test_weak_point_30_devices_are_found_by_their_properties(
    project: Project, acme: Org, bob: Account
) -> None:
    blue, red, plain = (make_claimed_device(project=project) for _ in range(3))
    has(blue, acme, "Colour", "blue")
    has(red, acme, "Colour", "red")
    has(red, acme, "Size", "12", PropertyType.INT)
    has(blue, acme, "Wet", "True", PropertyType.BOOL)
    has(blue, acme, "a__b", "c")

    assert found(bob, "property=Colour") == {blue.slug, red.slug}
    assert found(bob, "property=Colour__red") == {red.slug}
    assert found(bob, "property=Size__12") == {red.slug}
    assert found(bob, "property=Wet__true") == {blue.slug}
    assert found(bob, "property=a__b") == {blue.slug}
    assert found(bob, "property=Nothing") == set()
    assert found(bob, "property=") == {blue.slug, red.slug, plain.slug}


def test_who_may_not_read_properties_finds_nothing_by_them(device: Device, acme: Org) -> None:
    has(device, acme, "Colour", "blue")

    assert found(member_as(Role.OPERATOR, acme), "property=Colour") == set()


def test_weak_point_30_claimed_means_what_it_says(device: Device, acme: Org, bob: Account) -> None:
    waiting = make_device()
    Device.objects.filter(pk=waiting.pk).update(org=acme)

    assert found(bob, "claimed=0") == {waiting.slug}
    assert found(bob, "claimed=1") == {device.slug}


def test_a_row_of_the_list_is_what_the_device_itself_shows(device: Device, acme: Org, alice: Account) -> None:
    bare = make_device()
    Device.objects.filter(pk=bare.pk).update(
        org=acme, state=DeviceState.ARCHIVING, lat="1.5", lon="-0.000001"
    )
    client = api_client(alice)

    rows = client.get(DEVICES).json()["results"]

    assert rows == [client.get(path_of(one)).json() for one in (device, bare)]
    assert list(rows[0]) == list(DeviceOutput(device).data)


def test_the_list_takes_as_many_queries_however_long(
    project: Project, alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        make_claimed_device(project=project)
    client = api_client(alice)

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert client.get(f"{DEVICES}?page_size=1000").json()["count"] == 8
