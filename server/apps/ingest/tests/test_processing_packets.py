"""Packets of encoded streams through the whole path: a report is uploaded, and the API returns
events."""

from typing import Final

import pytest
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.sent import Carrier, dictionary, process, row, signed_list
from server.apps.streams.models import StreamId
from server.apps.streams.services.streams import stream_writers
from server.lib.formats import Row

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LID: Final = 0x5020
PACKET: Final = [0xFFFFFFFF, 0x000C0082, 0x1287, 0x0F25, 0xFFFFDAAC, 0xFFFFFFFE]
"""As the original cloud's combined report has it."""


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    hold(device, "accelerometer-event")
    return Carrier(device, bob)


def hold(device: Device, var_type: str) -> None:
    assert device.project_id is not None
    stream_writers(device_id=device.pk, project_id=device.project_id, lids={LID})
    StreamId.objects.filter(device=device, var_lid=LID).update(var_type=var_type)


def packet(first: int) -> list[Row]:
    return [row(first + place, at=7000, value=word, lid=LID) for place, word in enumerate(PACKET)]


def shown(user: Account, what: str, stream: StreamId) -> list[dict[str, object]]:
    client = APIClient(headers={"Authorization": f"JWT {issue_jwt(user=user)}"})
    answer = client.get(f"/api/v1/{what}/?filter={stream.slug}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, object]] = answer.json()["results"]
    return found


def test_two_packets_of_a_combined_report_are_two_events(
    carrier: Carrier, device: Device, bob: Account
) -> None:
    carrier.deliver(signed_list(device, [*packet(1), *packet(7), row(13)], sent_s=7820))

    stream = StreamId.objects.get(var_lid=LID)
    events = shown(bob, "event", stream)
    rows = shown(bob, "data", stream)
    assert [event["streamer_local_id"] for event in events] == [1, 7]
    assert events[0]["extra_data"] == {
        "axis": "z",
        "peak": 32 * 49 / 1000,
        "duration": 12,
        "delta_v_x": 4743 / 65536,
        "delta_v_y": 3877 / 65536,
        "delta_v_z": -9556 / 65536,
    }
    assert (events[0]["status"], events[0]["device_timestamp"]) == ("cln", 7000)
    assert [(row["type"], row["value"]) for row in rows] == [
        *[(code, None) for code in ("P-0", "P-1", "P-1", "P-1", "P-1", "P-E")] * 2
    ]
    assert [row["int_value"] for row in rows[:6]] == PACKET
    assert events[0]["timestamp"] == rows[0]["timestamp"]


def test_the_ledger_counts_readings_and_not_what_was_made_of_them(carrier: Carrier, device: Device) -> None:
    stored = carrier.deliver(signed_list(device, packet(1)))

    assert stored is not None
    assert stored.stored == 6


def test_a_report_that_is_processed_again_makes_no_second_event(
    carrier: Carrier, device: Device, bob: Account
) -> None:
    report = carrier.upload(signed_list(device, packet(1)))
    process(report)
    StreamerReport.objects.update(status=StreamerReport.Status.RECEIVED)

    process(report)

    assert len(shown(bob, "event", StreamId.objects.get(var_lid=LID))) == 1


def test_a_packet_of_two_reports_is_one_event(carrier: Carrier, device: Device, bob: Account) -> None:
    """As when a report is cut at its greatest size."""
    carrier.deliver(signed_list(device, packet(1)[:4]))
    carrier.deliver(signed_list(device, [*packet(1)[4:], row(9)]))

    [event] = shown(bob, "event", StreamId.objects.get(var_lid=LID))
    assert event["extra_data"]["duration"] == 12  # type: ignore[index]  # it is a map


@pytest.mark.parametrize("first", ["event", "reading"])
def test_an_event_and_the_reading_with_its_time_come_by_two_streamers(
    carrier: Carrier, device: Device, bob: Account, first: str
) -> None:
    hold(device, "pod-1m-accelerometer")
    event = {"stream": "5020", "streamer_local_id": 5, "timestamp": None, "extra_data": {"peak": 7}}
    reports = [
        (dictionary(device, events=[event]), "report.json"),
        (signed_list(device, [row(6, at=600, value=5, lid=LID)]), "report.bin"),
    ]

    for data, name in reports if first == "event" else reversed(reports):
        carrier.deliver(data, name=name)

    stream = StreamId.objects.get(var_lid=LID)
    [found], [reading] = shown(bob, "event", stream), shown(bob, "data", stream)
    assert (found["timestamp"], found["status"]) == ("2021-06-01T11:10:00Z", "cln")
    assert reading["timestamp"] == found["timestamp"]
    assert (reading["type"], reading["value"]) == ("Num", 5.0)
