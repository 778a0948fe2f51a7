"""Stream aliases and taps over REST."""

import pytest

from server.api.tests.json_clients import json_client
from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import StreamAlias, StreamAliasTap, StreamId
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ALIASES = "/api/v1/alias/"
TAPS = "/api/v1/tap/"
NOON = "2026-03-01T12:00:00Z"
ONE = "2026-03-01T13:00:00Z"


def stream_of(device: Device) -> str:
    return StreamId.objects.get(device=device).slug


def test_an_alias_has_its_id_in_its_slug(alice: Account, acme: Org) -> None:
    client = json_client(alice)

    made = client.post(ALIASES, {"name": "Line 1", "org": "acme"})
    shown = made.json()

    assert made.status_code == 201
    assert set(shown) == {"id", "slug", "gid", "name", "org", "created_on", "created_by"}
    assert shown["slug"].startswith("a--0000-0000-")
    assert int(shown["gid"].replace("-", ""), 16) == shown["id"]
    assert shown["gid"] == shown["slug"][3:]
    assert (shown["org"], shown["created_by"]) == ("acme", "alice")
    assert client.get(f"{ALIASES}{shown['slug']}/").json() == shown
    assert client.get(f"{ALIASES}?org=acme").json()["results"] == [shown]
    assert client.get(f"{ALIASES}?org=elsewhere").json()["count"] == 0


def test_an_alias_changes_its_name_only_and_goes_with_its_taps(alice: Account, device: Device) -> None:
    client = json_client(alice)
    alias = client.post(ALIASES, {"name": "Line 1", "org": "acme"}).json()
    client.post(TAPS, {"alias": alias["slug"], "timestamp": NOON, "stream": stream_of(device)})
    path = f"{ALIASES}{alias['slug']}/"

    changed = client.put(path, {**alias, "name": "Line 2"})
    moved = client.patch(path, {"org": "elsewhere"})

    assert changed.json() == {**alias, "name": "Line 2"}
    assert (moved.status_code, list(moved.json())) == (400, ["org"])
    assert client.delete(path).status_code == 204
    assert not StreamAliasTap.objects.exists()
    assert client.get(path).status_code == 404


def test_members_read_aliases_and_do_not_write_them(alice: Account, bob: Account, device: Device) -> None:
    alias = json_client(alice).post(ALIASES, {"name": "Line 1", "org": "acme"}).json()
    tap = (
        json_client(alice)
        .post(TAPS, {"alias": alias["slug"], "timestamp": NOON, "stream": stream_of(device)})
        .json()
    )
    client = json_client(bob)

    assert client.get(f"{ALIASES}{alias['slug']}/").json() == alias
    assert client.get(f"{TAPS}{tap['id']}/").json() == tap
    refused = [
        client.post(ALIASES, {"name": "Line 2", "org": "acme"}),
        client.patch(f"{ALIASES}{alias['slug']}/", {"name": "Mine"}),
        client.delete(f"{ALIASES}{alias['slug']}/"),
        client.post(TAPS, {"alias": alias["slug"], "timestamp": ONE, "stream": stream_of(device)}),
        client.patch(f"{TAPS}{tap['id']}/", {"timestamp": ONE}),
        client.delete(f"{TAPS}{tap['id']}/"),
    ]
    assert [response.status_code for response in refused] == [403] * 6


def test_the_aliases_of_others_are_not_there(alice: Account, charlie: Account, device: Device) -> None:
    alias = json_client(alice).post(ALIASES, {"name": "Line 1", "org": "acme"}).json()
    tap = (
        json_client(alice)
        .post(TAPS, {"alias": alias["slug"], "timestamp": NOON, "stream": stream_of(device)})
        .json()
    )
    client = json_client(charlie)

    assert client.get(ALIASES).json()["count"] == client.get(TAPS).json()["count"] == 0
    for path in (f"{ALIASES}{alias['slug']}/", f"{TAPS}{tap['id']}/", f"{ALIASES}a--1/", f"{TAPS}x/"):
        assert client.get(path).status_code == 404
        assert client.patch(path, {}).status_code == 404
        assert client.delete(path).status_code == 404
    foreign = client.post(ALIASES, {"name": "Line 1", "org": "acme"})
    assert foreign.json() == {"org": ["There is no acme."]}
    assert StreamAlias.objects.count() == 1


def test_a_tap_takes_streams_of_its_organisation_only(
    alice: Account, charlie: Account, device: Device, project: Project
) -> None:
    there = make_claimed_device(project=make_project(org=charlie.orgs.get()))
    client = json_client(alice)
    alias = client.post(ALIASES, {"name": "Line 1", "org": "acme"}).json()["slug"]
    foreign, unknown = stream_of(there), "s--0000-ffff--0000-0000-0000-0001--5001"

    answers = {
        stream: client.post(TAPS, {"alias": alias, "timestamp": NOON, "stream": stream}).json()
        for stream in (foreign, unknown)
    }

    assert answers == {stream: {"stream": [f"There is no {stream}."]} for stream in (foreign, unknown)}
    assert client.post(TAPS, {"alias": alias, "timestamp": NOON, "stream": "x"}).status_code == 400


def test_taps_are_listed_changed_and_removed(alice: Account, project: Project, device: Device) -> None:
    other = stream_of(make_claimed_device(project=project))
    client = json_client(alice)
    alias = client.post(ALIASES, {"name": "Line 1", "org": "acme"}).json()["slug"]

    second = client.post(TAPS, {"alias": alias, "timestamp": ONE, "stream": other}).json()
    first = client.post(TAPS, {"alias": alias, "timestamp": NOON, "stream": stream_of(device)}).json()
    same_time = client.post(TAPS, {"alias": alias, "timestamp": ONE, "stream": other})
    changed = client.put(f"{TAPS}{second['id']}/", {**second, "stream": stream_of(device)})

    assert set(first) == {"id", "alias", "timestamp", "stream", "created_on", "created_by"}
    assert (same_time.status_code, list(same_time.json())) == (400, ["timestamp"])
    assert changed.json() == {**second, "stream": stream_of(device)}
    assert client.get(f"{TAPS}?target={alias}").json()["results"] == [first, changed.json()]
    assert client.get(f"{TAPS}?target=a--0000-0000-0000-ffff").json()["count"] == 0
    assert list(client.get(f"{TAPS}?target=x").json()) == ["target"]
    assert client.patch(f"{TAPS}{first['id']}/", {"alias": "a--0000-0000-0000-ffff"}).status_code == 400
    assert client.delete(f"{TAPS}{first['id']}/").status_code == 204
