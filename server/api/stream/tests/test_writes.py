"""Making and changing variables and streams over REST."""

from typing import Any

import pytest

from server.api.stream.serializers import streams as serializers
from server.api.tests.json_clients import client_with_role, json_client, staff_client
from server.apps.accounts.models import Account, Org, Role
from server.apps.activity.models import Change
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import DataBlock, StreamId, StreamNote, StreamVariable
from server.apps.streams.services.variables import create_variable
from server.apps.streams.tests.data import store
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

VARIABLES = "/api/v1/variable/"
STREAMS = "/api/v1/stream/"
LITERS = "in--water-meter-volume--liters"
GALLONS_OUT = "out--water-meter-volume--gallons"


def stream_of(device: Device) -> StreamId:
    return StreamId.objects.get(device=device)


def new_variable(project: Project, **more: object) -> dict[str, object]:
    return {"name": "IO 2", "lid": 0x5002, "project": str(project.pk), **more}


def test_a_variable_is_made_with_its_units_by_slug(bob: Account, project: Project) -> None:
    client = json_client(bob)

    made = client.post(
        VARIABLES,
        new_variable(
            project,
            var_type="water-meter-volume",
            input_unit=LITERS,
            output_unit=GALLONS_OUT,
            multiplication_factor=3,
            units="gal",
        ),
    )

    shown = made.json()
    assert made.status_code == 201
    assert shown["slug"] == f"v--{project.slug[3:]}--5002"
    assert (shown["input_unit"]["slug"], shown["output_unit"]["slug"]) == (LITERS, GALLONS_OUT)
    assert (shown["org"], shown["project"], shown["multiplication_factor"]) == ("acme", str(project.pk), 3)
    assert client.get(f"{VARIABLES}{shown['slug']}/").json() == shown
    assert client.get(f"{VARIABLES}{shown['slug']}/type/").json()["slug"] == "water-meter-volume"
    assert Change.objects.filter(kind="variable", ref=shown["slug"], verb="created", by=bob).exists()


def test_a_variable_can_be_sent_back_as_it_was_read(alice: Account, device: Device) -> None:
    client = json_client(alice)
    [shown] = client.get(VARIABLES).json()["results"]
    path = f"{VARIABLES}{shown['slug']}/"

    changed = client.put(
        path, {**shown, "name": "Pulse", "project": device.project.slug if device.project else ""}
    )

    assert (changed.status_code, changed.json()) == (200, {**shown, "name": "Pulse"})
    assert stream_of(device).var_name == "Pulse"
    assert not StreamNote.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("lid", 0x10000),
            ("lid", -1),
            ("lid", "5x"),
            ("name", "x" * 61),
            ("name", "\0"),
            ("input_unit", "x"),
        ),
        *(
            ("multiplication_factor", 0),
            ("division_factor", 0),
            ("division_factor", 2**31),
            ("offset", "NaN"),
        ),
        *(("project", "x"), ("project", "p--ffff-ffff"), ("var_type", "x"), ("colour", "red")),
        *(("output_unit", "out--temp--celsius"), ("decimal_places", 16), ("raw_value_format", "<Q")),
    ],
)
def test_a_value_of_a_variable_that_is_wrong_is_named(
    alice: Account, project: Project, field: str, value: object
) -> None:
    body = {**new_variable(project, input_unit=LITERS), field: value}

    response = json_client(alice).post(VARIABLES, body)

    assert (response.status_code, list(response.json())) == (400, [field])
    assert not StreamVariable.objects.filter(project=project).exists()


def test_a_second_variable_with_an_id_is_refused_and_an_id_stays(alice: Account, project: Project) -> None:
    client = json_client(alice)
    path = f"{VARIABLES}{client.post(VARIABLES, new_variable(project)).json()['slug']}/"

    assert list(client.post(VARIABLES, new_variable(project)).json()) == ["lid"]
    assert list(client.patch(path, {"lid": 0x5003}).json()) == ["lid"]
    other = make_project(org=project.org)
    assert list(client.patch(path, {"project": other.slug}).json()) == ["project"]


def test_weak_point_10_an_operator_does_not_write_variables_or_streams(
    alice: Account, acme: Org, project: Project, device: Device
) -> None:
    variable = create_variable(project=project, lid=0x5002, name="IO 2", by=alice)
    client, slug = client_with_role(acme, Role.OPERATOR), stream_of(device).slug

    assert client.post(VARIABLES, new_variable(project, lid=0x5003)).status_code == 403
    assert client.patch(f"{VARIABLES}{variable.slug}/", {"name": "Mine"}).status_code == 403
    assert client.post(STREAMS, {"variable": variable.slug, "device": device.slug}).status_code == 403
    assert client.patch(f"{STREAMS}{slug}/", {"data_label": "Mine"}).status_code == 404


