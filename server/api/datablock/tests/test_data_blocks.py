"""Archiving through the API, and the archives."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceLocation, Project, Property
from server.apps.devices.tests.factories import make_project
from server.apps.lifecycle.jobs import ArchiveDevice
from server.apps.lifecycle.services.archiving import archive_device
from server.apps.streams import jobs
from server.apps.streams.models import DataBlock, DataMask, StreamId, StreamNote
from server.apps.streams.services.blocks import delete_block, run_block_deletion
from server.apps.streams.tests.data import START, store
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.lifecycle import (
    RunJobs,
    block_ids,
    live_ids,
    mailed,
    post,
    silent,
    state_of,
    undone,
)
from server.core.queue import enqueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


def archive(run_jobs: RunJobs, client: APIClient, device: Device, **body: Any) -> DataBlock:
    answer = post(client, "datablock/", {"title": "Spring", "device": device.slug, **body})
    assert answer.status_code == 201, answer.data
    run_jobs()
    return DataBlock.objects.get(slug=answer.data["slug"])


def make_block(run_jobs: RunJobs, device: Device, by: Account, title: str = "Spring") -> DataBlock:
    block = archive_device(device=device, title=title, by=by)
    run_jobs()
    block.refresh_from_db()
    return block


def test_an_archive_takes_all_that_was_measured(owner: APIClient, device: Device, run_jobs: RunJobs) -> None:
    store(device, 3)

    block = archive(run_jobs, owner, device)

    assert (block_ids(block), live_ids(device)) == ([1, 2, 3], [])
    store(device, 2, first_id=4)
    assert (block_ids(block), live_ids(device)) == ([1, 2, 3], [4, 5])


def test_the_answer_is_that_of_the_original(owner: APIClient, device: Device, acme: Org) -> None:
    answer = post(owner, "datablock/", {"title": "Spring", "description": "Wet.", "device": device.slug})

    assert answer.status_code == 201
    assert set(answer.data) == {
        *("id", "slug", "title", "description", "block", "org", "sg", "created_on", "created_by", "pid")
    }
    assert answer.data["slug"] == f"b--0001-{device.gid[5:]}"
    assert (answer.data["title"], answer.data["description"], answer.data["block"]) == ("Spring", "Wet.", 1)
    assert (answer.data["org"], answer.data["created_by"]) == (acme.slug, "alice")
    assert state_of(answer.data["pid"])[0] == "scheduled"
    device.refresh_from_db()
    assert (device.state, device.busy) == ("B1", True)


def test_streams_get_the_slugs_of_the_archive_and_keep_their_settings(
    owner: APIClient, device: Device, run_jobs: RunJobs
) -> None:
    StreamId.objects.update(data_label="Main", mdo_type="S", multiplication_factor=3)
    before = StreamId.objects.get()

    block = archive(run_jobs, owner, device)

    old, new = StreamId.objects.get(block=block), StreamId.objects.get(block=None)
    assert old.key == before.key
    assert old.slug == f"s--0000-0000--{block.slug.removeprefix('b--')}--5001"
    assert (old.project, old.org, old.variable) == (None, before.org, before.variable)
    assert (new.slug, new.project, new.device) == (before.slug, before.project, device)
    assert (new.data_label, new.mdo_type, new.multiplication_factor) == ("Main", "S", 3)
    assert new.id != old.id


@pytest.mark.parametrize("name", ["device", "device__slug", "block"])
def test_the_streams_of_an_archive_are_listed_by_its_slug(
    owner: APIClient, device: Device, run_jobs: RunJobs, name: str
) -> None:
    block = archive(run_jobs, owner, device)

    listed = owner.get(f"/api/v1/stream/?{name}={block.slug}").json()["results"]
    unreadable = owner.get(f"/api/v1/stream/?{name}=b--81")

    assert [(row["slug"], row["block"]) for row in listed] == [
        (StreamId.objects.get(block=block).slug, block.slug)
    ]
    assert (unreadable.status_code, [*unreadable.json()]) == (400, [name])


def test_notes_locations_mask_and_properties_go_along(
    owner: APIClient, device: Device, acme: Org, run_jobs: RunJobs
) -> None:
    stream = StreamId.objects.get()
    for target in (device.slug, stream.slug):
        StreamNote.objects.create(org=acme, target=target, timestamp=START, note="Wet.")
    DeviceLocation.objects.create(org=acme, target=device.slug, timestamp=START, lat=1, lon=2)
    DataMask.objects.create(org=acme, target=device.slug, start=START)
    Property.objects.create(org=acme, target=device.slug, name="color", text="red")
    Property.objects.create(org=acme, target=device.slug, name="born", text="2021", is_system=True)

    block = archive(run_jobs, owner, device)

    archived = StreamId.objects.get(block=block)
    assert set(StreamNote.objects.filter(note="Wet.").values_list("target", flat=True)) == {
        block.slug,
        archived.slug,
    }
    assert DeviceLocation.objects.get().target == DataMask.objects.get().target == block.slug
    named = {(p.target, p.name, p.text) for p in Property.objects.all()}
    assert named == {
        (block.slug, "color", "red"),
        (block.slug, "born", "2021"),
        (device.slug, "born", "2021"),
    }


def test_in_the_end_the_device_is_free_and_its_archiver_gets_a_mail(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    block = archive(run_jobs, owner, device)

    device.refresh_from_db()
    assert (device.state, device.busy, device.active) == ("N1", False, True)
    assert state_of(block.pid) == ("done", f"Archived as {block.slug}.")
    assert block.completed_on is not None
    assert mailed() == [("Fieldline: Archived: Spring", [alice.email])]
    assert StreamNote.objects.get(target=device.slug).type == StreamNote.Type.SYSTEM_INFO
    assert Change.objects.filter(event="archive-device", audited=True, ref=block.slug).exists()


def test_state_and_label_of_the_device_afterwards_can_be_chosen(
    owner: APIClient, device: Device, run_jobs: RunJobs
) -> None:
    archive(run_jobs, owner, device, on_complete={"device": {"state": "N0", "label": "In the box"}})

    device.refresh_from_db()
    assert (device.state, device.active, device.label) == ("N0", False, "In the box")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"device": "d--none"}, "device"),
        ({"device": "d--0000-0000-0000-9999"}, "device"),
        ({"device": 7.5}, "device"),
        ({"on_complete": {"device": {"state": "B0"}}}, "on_complete"),
        ({"on_complete": []}, "on_complete"),
        ({"on_complete": {"label": "x"}}, "on_complete"),
        ({"tilte": "x"}, "tilte"),
    ],
)
def test_what_is_wrong_with_a_new_archive_is_named(
    owner: APIClient, device: Device, body: dict[str, Any], field: str
) -> None:
    answer = post(owner, "datablock/", {"title": "Spring", "device": device.slug, **body})

    assert (answer.status_code, list(answer.data)) == (400, [field])
    assert not DataBlock.objects.exists()


def test_a_strangers_device_is_as_good_as_none(device: Device, charlie: Account) -> None:
    client = api_client(charlie)

    foreign = post(client, "datablock/", {"title": "x", "device": device.slug})
    missing = post(client, "datablock/", {"title": "x", "device": "d--0000-0000-0000-9999"})

    assert foreign.status_code == missing.status_code == 400
    assert str(foreign.data).replace(device.slug, "") == str(missing.data).replace(
        "d--0000-0000-0000-9999", ""
    )


def test_a_member_may_open_archives_and_not_make_them(
    device: Device, bob: Account, alice: Account, run_jobs: RunJobs
) -> None:
    block, client = make_block(run_jobs, device, alice), api_client(bob)

    assert post(client, "datablock/", {"title": "x", "device": device.slug}).status_code == 403
    assert client.get(f"/api/v1/datablock/{block.slug}/").status_code == 200
    assert client.delete(f"/api/v1/datablock/{block.slug}/").status_code == 403


def test_a_busy_device_is_not_archived(owner: APIClient, device: Device) -> None:
    first = post(owner, "datablock/", {"title": "x", "device": device.slug})
    second = post(owner, "datablock/", {"title": "x", "device": device.slug})

    assert (first.status_code, second.status_code) == (201, 403)
    assert DataBlock.objects.count() == 1


def test_an_operator_and_a_stranger_get_not_found(
    device: Device, alice: Account, acme: Org, charlie: Account, run_jobs: RunJobs
) -> None:
    block = make_block(run_jobs, device, alice)
    operator = make_account()
    add_member(org=acme, user=operator, role=Role.OPERATOR)

    for user in (operator, charlie):
        client = api_client(user)
        for path in ("", "extra/", "mask/"):
            assert client.get(f"/api/v1/datablock/{block.slug}/{path}").status_code == 404
        assert client.get("/api/v1/datablock/").data["count"] == 0


@pytest.mark.parametrize("slug", ["b--none", "b--0001-0000-0000-9999", "d--0081", "b--%00", "x"])
def test_no_slug_and_no_archive_are_404(owner: APIClient, slug: str) -> None:
    assert owner.get(f"/api/v1/datablock/{slug}/").status_code == 404


def test_archives_are_listed_by_device_and_number(
    owner: APIClient, device: Device, alice: Account, django_assert_max_num_queries: Any, run_jobs: RunJobs
) -> None:
    blocks = [make_block(run_jobs, device, alice, title) for title in ("one", "two", "three")]

    with django_assert_max_num_queries(3):
        listed = owner.get("/api/v1/datablock/").data

    assert [row["slug"] for row in listed["results"]] == [block.slug for block in blocks]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=oak", ["Oak street"]),
        ("q=street oak", ["Oak street"]),
        ("q=b--0002", ["Elm street"]),
        ("org=acme", ["Oak street", "Elm street"]),
        ("org=elsewhere", []),
    ],
)
def test_archives_are_found(
    owner: APIClient, device: Device, alice: Account, query: str, found: list[str], run_jobs: RunJobs
) -> None:
    for title in ("Oak street", "Elm street"):
        make_block(run_jobs, device, alice, title)

    listed = owner.get(f"/api/v1/datablock/?{query}").data["results"]

    assert [row["title"] for row in listed] == found


def test_archives_of_one_device(
    owner: APIClient, device: Device, alice: Account, project: Project, run_jobs: RunJobs
) -> None:
    other = make_claimed_device(project=project)
    mine, _ = make_block(run_jobs, device, alice), make_block(run_jobs, other, alice)

    listed = owner.get(f"/api/v1/datablock/?device={device.slug}").data["results"]

    assert [row["slug"] for row in listed] == [mine.slug]
    assert owner.get("/api/v1/datablock/?device=nonsense").status_code == 400


def test_title_and_description_change_and_nothing_else(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    block = make_block(run_jobs, device, alice)
    read = owner.get(f"/api/v1/datablock/{block.slug}/").data

    put = owner.put(
        f"/api/v1/datablock/{block.slug}/", {**read, "title": "Autumn", "block": 9}, format="json"
    )
    patched = owner.patch(f"/api/v1/datablock/{block.slug}/", {"description": "Dry."}, format="json")

    assert put.data == {**read, "title": "Autumn"}
    assert patched.data == {**read, "title": "Autumn", "description": "Dry."}


def test_extra_counts_what_the_streams_hold(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    store(device, 3)
    block = make_block(run_jobs, device, alice)

    counts = owner.get(f"/api/v1/datablock/{block.slug}/extra/").data["stream_counts"]

    assert counts == {
        StreamId.objects.get(block=block).slug: {"data_cnt": 3, "event_cnt": 0, "has_streamid": True}
    }


def test_a_table_of_archives_holds_plain_text(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    make_block(run_jobs, device, alice, "<b>Oak</b>")
    make_block(run_jobs, device, alice, "Elm")

    table = owner.get(
        "/api/v1/datablock/datatable/?draw=3&length=1&order[0][column]=1&order[0][dir]=asc&search[value]=oak"
    ).data

    assert (table["draw"], table["recordsTotal"], table["recordsFiltered"]) == (3, 2, 1)
    assert table["data"][0][:2] == [f"b--0001-{device.gid[5:]}", "<b>Oak</b>"]


@pytest.mark.parametrize("query", ["order[0][column]=9", "start=-1", "search[value]=%00", "draw=x"])
def test_a_table_that_makes_no_sense_is_refused(owner: APIClient, query: str) -> None:
    assert owner.get(f"/api/v1/datablock/datatable/?{query}").status_code == 400


def test_deleting_an_archive_leaves_nothing(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    store(device, 3)
    block = make_block(run_jobs, device, alice)
    keys = list(StreamId.objects.filter(block=block).values_list("key", flat=True))
    store(device, 2, first_id=4)

    answer = owner.delete(f"/api/v1/datablock/{block.slug}/")
    run_jobs()

    assert (answer.status_code, answer.data["delete"]) == (202, "scheduled")
    assert state_of(answer.data["pid"]) == ("done", "3 readings deleted.")
    assert not DataBlock.objects.exists()
    assert not StreamId.objects.filter(key__in=keys).exists()
    assert live_ids(device) == [4, 5]
    assert mailed()[-1] == ("Fieldline: Deleted: Spring", [alice.email])


def test_staff_that_ask_for_everything_may_delete_it(
    device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    block, staff = make_block(run_jobs, device, alice), api_client(make_account(is_staff=True))

    assert staff.delete(f"/api/v1/datablock/{block.slug}/").status_code == 404
    assert staff.delete(f"/api/v1/datablock/{block.slug}/?staff=1").status_code == 202


def test_an_archive_that_is_not_complete_is_not_deleted(owner: APIClient, device: Device) -> None:
    slug = post(owner, "datablock/", {"title": "x", "device": device.slug}).data["slug"]

    assert owner.delete(f"/api/v1/datablock/{slug}/").status_code == 403


def test_the_job_again_changes_nothing(device: Device, alice: Account, run_jobs: RunJobs) -> None:
    store(device, 3)
    block = make_block(run_jobs, device, alice)
    store(device, 2, first_id=4)
    job = ArchiveDevice(pid=str(block.pid), device=device.pk, block=block.slug, state="N0", label="Again")

    enqueue(job)
    run_jobs()
    undone(block.pid)
    enqueue(job)
    run_jobs()

    device.refresh_from_db()
    assert (block_ids(block), live_ids(device)) == ([1, 2, 3], [4, 5])
    assert (device.state, device.label != "Again") == ("N1", True)
    assert state_of(block.pid)[0] == "done"


def test_deleting_again_changes_nothing(device: Device, alice: Account, run_jobs: RunJobs) -> None:
    store(device, 3)
    block = make_block(run_jobs, device, alice)
    delete_block(block=block, by=alice)
    job = jobs.DeleteDataBlock(pid=str(block.pid), block=block.slug)
    run_jobs()

    run_block_deletion(job, silent)

    assert not DataBlock.objects.exists()


def test_the_number_of_a_new_archive_follows_the_highest(
    device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    first, second = make_block(run_jobs, device, alice), make_block(run_jobs, device, alice)

    assert (first.block, second.block) == (1, 2)


def test_a_device_that_is_another_organisations_now_is_not_archived_by_the_former_one(
    device: Device, alice: Account, charlie: Account
) -> None:
    elsewhere = Org.objects.get(name="Elsewhere")
    Device.objects.filter(pk=device.pk).update(org=elsewhere, project=make_project(org=elsewhere))

    answer = post(api_client(alice), "datablock/", {"title": "x", "device": device.slug})

    assert answer.status_code == 400
