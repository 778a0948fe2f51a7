"""Nobody learns from the API whether something of another organisation is there: the response is
that for what does not exist."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from server.apps.accounts.models import Account, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.signing import create_api_token
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.uploads import as_device, as_person, signed_list, upload

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

API = "/api/v1/"
NO_PROJECT = "p--0fff-ffff"
NO_DEVICE = "d--0000-0000-0fff-ffff"

DETAILS = [
    "org/{org}/",
    "project/{project_id}/",
    "project/{project}/",
    "device/{device}/",
    "device/{device}/streamers/",
    "variable/{variable}/",
    "stream/{stream}/",
    "stream/{stream}/data/",
    "stream/{stream}/data/?page=2",
    "streamer/{streamer}/",
    "streamer/{streamer}/report/",
    "streamer/report/{report}/",
]
LISTS = [
    "project/?org__slug={org}",
    "device/?org__slug={org}",
    "device/?project={project_id}",
    "variable/?project={project}",
    "stream/?project={project}",
    "stream/?device={device}",
    "stream/?variable={variable}",
    "data/?filter={stream}",
    "data/?filter={device}",
    "data/?filter={variable}&lastn=3",
    "data/?filter={stream}&page=2",
    "streamer/?device={device}",
    "streamer/?slug={streamer}",
    "streamer/report/?streamer__slug={streamer}",
    "streamer/report/?created_by__slug={account}",
]
Names = dict[str, str]


def names(project: str, device: str) -> Names:
    project_term, device_term = project.removeprefix("p--"), device.removeprefix("d--")
    return {
        "project": project,
        "device": device,
        "variable": f"v--{project_term}--5001",
        "stream": f"s--{project_term}--{device_term}--5001",
        "streamer": f"t--{device_term}--0000",
    }


@pytest.fixture
def theirs(alice: Account, project: Project, device: Device) -> Names:
    """A device of Alice's with data."""
    upload(signed_list(device), as_person(alice))
    report = StreamerReport.objects.get()
    process_report(report_id=str(report.pk))
    more = {
        "org": project.org.slug,
        "project_id": str(project.pk),
        "report": str(report.pk),
        "account": "alice",
    }
    return names(project.slug, device.slug) | more


@pytest.fixture
def nobodys() -> Names:
    more = {
        "org": "nothing",
        "project_id": str(uuid.uuid4()),
        "report": str(uuid.uuid4()),
        "account": "nobody-at-all",
    }
    return names(NO_PROJECT, NO_DEVICE) | more


@pytest.fixture
def strangers(charlie: Account, project: Project) -> dict[str, Callable[[], dict[str, str]]]:
    gone = make_account(username="gone")
    add_member(org=project.org, user=gone, role=Role.DEREGISTERED)
    return {
        "nobody": dict,
        "somebody else": lambda: as_person(charlie),
        "somebody else's token": lambda: {"Authorization": f"Token {create_api_token(user=charlie)}"},
        "a former member": lambda: as_person(gone),
        "another device": lambda: as_device(make_device()),
    }


@pytest.mark.parametrize(
    "who", ["nobody", "somebody else", "somebody else's token", "a former member", "another device"]
)
@pytest.mark.parametrize("path", DETAILS + LISTS)
def test_a_stranger_gets_the_answer_for_what_is_not_there(
    strangers: dict[str, Callable[[], dict[str, str]]], theirs: Names, nobodys: Names, who: str, path: str
) -> None:
    client = Client(headers=strangers[who]())

    answer = client.get(API + path.format(**theirs))
    for_nothing = client.get(API + path.format(**nobodys))

    assert (answer.status_code, answer.content) == (for_nothing.status_code, for_nothing.content)


@pytest.mark.parametrize("path", [path for path in DETAILS + LISTS if "page=2" not in path])
def test_a_member_gets_another_answer(alice: Account, theirs: Names, nobodys: Names, path: str) -> None:
    client = Client(headers=as_person(alice))

    answer = client.get(API + path.format(**theirs))

    assert answer.status_code == 200
    assert answer.content != client.get(API + path.format(**nobodys)).content