def test_to_read_a_streams_data_is_not_enough_to_change_it(acme: Org, bob: Account, device: Device) -> None:
    membership = acme.memberships.get(user=bob)
    membership.permissions["can_modify_stream_ids"] = False
    membership.save()
    path = f"{STREAMS}{stream_of(device).slug}/"

    assert json_client(bob).get(path).status_code == 200
    assert json_client(bob).patch(path, {"data_label": "Mine"}).status_code == 403
    assert stream_of(device).data_label == ""


def test_the_project_variable_and_device_of_others_are_named_like_none(
    alice: Account, charlie: Account, project: Project, device: Device
) -> None:
    client, variable = json_client(charlie), stream_of(device).variable.slug
    mine = create_variable(project=make_project(org=charlie.orgs.get()), lid=1, name="Mine", by=charlie)

    assert client.post(VARIABLES, new_variable(project)).json() == {"project": [f"There is no {project.pk}."]}
    assert client.post(STREAMS, {"variable": variable}).json() == {"variable": [f"There is no {variable}."]}
    assert client.post(STREAMS, {"variable": mine.slug, "device": device.slug}).json() == {
        "device": [f"There is no {device.slug}."]
    }
    assert client.patch(f"{VARIABLES}{variable}/", {"name": "x"}).status_code == 404
    assert client.patch(f"{STREAMS}{stream_of(device).slug}/", {}).status_code == 404


def test_a_stream_is_made_for_a_device(bob: Account, project: Project, device: Device) -> None:
    variable = create_variable(project=project, lid=0x5002, name="IO 2", by=bob)
    client = json_client(bob)
    body = {"variable": variable.slug, "device": f"d--{device.slug[-4:]}", "data_label": "Inlet"}

    made = client.post(STREAMS, body)

    shown = made.json()
    assert made.status_code == 201
    assert shown["slug"] == f"s--{project.slug[3:]}--{device.slug[3:]}--5002"
    assert (shown["data_label"], shown["device"], shown["block"]) == ("Inlet", device.slug, None)
    assert list(client.post(STREAMS, body).json()) == ["variable"]
    assert Change.objects.filter(kind="stream", ref=shown["slug"], verb="created").exists()


def test_a_stream_without_a_device_is_the_projects_own(
    alice: Account, project: Project, device: Device
) -> None:
    variable = create_variable(project=project, lid=0x5002, name="IO 2", by=alice)
    client = json_client(alice)

    shown = client.post(STREAMS, {"variable": variable.slug}).json()

    assert shown["slug"] == f"s--{project.slug[3:]}--0000-0000-0000-0000--5002"
    assert shown["device"] is None
    assert [row["slug"] for row in client.get(f"{STREAMS}?virtual=1").json()["results"]] == [shown["slug"]]


def test_a_device_of_another_project_is_refused(alice: Account, project: Project, device: Device) -> None:
    there = make_project(org=project.org)
    variable = create_variable(project=there, lid=0x5002, name="IO 2", by=alice)

    response = json_client(alice).post(STREAMS, {"variable": variable.slug, "device": device.slug})

    assert (response.status_code, list(response.json())) == (400, ["device"])


def test_weak_point_32_a_change_of_unit_or_factors_writes_a_note_about_the_stream(
    alice: Account, device: Device
) -> None:
    stream, client = stream_of(device), json_client(alice)
    path = f"{STREAMS}{stream.slug}/"

    changed = client.patch(path, {"input_unit": LITERS, "mdo_type": "S", "multiplication_factor": 7})
    client.patch(path, {"data_label": "Inlet"})

    [note] = StreamNote.objects.filter(target=stream.slug)
    assert changed.json()["input_unit"]["slug"] == LITERS
    assert note.type == "si"
    for words in ("in--water-meter-volume--gallons to in--water-meter-volume--liters", "from V to S", "to 7"):
        assert words in note.note
    assert stream_of(device).data_label == "Inlet"


def test_weak_point_32_a_change_of_a_variable_writes_a_note_about_affected_streams(
    alice: Account, project: Project, device: Device
) -> None:
    own = stream_of(make_claimed_device(project=project))
    StreamId.objects.filter(pk=own.pk).update(mdo_type="S")
    stream = stream_of(device)
    StreamId.objects.filter(pk=stream.pk).update(input_unit=None)
    path = f"{VARIABLES}{stream.variable.slug}/"

    json_client(alice).patch(path, {"multiplication_factor": 5})
    json_client(alice).patch(path, {"input_unit": LITERS})

    notes = StreamNote.objects.order_by("id").values_list("target", flat=True)
    assert list(notes) == [stream.slug, stream.slug]


