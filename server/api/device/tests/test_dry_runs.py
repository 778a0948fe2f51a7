"""What trimming, resetting, moving, archiving and unclaiming would do: a preview that changes
nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.activity.models import Operation
from server.apps.devices.models import Device, DeviceState, Project
from server.apps.devices.services.states import make_busy
from server.apps.devices.tests.factories import make_project
from server.apps.ingest.tests.sent import Carrier, process, rows, signed_list, waiting_jobs
from server.apps.streams.models import DataBlock
from server.apps.streams.tests.lifecycle import post
from server.apps.streams.tests.recounted import everything_stored
from server.core.queue import current_queue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CUT = datetime(2021, 6, 1, 11, 0, 5, tzinfo=UTC)
"""Between the uptimes 5 and 6; the last reading before it stands exactly here."""


@pytest.fixture
def stored(device: Device, bob: Account) -> Device:
    carrier = Carrier(device, bob)
    process(carrier.upload(signed_list(device, rows(*range(1, 11)))))
    waiting_jobs()
    return device


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


def preview(client: APIClient, path: str, body: dict[str, Any]) -> dict[str, int]:
    answer = post(client, f"{path}?dry_run=1", body)
    assert answer.status_code == 200, answer.data
    assert answer.data.pop("dry_run") is True
    return {name: count for name, count in answer.data.items() if count}


@pytest.fixture
def nothing_changed(stored: Device) -> Any:
    before = everything_stored()
    yield
    stored.refresh_from_db()
    assert everything_stored() == before
    assert not stored.busy
    assert not Operation.objects.exists()
    assert not DataBlock.objects.exists()
    assert not current_queue().receive(most=1, wait_seconds=0, visible_after_seconds=1)


@pytest.mark.usefixtures("nothing_changed")
def test_a_trim_previews_what_it_would_delete(owner: APIClient, stored: Device) -> None:
    effect = preview(owner, f"device/{stored.slug}/trim/", {"start": CUT.isoformat()})

    assert effect == {"streams": 1, "readings": 4}


@pytest.mark.usefixtures("nothing_changed")
def test_a_reset_previews_what_it_would_delete(owner: APIClient, stored: Device) -> None:
    effect = preview(owner, f"device/{stored.slug}/reset/", {})

    assert (effect["readings"], effect["reports"]) == (11, 1)  # with the mark of the report


@pytest.mark.usefixtures("nothing_changed")
def test_a_move_previews_what_would_move_too(owner: APIClient, stored: Device, project: Project) -> None:
    into = make_project(name="Elsewhere", org=project.org)

    assert preview(owner, f"device/{stored.slug}/move/", {"project": into.slug})["readings"] == 11
    assert preview(owner, f"device/{stored.slug}/move/", {"project": into.slug, "move_data": False}) == {}


@pytest.mark.usefixtures("nothing_changed")
def test_an_archive_previews_what_it_would_hold(owner: APIClient, stored: Device) -> None:
    assert preview(owner, "datablock/", {"title": "spring", "device": stored.slug})["readings"] == 11


@pytest.mark.usefixtures("nothing_changed")
def test_unclaiming_previews_what_it_would_delete(owner: APIClient, stored: Device) -> None:
    path = f"device/{stored.slug}/unclaim/"

    assert preview(owner, path, {})["reports"] == 1
    assert preview(owner, path, {"clean_streams": True})["readings"] == 11


@pytest.mark.parametrize("path", ["trim", "reset", "unclaim"])
def test_it_is_checked_as_if_it_were_done(
    owner: APIClient, stored: Device, charlie: Account, path: str
) -> None:
    body = {"start": CUT.isoformat()} if path == "trim" else {}
    assert post(api_client(charlie), f"device/{stored.slug}/{path}/?dry_run=1", body).status_code == 404
    make_busy(device=stored, state=DeviceState.RESETTING)

    assert post(owner, f"device/{stored.slug}/{path}/?dry_run=1", body).status_code == 403
