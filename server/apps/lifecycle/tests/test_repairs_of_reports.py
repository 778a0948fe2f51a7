"""A stored report read again."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.sent import (
    Carrier,
    dictionary,
    is_kept,
    process,
    row,
    signed_list,
    waiting_jobs,
)
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.tests.repairing import Repairer, counts, damage, stored
from server.apps.streams.models import StreamId
from server.apps.streams.tests.recounted import assert_all_agrees, everything_stored
from server.apps.streams.tests.written import IO_1, REBOOT, rows_in
from server.core.errors import Conflict, Invalid
from server.core.storage import delete_object

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

NOTHING = {"changed": 0, "added": 0, "removed": 0}
Kind = Repair.Kind


@pytest.fixture
def repairer(device: Device, alice: Account, run_jobs: Callable[[], int]) -> Repairer:
    return Repairer(device, alice, run_jobs)


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def delivered(carrier: Carrier, data: bytes, *, name: str = "report.bin") -> StreamerReport:
    report = carrier.upload(data, name=name)
    process(report)
    waiting_jobs()
    report.refresh_from_db()
    assert report.status == "stored"
    return report


def read_again(repairer: Repairer, report: StreamerReport) -> Repair:
    repair = repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk))
    repairer.apply(repair)
    assert counts(repair.result) == counts(repair.plan)
    assert_all_agrees()
    return repair


def ten_rows(device: Device) -> bytes:
    return signed_list(device, [row(n, at=60 * n, value=n) for n in range(1, 11)])


@pytest.mark.parametrize("with_reboot", [False, True])
def test_a_report_that_is_stored_as_it_should_be_changes_nothing(
    repairer: Repairer, carrier: Carrier, device: Device, with_reboot: bool
) -> None:
    first = delivered(carrier, signed_list(device, [row(1, at=10), row(2, at=20)], sent_s=30))
    carrier.received += timedelta(hours=1)
    lid = REBOOT if with_reboot else IO_1
    second = delivered(carrier, signed_list(device, [row(3, at=50), row(4, at=60, lid=lid), row(5, at=70)]))

    for report in (first, second):
        plan = repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk)).plan
        assert (plan["readings"], plan["events"]) == (NOTHING, NOTHING)


def test_what_is_missing_is_stored_again(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    before = rows_in("reading", order="seq")
    damage("DELETE FROM reading WHERE seq IN (3, 4)")
    repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")

    repair = read_again(repairer, report)

    assert repair.result["readings"] == NOTHING | {"added": 2}
    assert rows_in("reading", order="seq") == before


def test_all_of_it_missing_comes_back_once(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    before = everything_stored()
    key = StreamId.objects.get(device=device, var_lid=IO_1).key
    for table in ("reading", "rollup_hour", "latest"):
        damage(f"DELETE FROM {table} WHERE stream_key = {key}")
    damaged = everything_stored()

    repair = read_again(repairer, report)

    assert everything_stored() == before
    again = repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk))
    assert again.plan["readings"] == NOTHING
    repairer.undo(repair)
    assert everything_stored() == damaged


def test_what_stands_at_a_wrong_time_is_moved(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    right = stored(device)
    damage("UPDATE reading SET ts = ts + interval '40 days' WHERE seq BETWEEN 3 AND 5")
    for month in ("2021-06", "2021-07"):
        if repairer.plan(Kind.REBUILD_ROLLUPS, month=month).plan["hours"]:
            repairer.repair(Kind.REBUILD_ROLLUPS, month=month)
    damaged = everything_stored()

    repair = read_again(repairer, report)

    assert repair.result["readings"] == NOTHING | {"changed": 3}
    assert stored(device) == right
    repairer.undo(repair)
    assert everything_stored() == damaged


def test_values_are_those_of_the_units_of_today(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    StreamId.objects.filter(device=device, var_lid=IO_1).update(
        mdo_type=StreamId.MdoType.STREAM, multiplication_factor=2, division_factor=1, offset=0.0
    )
    [(before,)] = rows_in("reading WHERE seq = 7", "value")

    repair = read_again(repairer, report)

    [(after,)] = rows_in("reading WHERE seq = 7", "value")
    assert repair.result["readings"]["changed"] == 10
    assert after != before
    assert repair.plan["examples"][0]["before"]["value"] != repair.plan["examples"][0]["after"]["value"]


def test_other_readings_under_the_same_ids_stay(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    damage("UPDATE reading SET int_value = 999, ts = ts - interval '1 hour' WHERE seq = 4")

    plan = repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk)).plan

    assert plan["readings"] == NOTHING
    assert "1 ids" in plan["warnings"][0]


def test_what_was_archived_is_not_missing(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    archived = StreamId.objects.get(device=device, var_lid=IO_1)
    archived.slug, archived.project = "s--0000--archived", None
    archived.save()
    StreamId.objects.create(
        slug="s--0000--again",
        device=device,
        org=device.org,
        project=device.project,
        variable=archived.variable,
        var_lid=IO_1,
        var_type=archived.var_type,
    )

    assert repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk)).plan["readings"] == NOTHING


def test_missing_events_come_back_with_their_large_part(
    repairer: Repairer, carrier: Carrier, device: Device
) -> None:
    event = {"stream": "5020", "streamer_local_id": 5, "extra_data": {}, "data": {"x": list(range(1000))}}
    report = delivered(carrier, dictionary(device, events=[event]), name="report.json")
    before = everything_stored()
    [(key,)] = rows_in("event", "object_key")
    damage("DELETE FROM event")
    delete_object(str(key))
    damaged = everything_stored()

    repair = read_again(repairer, report)

    assert everything_stored() == before
    assert is_kept(str(key))
    repairer.undo(repair)
    assert everything_stored() == damaged
    assert not is_kept(str(key))


def test_without_its_file_it_is_refused(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = delivered(carrier, ten_rows(device))
    delete_object(report.object_key)

    with pytest.raises(Conflict, match="not on the object store"):
        repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk))


def test_a_report_that_waits_is_not_read_again(repairer: Repairer, carrier: Carrier, device: Device) -> None:
    report = carrier.upload(ten_rows(device))

    with pytest.raises(Conflict):
        repairer.plan(Kind.REPROCESS_REPORT, report=str(report.pk))


def test_a_report_of_nobody_is_refused(repairer: Repairer) -> None:
    with pytest.raises(Invalid) as refused:
        repairer.plan(Kind.REPROCESS_REPORT, report=str(uuid.uuid4()))

    assert refused.value.field == "report"


# Events whose time comes from a reading are in test_event_times of streams; here is what a repair
# does with them.


def test_events_stand_where_their_reading_stands(
    repairer: Repairer, carrier: Carrier, device: Device
) -> None:
    delivered(carrier, ten_rows(device))

    assert repairer.plan(Kind.SYNC_EVENT_TIMES).plan["events"] == NOTHING
