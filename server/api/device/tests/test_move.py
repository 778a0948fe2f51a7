"""A device moves to another project, with its history or without."""

import pytest
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey, DeviceLocation, Project, Property
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.tests.factories import make_project
from server.apps.lifecycle.jobs import MoveDevice
from server.apps.streams.models import (
    DataMask,
    StreamAlias,
    StreamAliasTap,
    StreamId,
    StreamNote,
    StreamVariable,
)
from server.apps.streams.services.named_readings import store_named_values
from server.apps.streams.tests.data import START, store
from server.apps.streams.tests.lifecycle import (
    RunJobs,
    ids_in,
    keys_of,
    live_ids,
    mailed,
    post,
    state_of,
    undone,
)
from server.core.queue import enqueue
from server.lib.named_values import NamedValue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


@pytest.fixture
def garden(acme: Org) -> Project:
    return make_project(name="Garden", org=acme)


@pytest.fixture
def globex(alice: Account) -> Project:
    """A project of another organisation of Alice's."""
    return make_project(name="Globex", org=make_org(name="Globex", owner=alice))


def move(
    run_jobs: RunJobs, client: APIClient, device: Device, into: Project, *, move_data: bool = True
) -> str:
    answer = post(client, f"device/{device.slug}/move/", {"project": into.slug, "move_data": move_data})
    assert (answer.status_code, answer.data["move"]) == (202, "scheduled"), answer.data
    run_jobs()
    device.refresh_from_db()
    return str(answer.data["pid"])


def test_its_history_goes_along(owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs) -> None:
    store(device, 3)
    keys = keys_of(device)

    move(run_jobs, owner, device, garden)

    assert (device.project, device.state) == (garden, "N1")
    assert (keys_of(device), live_ids(device)) == (keys, [1, 2, 3])
    stream = StreamId.objects.get()
    assert stream.slug == f"s--{garden.slug.removeprefix('p--')}--{device.gid}--5001"
    store(device, 1, first_id=4)
    assert live_ids(device) == [1, 2, 3, 4]


