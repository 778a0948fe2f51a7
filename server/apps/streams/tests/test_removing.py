"""Readings are trimmed in portions, and a trim that was killed continues."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device
from server.apps.streams.store import removing
from server.apps.streams.tests.data import START, store
from server.apps.streams.tests.lifecycle import (
    RunJobs,
    expected_summaries,
    ids_in,
    keys_of,
    live_ids,
    post,
    state_of,
    summaries,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


def at(minutes: float) -> str:
    """Return the time this long after the first reading."""
    return (START + timedelta(minutes=minutes)).isoformat()


def trim(run_jobs: RunJobs, client: APIClient, device: Device, **body: str) -> str:
    answer = post(client, f"device/{device.slug}/trim/", body)
    assert (answer.status_code, answer.data["trim"]) == (202, "scheduled"), answer.data
    run_jobs()
    return str(answer.data["pid"])


def test_many_rows_go_in_portions(
    owner: APIClient, device: Device, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    monkeypatch.setattr(removing, "ROWS_PER_TRANSACTION", 7)
    store(device, 100, every_s=1)
    store(device, 30, first_id=101, every_s=0)  # more at one time than a portion has

    pid = trim(run_jobs, owner, device, start=at(60))

    assert live_ids(device) == []
    assert state_of(pid) == ("done", "130 readings deleted.")


def test_a_trim_that_was_killed_goes_on(
    owner: APIClient, device: Device, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    monkeypatch.setattr(removing, "ROWS_PER_TRANSACTION", 10)
    store(device, 100)
    keys, kept = keys_of(device), removing.ClosedTimeRange(start=START + timedelta(minutes=90))
    answer = post(owner, f"device/{device.slug}/trim/", {"start": at(90)})
    some = removing.remove_readings(keys, kept)
    next(some)
    next(some)  # and here the worker dies
    del some
    assert len(ids_in(keys)) == 80

    run_jobs()

    assert state_of(answer.data["pid"])[0] == "done"
    assert len(ids_in(keys)) == 10
    assert summaries(keys) == expected_summaries(keys)
