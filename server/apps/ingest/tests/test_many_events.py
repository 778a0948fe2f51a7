"""Reports of very many events: neither the object store nor other devices' reports may have to wait
for them."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import Carrier, dictionary, files_below, process
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.payloads import event_of_token, event_token, payload_parts

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def events_with(data: list[Any]) -> list[dict[str, Any]]:
    return [
        {"stream": "5020", "streamer_local_id": number, "extra_data": {}, "data": each}
        for number, each in enumerate(data, start=1)
    ]


def stored_data(device: Device) -> list[Any]:
    """The large parts of the device's events, as clients read them."""
    with connections["streamdata"].cursor() as cursor:
        keys = [stream.key for stream in device.streams.all()]
        cursor.execute("SELECT uuid FROM event WHERE stream_key = ANY(%s) ORDER BY seq", [keys])
        found = [event_of_token(event_token(event_id)) for (event_id,) in cursor.fetchall()]
    parts = [payload_parts(event) for event in found]
    return [None if part is None else json.loads(b"".join(part)) for part in parts]


@pytest.fixture
def objects(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the object store, on the disk as in operation."""
    backend = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return tmp_path


def event_files(objects: Path) -> list[str]:
    return [name for name in files_below(objects) if name.startswith("events/")]


def test_a_report_of_36_000_events_with_small_data_makes_no_file(
    carrier: Carrier, device: Device, objects: Path
) -> None:
    report = carrier.upload(dictionary(device, events=events_with([{}] * 36_000)), name="report.json")

    process(report)

    assert event_files(objects) == []
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event")
        assert cursor.fetchone() == (36_000,)


def test_large_data_of_a_report_is_in_one_object_and_small_data_in_the_rows(
    carrier: Carrier, device: Device, objects: Path
) -> None:
    data = [{"x": [1, 2]}, {"y": "é" * 3000}, None, {"z": list(range(2000))}, {}]
    report = carrier.upload(dictionary(device, events=events_with(data)), name="report.json")

    process(report)

    assert len(event_files(objects)) == 1
    assert stored_data(device) == data


def test_a_repeated_report_leaves_no_second_object(carrier: Carrier, device: Device, objects: Path) -> None:
    events = events_with([{"y": "a" * 3000}])

    for _ in range(2):
        carrier.deliver(dictionary(device, events=events), name="report.json")

    assert len(event_files(objects)) == 1
    assert stored_data(device) == [{"y": "a" * 3000}]


def test_a_job_that_runs_again_leaves_the_object_of_its_first_run(
    carrier: Carrier, device: Device, objects: Path
) -> None:
    report = carrier.upload(dictionary(device, events=events_with([{"y": "a" * 3000}])), name="report.json")

    for _ in range(2):
        process(report)

    assert stored_data(device) == [{"y": "a" * 3000}]


def test_an_object_that_a_crash_cut_off_is_written_again(
    carrier: Carrier, device: Device, objects: Path
) -> None:
    report = carrier.upload(dictionary(device, events=events_with([{"y": "a" * 3000}])), name="report.json")
    process(report)
    [name] = event_files(objects)
    (objects / name).write_bytes(b'{"y": "aa')

    process(report)

    assert stored_data(device) == [{"y": "a" * 3000}]


def test_an_object_stays_until_its_last_event_is_deleted(
    carrier: Carrier, device: Device, objects: Path
) -> None:
    first, second = events_with([{"y": "a" * 3000}, {"y": "b" * 3000}])
    second["stream"] = "5021"
    carrier.deliver(dictionary(device, events=[first, second]), name="report.json")
    keys = {stream.var_lid: stream.key for stream in device.streams.all()}

    remove_data([keys[0x5020]], report_progress=lambda *_: None)

    assert stored_data(device) == [{"y": "b" * 3000}]
    remove_data([keys[0x5021]], report_progress=lambda *_: None)
    assert event_files(objects) == []


def test_a_report_of_too_many_events_is_refused_with_the_limit(carrier: Carrier, device: Device) -> None:
    with pytest.raises(RefusedReport, match="at most 50000 events") as refused:
        carrier.upload(dictionary(device, events=events_with([None] * 50_001)), name="report.json")

    assert refused.value.reason == "too-many-events"
    assert refused.value.field == "events"