def test_a_stream_can_be_sent_back_as_it_was_read(alice: Account, device: Device) -> None:
    client, path = json_client(alice), f"{STREAMS}{stream_of(device).slug}/"
    shown = client.get(path).json()

    change = {"enabled": False, "mdo_type": "S", "offset": 1.5}
    changed = client.put(path, {**shown, **change})

    assert (changed.status_code, changed.json()) == (200, {**shown, **change})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("data_label", "x" * 101), ("mdo_type", "X"), ("division_factor", 0), ("offset", "Infinity")),
        *(
            ("input_unit", "x"),
            ("input_unit", ["x"]),
            ("output_unit", "out--temp--celsius"),
            ("colour", "red"),
        ),
        *(("enabled", "maybe"), ("multiplication_factor", 10**30)),
    ],
)
def test_a_value_of_a_stream_that_is_wrong_is_named(
    alice: Account, device: Device, field: str, value: object
) -> None:
    response = json_client(alice).patch(f"{STREAMS}{stream_of(device).slug}/", {field: value})

    assert (response.status_code, list(response.json())) == (400, [field])


def test_weak_point_34_only_staff_deletes_and_everybody_else_gets_403(alice: Account, device: Device) -> None:
    store(device, 3)
    stream = stream_of(device)
    paths = [f"{STREAMS}{stream.slug}/", f"{VARIABLES}{stream.variable.slug}/"]
    staff = staff_client()

    assert [json_client(alice).delete(path).status_code for path in paths] == [403, 403]
    assert staff.delete(paths[0]).status_code == 403
    assert staff.delete(f"{paths[1]}?staff=1").status_code == 400
    assert [staff.delete(f"{path}?staff=1").status_code for path in paths] == [204, 204]
    assert not StreamId.objects.exists()
    assert not StreamVariable.objects.exists()


def test_variables_can_be_searched_and_narrowed(alice: Account, project: Project) -> None:
    create_variable(project=project, lid=0x5001, name="Water in", by=alice)
    create_variable(project=project, lid=0x5002, name="Water out", by=alice)
    client = json_client(alice)

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"{VARIABLES}{query}").json()["results"]]

    assert names("?search=water%20OUT") == ["Water out"]
    assert names("?search=5001") == ["Water in"]
    assert names("?org=acme") == ["Water in", "Water out"]
    assert names("?org=elsewhere") == []


def test_variables_of_templates_are_listed_on_request(alice: Account, project: Project) -> None:
    create_variable(project=project, lid=0x5001, name="Master's", by=alice)
    project.is_template = True
    project.save(update_fields=["is_template"])
    client = json_client(alice)

    assert client.get(VARIABLES).json()["count"] == 0
    assert client.get(f"{VARIABLES}?include_templates=1").json()["count"] == 1


def test_archived_streams_are_listed_on_request(alice: Account, acme: Org, device: Device) -> None:
    block = DataBlock.objects.create(
        slug=device.slug.replace("d--0000", "b--0001"), block=1, device=device, org=acme, title="First"
    )
    StreamId.objects.update(block=block, project=None)
    client = json_client(alice)

    def count(query: str) -> int:
        found: int = client.get(f"{STREAMS}{query}").json()["count"]
        return found

    assert (count(""), count("?all=1"), count("?archived=1")) == (0, 0, 1)
    [shown] = client.get(f"{STREAMS}?block={block.slug}&all=1").json()["results"]
    assert shown["block"] == block.slug
    assert count("?block=" + block.slug.replace("b--0001", "b--0002")) == 0
    assert list(client.get(f"{STREAMS}?block=x").json()) == ["block"]


def test_a_row_of_the_list_is_what_the_serializer_makes_of_the_stream(
    alice: Account, project: Project, device: Device
) -> None:
    create_variable(project=project, lid=0x5002, name="IO 2", by=alice)
    client = json_client(alice)
    client.post(STREAMS, {"variable": StreamVariable.objects.get(lid=0x5002).slug})
    client.patch(f"{STREAMS}{stream_of(device).slug}/", {"offset": 1.5, "multiplication_factor": 2})

    listed: list[dict[str, Any]] = client.get(STREAMS).json()["results"]

    assert len(listed) == 2
    for row in listed:
        assert client.get(f"{STREAMS}{row['slug']}/").json() == row
        assert list(row) == list(serializers.StreamOutput.Meta.fields)


def test_weak_point_36_a_device_shows_what_its_streams_hold_without_counting_rows(
    alice: Account, charlie: Account, project: Project, device: Device
) -> None:
    store(device, 3)
    variable = create_variable(project=project, lid=0x5002, name="IO 2", by=alice)
    json_client(alice).post(STREAMS, {"variable": variable.slug, "device": device.slug})
    path = f"/api/v1/device/{device.slug}/"

    extra = json_client(alice).get(f"{path}extra/").json()

    counts = extra.pop("stream_counts")
    assert extra == json_client(alice).get(path).json()
    assert counts == {
        f"s--{project.slug[3:]}--{device.slug[3:]}--5001": {
            "data_cnt": 3,
            "event_cnt": 0,
            "has_streamid": True,
        },
        f"s--{project.slug[3:]}--{device.slug[3:]}--5002": {
            "data_cnt": 0,
            "event_cnt": 0,
            "has_streamid": True,
        },
    }
    assert json_client(charlie).get(f"{path}extra/").status_code == 404
