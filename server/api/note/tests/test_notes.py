"""Notes and their attachments over REST."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.api.tests.json_clients import client_with_role, json_client
from server.apps.accounts.models import Account, Org, Role
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, StreamNote

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

NOTES = "/api/v1/note/"
NOON = "2026-03-01T12:00:00Z"


def write(client: APIClient, target: str, timestamp: str = NOON, text: str = "Here") -> dict[str, Any]:
    response = client.post(NOTES, {"target": target, "timestamp": timestamp, "note": text})
    assert response.status_code == 201, response.content
    shown: dict[str, Any] = response.json()
    return shown


def texts(client: APIClient, query: str) -> list[str]:
    return [note["note"] for note in client.get(f"{NOTES}{query}").json()["results"]]


def test_a_note_has_the_fields_of_the_original_cloud(alice: Account, device: Device) -> None:
    client = json_client(alice)

    written = write(client, device.slug)

    assert written == {
        "id": written["id"],
        "target": device.slug,
        "timestamp": NOON,
        "note": "Here",
        "type": "ui",
        "user_info": {"username": "alice", "slug": "alice", "tiny_avatar": None},
        "attachment": None,
    }
    assert client.get(f"{NOTES}?target={device.slug}").json()["results"] == [written]
    assert client.get(f"{NOTES}{written['id']}/").json() == written


def test_notes_are_about_streams_and_projects_too(alice: Account, project: Project, device: Device) -> None:
    client = json_client(alice)

    for target in (StreamId.objects.get(device=device).slug, project.slug):
        write(client, target)
        assert texts(client, f"?target={target}") == ["Here"]


def test_notes_are_narrowed_by_time_and_to_the_newest(alice: Account, device: Device) -> None:
    client = json_client(alice)
    for hour in (3, 1, 2):
        write(client, device.slug, f"2026-03-01T0{hour}:00:00Z", str(hour))
    query = f"?target={device.slug}"

    assert texts(client, query) == ["1", "2", "3"]
    assert texts(client, f"{query}&start=2026-03-01T02:00:00Z") == ["2", "3"]
    assert texts(client, f"{query}&end=2026-03-01T02:00:00Z") == ["1"]
    assert texts(client, f"{query}&lastn=2") == ["2", "3"]
    assert texts(client, f"{query}&lastn=1&end=2026-03-01T03:00:00Z") == ["2"]
    assert list(client.get(f"{NOTES}{query}&start=then").json()) == ["start"]


def test_several_notes_answer_their_count(alice: Account, project: Project, device: Device) -> None:
    rows = [{"target": target, "note": "Here"} for target in (device.slug, project.slug, device.slug)]

    response = json_client(alice).post(NOTES, rows)

    assert (response.status_code, response.json()) == (201, {"count": 3})
    assert StreamNote.objects.count() == 3


def test_one_bad_note_of_several_leaves_nothing(alice: Account, device: Device) -> None:
    client, good = json_client(alice), {"target": device.slug, "note": "Here"}
    worse: list[object] = [
        {"target": "d--0000-ffff-ffff-ffff", "note": "There"},
        {"target": device.slug, "note": ""},
        {"target": device.slug, "note": "x", "colour": "red"},
        {"target": "nonsense", "note": "x"},
        [],
    ]

    for bad in worse:
        assert client.post(NOTES, [good, bad]).status_code in {400, 404}
    assert not StreamNote.objects.exists()


def test_a_target_is_required(alice: Account) -> None:
    assert json_client(alice).get(NOTES).json() == {"target": ["This field is required."]}


def test_an_operator_writes_notes_and_reads_those_of_nobody_else(
    alice: Account, acme: Org, device: Device
) -> None:
    note = write(json_client(alice), device.slug)
    client = client_with_role(acme, Role.OPERATOR)

    assert client.get(f"{NOTES}?target={device.slug}").status_code == 403
    assert client.get(f"{NOTES}{note['id']}/").status_code == 403
    assert client.post(f"{NOTES}{note['id']}/uploadurl/", {"name": "x.png"}).status_code == 403
    assert client.post(NOTES, [{"target": device.slug, "note": "x"}]).json() == {"count": 1}


def test_an_operator_attaches_a_picture_to_the_own_note(acme: Org, device: Device) -> None:
    client = client_with_role(acme, Role.OPERATOR)
    path = f"{NOTES}{write(client, device.slug)['id']}/"

    form = client.post(f"{path}uploadurl/", {"name": "x.png"}).json()
    bring(form)
    attached = client.post(f"{path}uploadsuccess/", {"name": "x.png", "uuid": form["uuid"]})

    assert attached.status_code == 202
    assert attached.json()["attachment"]["title"] == "x.png"


def test_weak_point_9_strangers_neither_attach_files_nor_see_notes(
    alice: Account, charlie: Account, device: Device
) -> None:
    path = f"{NOTES}{write(json_client(alice), device.slug)['id']}/"
    client = json_client(charlie)

    answers = [
        client.get(path),
        client.post(f"{path}uploadurl/", {"name": "x.png"}),
        client.post(f"{path}uploadsuccess/", {"name": "x.png", "uuid": str(uuid.uuid4())}),
        client.post(f"{NOTES}0/uploadurl/", {"name": "x.png"}),
        client.get(f"{NOTES}?target={device.slug}"),
        client.post(NOTES, {"target": device.slug, "note": "x"}),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (404, {"detail": "Not found."})
    ] * 6


def test_weak_point_9_a_form_for_a_file_is_good_only_for_who_asked_for_it(
    alice: Account, bob: Account, device: Device
) -> None:
    path = f"{NOTES}{write(json_client(alice), device.slug)['id']}/"
    form = json_client(alice).post(f"{path}uploadurl/", {"name": "x.png"}).json()
    bring(form)

    taken = json_client(bob).post(f"{path}uploadsuccess/", {"name": "x.png", "uuid": form["uuid"]})

    assert taken.status_code == 404
    assert StreamNote.objects.get().attachment is None


def bring(form: dict[str, Any]) -> None:
    """As a client does: to the address it was given, without a token."""
    file = SimpleUploadedFile("x.png", b"picture")
    response = Client().post(form["url"].removeprefix("http://testserver"), {**form["fields"], "file": file})
    assert response.status_code == 204, response.content


def test_a_file_is_attached_to_a_note(alice: Account, device: Device) -> None:
    client = json_client(alice)
    path = f"{NOTES}{write(client, device.slug)['id']}/"

    promised = client.post(f"{path}uploadurl/", {"name": "x.png"})
    form = promised.json()
    success = {"name": "x.png", "uuid": form["uuid"]}
    too_early = client.post(f"{path}uploadsuccess/", success)
    bring(form)
    attached = client.post(f"{path}uploadsuccess/", success)

    assert promised.status_code == 202
    assert set(form) == {"url", "fields", "uuid"}
    assert too_early.status_code == 400
    assert attached.status_code == 202
    [listed] = client.get(f"{NOTES}?target={device.slug}").json()["results"]
    attachment = listed["attachment"]
    assert attachment == {**attachment, "id": form["uuid"], "title": "x.png", "file_type": "png"}
    opened = Client().get(attachment["url"].removeprefix("http://testserver"))
    assert (opened.status_code, opened.getvalue()) == (200, b"picture")


def test_a_note_has_one_attachment(alice: Account, device: Device) -> None:
    client = json_client(alice)
    path = f"{NOTES}{write(client, device.slug)['id']}/"
    form = client.post(f"{path}uploadurl/", {"name": "x.png"}).json()
    bring(form)
    client.post(f"{path}uploadsuccess/", {"name": "x.png", "uuid": form["uuid"]})

    assert client.post(f"{path}uploadurl/", {"name": "y.png"}).status_code == 400
    assert client.post(f"{path}uploadsuccess/", {"name": "x.png", "uuid": form["uuid"]}).status_code == 400


def test_the_list_of_notes_takes_the_same_queries_for_any_length(
    alice: Account, device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = json_client(alice)
    client.post(NOTES, [{"target": device.slug, "note": str(number)} for number in range(5)])

    with django_assert_num_queries(5):  # who asks, the device, the right, how many, the page
        assert len(texts(client, f"?target={device.slug}")) == 5
