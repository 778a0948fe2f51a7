"""Configuration over REST: its names, the chain of targets, and the secrets in it."""

import json

import pytest

from server.api.tests.json_clients import client_with_role, json_client, staff_client
from server.apps.accounts.models import Account, Org, Role
from server.apps.activity.models import Change
from server.apps.devices.models import ConfigAttribute, ConfigName, Device, Project
from server.apps.streams.models import StreamNote
from server.core.sealed_documents import unseal_document

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ATTRIBUTES = "/api/v1/config/attr/"
SEARCH = "/api/v1/config/attr/search/"
NAMES = "/api/v1/config/name/"
FORWARDER = ":classic:streamer:forwarder:config"
TRIP = ":report:trip_status:config"


def body(target: str, data: object, name: str = TRIP) -> dict[str, object]:
    return {"target": target, "name": name, "data": data}


def test_configuration_is_written_and_read_as_in_the_original_cloud(alice: Account, device: Device) -> None:
    client = json_client(alice)

    first = client.post(ATTRIBUTES, body(device.slug, {"on": True}))
    second = client.post(ATTRIBUTES, body(device.slug, {"on": False}))
    listed = client.get(f"{ATTRIBUTES}?target={device.slug}").json()["results"]

    assert (first.status_code, second.status_code) == (201, 201)
    assert set(first.json()) == {"id", "target", "name", "data", "updated_on"}
    assert first.json()["id"] == second.json()["id"]
    assert listed == [second.json()]
    assert listed[0]["data"] == {"on": False}
    assert client.get(f"{ATTRIBUTES}{listed[0]['id']}/").json() == listed[0]


def test_a_target_may_be_in_upper_case(alice: Account, device: Device) -> None:
    client = json_client(alice)

    written = client.post(ATTRIBUTES, body(device.slug.upper(), {"on": True}))
    listed = client.get(f"{ATTRIBUTES}?target={device.slug.upper()}").json()["results"]

    assert (written.status_code, written.json()["target"]) == (201, device.slug)
    assert listed == [written.json()]


def test_a_target_is_required(alice: Account) -> None:
    client = json_client(alice)

    assert client.get(ATTRIBUTES).json() == {"target": ["This field is required."]}
    assert list(client.get(f"{SEARCH}?target=@alice").json()) == ["name"]
    assert client.get(f"{ATTRIBUTES}?target=x--1").status_code == 400


def test_configuration_is_not_changed_in_place(alice: Account, device: Device) -> None:
    client = json_client(alice)
    made = client.post(ATTRIBUTES, body(device.slug, {"on": True})).json()
    path = f"{ATTRIBUTES}{made['id']}/"

    assert client.put(path, made).status_code == 400
    assert client.patch(path, {"data": {}}).status_code == 400
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_the_search_walks_from_the_device_to_the_user(
    alice: Account, acme: Org, project: Project, device: Device
) -> None:
    client, query = json_client(alice), f"{SEARCH}?target={device.slug}&name={TRIP}"
    assert client.get(query).status_code == 404

    for target in ("@alice", "^acme", project.slug, device.slug):
        client.post(ATTRIBUTES, body(target, {"of": target}))
        assert client.get(query).json()["data"] == {"of": target}
    assert client.get(f"{SEARCH}?target=^acme&name={TRIP}").json()["target"] == "^acme"
    assert client.get(f"{SEARCH}?target={project.slug}&name={TRIP}").json()["target"] == project.slug
    assert client.get(f"{SEARCH}?target={device.slug}&name=:other").status_code == 404


def test_weak_point_7_nobody_writes_the_configuration_of_others(
    alice: Account, bob: Account, charlie: Account, acme: Org, device: Device
) -> None:
    made = json_client(alice).post(ATTRIBUTES, body("^acme", {"api_url": "https://ours"}, FORWARDER)).json()
    path = f"{ATTRIBUTES}{made['id']}/"
    operator, member, stranger = client_with_role(acme, Role.OPERATOR), json_client(bob), json_client(charlie)

    for target in ("^acme", device.slug, device.project.slug if device.project else "", "@alice"):
        stolen = stranger.post(ATTRIBUTES, body(target, {"api_url": "https://evil"}, FORWARDER))
        assert (stolen.status_code, stolen.json()) == (404, {"detail": "Not found."})
        assert stranger.get(f"{ATTRIBUTES}?target={target}").status_code == 404
    assert [stranger.get(path).status_code, stranger.delete(path).status_code] == [404, 404]
    assert stranger.get(f"{SEARCH}?target=^acme&name={FORWARDER}").status_code == 404
    assert member.post(ATTRIBUTES, body("^acme", {}, FORWARDER)).status_code == 403
    assert member.delete(path).status_code == 403
    assert member.post(ATTRIBUTES, body("@alice", {}, FORWARDER)).status_code == 404
    assert operator.post(ATTRIBUTES, body(device.slug, {}, FORWARDER)).status_code == 403
    assert ConfigAttribute.objects.get().data == {"api_url": "https://ours"}