def test_variables_that_the_project_lacks_are_made(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    StreamVariable.objects.update(name="North main", decimal_places=3, multiplication_factor=7)

    move(run_jobs, owner, device, garden)

    made = StreamId.objects.get().variable
    assert (made.project, made.slug) == (garden, f"v--{garden.slug.removeprefix('p--')}--5001")
    assert (made.name, made.decimal_places, made.multiplication_factor) == ("North main", 3, 7)
    assert made.input_unit_id == "in--water-meter-volume--gallons"


def test_variables_that_the_project_has_are_taken(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    known = StreamVariable.objects.create(
        project=garden, org=garden.org, lid=0x5001, name="Own", slug=f"v--{garden.slug[3:]}--5001"
    )

    move(run_jobs, owner, device, garden)

    assert StreamId.objects.get().variable == known


def test_between_organisations_everything_changes_hands(
    owner: APIClient, device: Device, acme: Org, globex: Project, run_jobs: RunJobs
) -> None:
    store(device, 2)
    stream = StreamId.objects.get()
    StreamNote.objects.create(org=acme, target=device.slug, timestamp=START, note="Wet.")
    StreamNote.objects.create(org=acme, target=stream.slug, timestamp=START, note="Wet.")
    Property.objects.create(org=acme, target=device.slug, name="color", text="red")
    DeviceLocation.objects.create(org=acme, target=device.slug, timestamp=START, lat=1, lon=2)
    DataMask.objects.create(org=acme, target=device.slug, start=START)
    Device.objects.filter(pk=device.pk).update(notification_recipients=["user:bob"])
    issue_upload_key(device=device, by=None)

    move(run_jobs, owner, device, globex)

    for model in (StreamNote, Property, DeviceLocation, DataMask, StreamId):
        orgs = {row.org_id for row in model._default_manager.all()}
        assert orgs == {globex.org_id}, model
    assert (device.org, device.notification_recipients) == (globex.org, [])
    assert not DeviceKey.objects.filter(kind=DeviceKey.Kind.UPLOAD, revoked_on=None).exists()
    assert set(Change.objects.filter(event="move-device").values_list("org__slug", "verb")) == {
        ("acme", "deleted"),
        ("globex", "created"),
    }


def test_an_alias_of_the_former_organisation_is_no_window_into_the_new_one(
    owner: APIClient, device: Device, acme: Org, globex: Project, run_jobs: RunJobs
) -> None:
    alias = StreamAlias.objects.create(slug="a--0000-0000-0000-0001", name="Main", org=acme)
    StreamAliasTap.objects.create(alias=alias, timestamp=START, stream=StreamId.objects.get())

    move(run_jobs, owner, device, globex)

    assert not StreamAliasTap.objects.exists()


def test_without_its_data_it_starts_from_the_beginning(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    store(device, 3)
    left = keys_of(device)

    move(run_jobs, owner, device, garden, move_data=False)

    assert (ids_in(left), live_ids(device)) == ([1, 2, 3], [])
    store(device, 1, first_id=4)
    assert live_ids(device) == [4]


def test_back_where_it_left_data_it_does_not_mix_them(
    owner: APIClient, device: Device, project: Project, garden: Project, run_jobs: RunJobs
) -> None:
    store(device, 3)
    move(run_jobs, owner, device, garden, move_data=False)
    store(device, 1, first_id=4)

    pid = move(run_jobs, owner, device, project)

    assert state_of(pid)[0] == "failed"
    assert (device.project, device.state, live_ids(device)) == (garden, "N1", [4])
    assert mailed()[-1][0] == f"Fieldline: {device.slug} was not moved"


def test_empty_streams_that_it_left_give_way(
    owner: APIClient, device: Device, project: Project, garden: Project, run_jobs: RunJobs
) -> None:
    move(run_jobs, owner, device, garden, move_data=False)
    store(device, 1)

    move(run_jobs, owner, device, project)

    assert (device.project, live_ids(device)) == (project, [1])


def send_as(device: Device, name: str) -> None:
    device.refresh_from_db()
    store_named_values(device=device, values=[NamedValue(name, 7, None)], now=START)


def named_streams(device: Device) -> dict[str, tuple[Project | None, int]]:
    streams = StreamId.objects.filter(device=device).exclude(variable__sent_name="")
    return {
        each.variable.sent_name: (each.project, each.var_lid)
        for each in streams.select_related("variable", "project")
        if each.var_lid == each.variable.lid and each.project == each.variable.project
    }


def test_what_it_sends_under_a_name_goes_to_the_variable_of_that_name(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    send_as(device, "t")
    lid = StreamVariable.objects.get(sent_name="t").lid
    # There the id of the one means something else, and the name has another.
    StreamVariable.objects.create(project=garden, lid=lid, name="u", sent_name="u", slug="v--u")
    there = StreamVariable.objects.create(project=garden, lid=0x6001, name="T", sent_name="t", slug="v--t")

    move(run_jobs, owner, device, garden)

    assert named_streams(device) == {"t": (garden, 0x6001)}
    stream = StreamId.objects.get(device=device, variable=there)
    assert stream.slug.endswith("--6001")
    assert ids_in([stream.key]) == [1]


def test_a_name_that_the_project_lacks_gets_a_free_id(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    send_as(device, "t")
    lid = StreamVariable.objects.get(sent_name="t").lid
    StreamVariable.objects.create(project=garden, lid=lid, name="u", sent_name="u", slug="v--u")

    move(run_jobs, owner, device, garden)

    assert named_streams(device) == {"t": (garden, lid + 1)}
    send_as(device, "t")
    stream = StreamId.objects.get(device=device, var_lid=lid + 1)
    assert ids_in([stream.key]) == [1, 2]


def test_a_name_keeps_its_id_where_that_is_free(
    owner: APIClient, device: Device, garden: Project, run_jobs: RunJobs
) -> None:
    send_as(device, "t")
    lid = StreamVariable.objects.get(sent_name="t").lid

    move(run_jobs, owner, device, garden)

    assert named_streams(device) == {"t": (garden, lid)}


def test_the_mover_gets_a_mail(
    owner: APIClient, device: Device, garden: Project, alice: Account, run_jobs: RunJobs
) -> None:
    move(run_jobs, owner, device, garden)

    assert mailed() == [(f"Fieldline: {device.slug} was moved", [alice.email])]


def test_within_an_organisation_it_takes_the_right_to_reset(
    device: Device, garden: Project, bob: Account
) -> None:
    answer = post(api_client(bob), f"device/{device.slug}/move/", {"project": garden.slug})

    assert answer.status_code == 403


@pytest.mark.parametrize("where", ["here", "there"])
def test_between_organisations_it_takes_rights_in_both(
    device: Device, acme: Org, globex: Project, where: str
) -> None:
    user = make_account()
    add_member(org=acme, user=user, role=Role.MEMBER if where == "there" else Role.ADMIN)
    add_member(org=globex.org, user=user, role=Role.MEMBER if where == "here" else Role.ADMIN)

    answer = post(api_client(user), f"device/{device.slug}/move/", {"project": globex.slug})

    assert answer.status_code == 403
    device.refresh_from_db()
    assert device.state == "N1"


def test_a_strangers_project_is_as_good_as_none(owner: APIClient, device: Device, charlie: Account) -> None:
    theirs = make_project(org=Org.objects.get(name="Elsewhere"))

    answers = [
        post(owner, f"device/{device.slug}/move/", {"project": name})
        for name in (theirs.slug, "p--0fff-ffff")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert str(answers[0].data).replace(theirs.slug, "") == str(answers[1].data).replace("p--0fff-ffff", "")


def test_a_busy_device_and_one_that_is_there_already_are_refused(
    owner: APIClient, device: Device, project: Project, garden: Project
) -> None:
    here = post(owner, f"device/{device.slug}/move/", {"project": project.slug})
    first = post(owner, f"device/{device.slug}/move/", {"project": garden.slug})
    second = post(owner, f"device/{device.slug}/move/", {"project": garden.slug})

    assert [answer.status_code for answer in (here, first, second)] == [400, 202, 403]


def test_the_job_again_changes_nothing(
    owner: APIClient, device: Device, garden: Project, project: Project, run_jobs: RunJobs
) -> None:
    store(device, 3)
    pid = move(run_jobs, owner, device, garden)
    undone(pid)

    enqueue(MoveDevice(pid=pid, device=device.pk, project=str(garden.pk), with_data=True, state="N0"))
    run_jobs()

    device.refresh_from_db()
    assert (device.project, device.state, live_ids(device)) == (garden, "N1", [1, 2, 3])
    assert StreamNote.objects.filter(target=device.slug).count() == 1


def test_archives_stay_where_they_were_made(
    owner: APIClient, device: Device, globex: Project, acme: Org, run_jobs: RunJobs
) -> None:
    store(device, 2)
    post(owner, "datablock/", {"title": "Spring", "device": device.slug})
    run_jobs()

    move(run_jobs, owner, device, globex)

    assert StreamId.objects.exclude(block=None).get().org == acme
