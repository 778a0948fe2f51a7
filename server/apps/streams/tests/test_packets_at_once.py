"""Two streamers that upload parts of the same packets at the same time, with real commits."""

import json

import pytest

from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, VarType
from server.apps.streams.services.streams import stream_writers
from server.apps.streams.tests.written import BOOT, Sender, event, row, rows_in
from server.core.tests.committed import at_once, committed
from server.lib.formats.packets import BEGIN, END

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LID = 0x5020


def senders(device: Device, var_type: str) -> tuple[Sender, Sender]:
    assert device.project_id is not None
    stream_writers(device_id=device.pk, project_id=device.project_id, lids={LID})
    StreamId.objects.filter(device=device, var_lid=LID).update(var_type=var_type)
    return Sender(device), Sender(device, streamer_key=2)


def test_the_halves_of_a_packet_make_one_event(device: Device) -> None:
    one, other = senders(device, "accelerometer-event")
    rows = [row(1 + place, value=word, lid=LID) for place, word in enumerate([BEGIN, 12 << 16, 0, 0, 0, END])]

    at_once(lambda: one.send(*rows[:3]), lambda: other.send(*rows[3:]))

    [(reading_id, document)] = rows_in("event", "seq, extra_data::text")
    assert (reading_id, json.loads(str(document))["duration"]) == (1, 12)


def test_an_event_gets_the_time_of_its_reading(device: Device) -> None:
    VarType.objects.filter(pk="pod-1m-accelerometer").get()
    one, other = senders(device, "pod-1m-accelerometer")

    at_once(
        lambda: one.send(row(9, at=100, value=5, lid=LID)), lambda: other.send(events=[event(5, lid=LID)])
    )

    [(ts, status)] = rows_in("event", "ts, status")
    assert ((ts - BOOT).total_seconds(), status) == (100.0, 1)  # type: ignore[operator]  # columns are objects