def test_members_configure_devices_and_themselves(bob: Account, device: Device) -> None:
    client = json_client(bob)

    assert client.post(ATTRIBUTES, body(device.slug, {})).status_code == 201
    assert client.post(ATTRIBUTES, body("@bob", [1, 2])).json()["data"] == [1, 2]
    assert not Change.objects.filter(kind="configuration", ref="@bob").exists()


def test_weak_point_13_a_secret_is_sealed_at_rest_and_shown_as_stars(alice: Account, acme: Org) -> None:
    client = json_client(alice)
    data = {
        "enabled": True,
        "api_url": "https://x",
        "api_key": "hush",
        "more": [{"mqttPassword": "hush too"}],
    }

    written = client.post(ATTRIBUTES, body("^acme", data, FORWARDER))
    found = client.get(f"{SEARCH}?target=^acme&name={FORWARDER}")

    kept = ConfigAttribute.objects.get().data
    stars = {**data, "api_key": "********", "more": [{"mqttPassword": "********"}]}
    assert "hush" not in json.dumps(kept)
    assert "hush" not in written.content.decode() + found.content.decode()
    assert (written.json()["data"], found.json()["data"]) == (stars, stars)
    assert unseal_document(kept) == data
    assert "hush" not in str(list(Change.objects.values_list("details", flat=True)))


def test_stars_keep_the_secret_that_is_there_and_stand_for_nothing_else(alice: Account, acme: Org) -> None:
    client = json_client(alice)
    client.post(ATTRIBUTES, body("^acme", {"api_key": "hush", "in": {"token": "t"}}, FORWARDER))

    kept = client.post(ATTRIBUTES, body("^acme", {"api_key": "********", "in": {"token": "u"}}, FORWARDER))
    refused = client.post(ATTRIBUTES, body("^acme", {"password": "********"}, FORWARDER))
    forged = client.post(ATTRIBUTES, body("^acme", {"x": {"$sealed": "x"}}, FORWARDER))

    assert kept.status_code == 201
    assert unseal_document(ConfigAttribute.objects.get().data) == {"api_key": "hush", "in": {"token": "u"}}
    assert (refused.status_code, list(refused.json())) == (400, ["data"])
    assert (forged.status_code, list(forged.json())) == (400, ["data"])


def test_only_a_change_of_a_device_can_write_a_note(alice: Account, acme: Org, device: Device) -> None:
    client = json_client(alice)

    response = client.post(ATTRIBUTES, {**body(device.slug, {"token": "hush"}), "log_as_note": True})
    refused = client.post(ATTRIBUTES, {**body("^acme", {}), "log_as_note": True})

    note = StreamNote.objects.get(target=device.slug)
    assert response.status_code == 201
    assert (TRIP in note.note, "hush" in note.note) == (True, False)
    assert (refused.status_code, list(refused.json())) == (400, ["log_as_note"])
    assert not ConfigAttribute.objects.filter(target="^acme").exists()


@pytest.mark.parametrize("data", [None, {"x": "a\0"}, {"x": "a" * 200_000}])
def test_a_document_that_cannot_be_kept_is_refused(alice: Account, data: object) -> None:
    response = json_client(alice).post(ATTRIBUTES, body("@alice", data))

    assert (response.status_code, list(response.json())) == (400, ["data"])


def test_an_unknown_name_is_refused(alice: Account) -> None:
    response = json_client(alice).post(ATTRIBUTES, body("@alice", {}, ":not:there"))

    assert response.json() == {"name": ["There is no :not:there."]}


def test_everybody_reads_names_and_staff_write_them(alice: Account) -> None:
    client, staff = json_client(alice), staff_client()
    new = {"name": ":a:new:one", "description": "New", "tags": ["a"]}

    refused = client.post(NAMES, new)
    made = staff.post(NAMES, new).json()
    path = f"{NAMES}{made['id']}/"

    assert refused.status_code == 403
    assert made == {"id": made["id"], **new}
    assert client.get(path).json() == made
    assert client.delete(path).status_code == 403
    assert client.patch(path, {"description": "Mine"}).status_code == 403
    assert staff.patch(path, {"description": "Ours"}).json()["description"] == "Ours"
    assert staff.put(path, {"name": TRIP}).status_code == 400
    assert staff.post(NAMES, {"name": "no colon"}).status_code == 400
    assert made["id"] in [name["id"] for name in client.get(f"{NAMES}?page_size=1000").json()["results"]]
    assert staff.delete(path).status_code == 204


def test_a_name_that_is_used_stays(alice: Account) -> None:
    json_client(alice).post(ATTRIBUTES, body("@alice", {}))
    name = ConfigName.objects.get(name=TRIP)

    assert staff_client().delete(f"{NAMES}{name.pk}/").status_code == 400
