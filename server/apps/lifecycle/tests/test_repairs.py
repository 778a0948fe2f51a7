"""What each kind of repair changes, and what it leaves alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from server.apps.accounts.models import Account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceState
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs.planning import discard_repair
from server.apps.lifecycle.tests.repairing import Repairer, counts, damage, stored
from server.apps.streams.models import StreamId
from server.apps.streams.tests.lifecycle import state_of
from server.apps.streams.tests.recounted import assert_all_agrees, everything_stored
from server.apps.streams.tests.written import BOOT, IO_1, NOON, REBOOT, Sender, row, rows_in
from server.core.errors import Conflict, Forbidden, Invalid
from server.lib.timeseries import TimeStatus

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
Kind = Repair.Kind


@pytest.fixture
def repairer(device: Device, alice: Account, run_jobs: Callable[[], int]) -> Repairer:
    return Repairer(device, alice, run_jobs)


@pytest.fixture
def sender(device: Device) -> Sender:
    return Sender(device)


def statuses() -> dict[int, int]:
    return {
        int(str(reading_id)): int(str(status)) for reading_id, status in rows_in("reading", "seq, status")
    }


# Planning


def test_a_plan_changes_nothing(repairer: Repairer, sender: Sender) -> None:
    sender.send(*[row(n, at=n, value=n) for n in range(1, 10)])
    before = everything_stored()

    repairer.plan(Kind.ADJUST_FORWARD, base_ts=(BOOT + DAY).isoformat(), first_id=1, last_id=9)

    assert everything_stored() == before


def test_a_plan_lists_what_would_change(repairer: Repairer, sender: Sender) -> None:
    sender.send(*[row(n, at=n, value=n) for n in range(1, 10)])

    repair = repairer.plan(Kind.ADJUST_FORWARD, base_ts=(BOOT + DAY).isoformat(), first_id=3, last_id=5)

    assert repair.state == Repair.State.PLANNED
    assert counts(repair.plan)["readings"] == {"changed": 3, "added": 0, "removed": 0}
    assert repair.plan["before"] == {
        "first": (BOOT + 3 * SECOND).isoformat(),
        "last": (BOOT + 5 * SECOND).isoformat(),
    }
    assert repair.plan["after"] == {
        "first": (BOOT + DAY).isoformat(),
        "last": (BOOT + DAY + 2 * SECOND).isoformat(),
    }
    assert repair.plan["largest_shift_s"] == 86_400 - 3
    assert [example["id"] for example in repair.plan["examples"]] == [3, 4, 5]
    assert repair.plan["examples"][0]["after"]["timestamp"] == (BOOT + DAY).isoformat()


def test_a_plan_shows_twenty_rows_at_most(repairer: Repairer, sender: Sender) -> None:
    sender.send(*[row(n, at=n, value=n) for n in range(1, 50)])

    repair = repairer.plan(Kind.ADJUST_FORWARD, base_ts=BOOT.isoformat(), first_id=1, last_id=49)

    assert len(repair.plan["examples"]) == 20
    assert repair.plan["readings"]["changed"] == 49


def test_a_device_in_no_project_has_nothing_to_repair(repairer: Repairer) -> None:
    Device.objects.filter(pk=repairer.device.pk).update(project=None)
    repairer.device.refresh_from_db()

    with pytest.raises(Conflict):
        repairer.plan(Kind.REMOVE_DUPLICATES)


def test_it_takes_the_permission(repairer: Repairer, charlie: Account) -> None:
    repairer.by = charlie

    with pytest.raises(Forbidden):
        repairer.plan(Kind.REMOVE_DUPLICATES)


def test_a_plan_that_would_change_nothing_is_not_run(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10))
    repair = repairer.plan(Kind.REMOVE_DUPLICATES)

    with pytest.raises(Conflict, match="nothing to repair"):
        repairer.apply(repair)

    repairer.device.refresh_from_db()
    assert not repairer.device.busy


def test_a_plan_may_be_discarded_a_repair_may_not(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10))
    arguments = {"base_ts": NOON.isoformat(), "first_id": 1, "last_id": 1}
    done, planned = repairer.repair(Kind.ADJUST_FORWARD, **arguments), repairer.plan(Kind.REMOVE_DUPLICATES)

    discard_repair(repair=planned, by=repairer.by)
    with pytest.raises(Conflict):
        discard_repair(repair=done, by=repairer.by)

    assert list(Repair.objects.all()) == [done]


# Adjusting


def test_times_count_from_the_first_reading_on(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10), row(2, at=25), row(3, at=100), row(4, at=101))

    repair = repairer.repair(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=2, last_id=3)

    assert stored(device) == {
        1: BOOT + 10 * SECOND,
        2: NOON,
        3: NOON + 75 * SECOND,
        4: BOOT + 101 * SECOND,
    }
    assert (repair.state, counts(repair.result)) == (Repair.State.DONE, counts(repair.plan))
    assert_all_agrees()


def test_times_count_back_from_the_last_reading(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10), row(2, at=25), row(3, at=100))

    repairer.repair(Kind.ADJUST_BACKWARD, base_ts=NOON.isoformat(), first_id=1, last_id=3)

    assert stored(device) == {1: NOON - 90 * SECOND, 2: NOON - 75 * SECOND, 3: NOON}
    assert_all_agrees()


def test_without_a_moment_the_last_reading_stays(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10), row(2, at=25))
    damage("UPDATE reading SET ts = ts - interval '3 days' WHERE seq = 1")
    repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-05")
    repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")

    repairer.repair(Kind.ADJUST_BACKWARD, first_id=1, last_id=2)

    assert stored(device) == {1: BOOT + 10 * SECOND, 2: BOOT + 25 * SECOND}
    assert_all_agrees()


def test_what_has_a_time_of_a_clock_stays(repairer: Repairer, sender: Sender, device: Device) -> None:
    clock = 0x8000_0000 + 675_000_000
    sender.send(row(1, at=10), row(2, at=clock), row(3, at=20))
    at = stored(device)[2]

    repair = repairer.repair(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=1, last_id=3)

    assert stored(device) == {1: NOON, 2: at, 3: NOON + 10 * SECOND}
    assert "1 rows" in repair.plan["warnings"][0]


def test_adjusted_times_are_clean(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10), row(2, lid=REBOOT), row(3, at=20))
    assert statuses()[1] == TimeStatus.DRT

    repairer.repair(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=1, last_id=1)

    assert statuses()[1] == TimeStatus.CLN


def test_a_range_across_a_reboot_is_refused(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10), row(2, lid=REBOOT), row(3, at=20))

    with pytest.raises(Invalid, match="reboot") as refused:
        repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=1, last_id=3)

    assert refused.value.field == "last_id"
    assert (
        repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=2, last_id=3).plan["readings"][
            "changed"
        ]
        == 2
    )


def test_a_range_without_readings_is_refused(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10))

    with pytest.raises(Invalid):
        repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=5, last_id=9)


# Before a reboot


def test_what_is_before_a_reboot_ends_before_the_boot_of_a_later_reading(
    repairer: Repairer, sender: Sender, device: Device
) -> None:
    sender.send(row(1, at=10), row(2, at=30), row(3, lid=REBOOT, at=1), row(4, at=20))

    repairer.repair(Kind.REPROCESS_REBOOT, reboot_id=3, ref_id=4, offset=100.0)

    assert stored(device) == {
        1: BOOT - 120 * SECOND,
        2: BOOT - 100 * SECOND,
        3: BOOT + SECOND,
        4: BOOT + 20 * SECOND,
    }
    assert statuses()[1] == TimeStatus.DRT
    assert_all_agrees()


def test_what_is_before_a_reboot_is_placed_from_a_reading_of_its_own(
    repairer: Repairer, sender: Sender, device: Device
) -> None:
    sender.send(row(1, at=10), row(2, at=30), row(3, lid=REBOOT, at=1), row(4, at=20))
    repairer.repair(Kind.ADJUST_FORWARD, base_ts=(BOOT - DAY).isoformat(), first_id=2, last_id=2)

    repairer.repair(Kind.REPROCESS_REBOOT, reboot_id=3, ref_id=2, offset=1.0)

    assert (stored(device)[1], stored(device)[2]) == (BOOT - DAY - 20 * SECOND, BOOT - DAY)
    assert statuses()[1] == TimeStatus.CLN


def test_earlier_boots_stay(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10), row(2, lid=REBOOT), row(3, at=30), row(4, lid=REBOOT), row(5, at=20))
    before = stored(device)

    repairer.repair(Kind.REPROCESS_REBOOT, reboot_id=4, ref_id=5, offset=500.0)

    after = stored(device)
    assert {n for n in before if before[n] != after[n]} == {2, 3}


@pytest.mark.parametrize(
    ("reboot_id", "ref_id", "field"),
    [(3, 5, "reboot_id"), (2, 5, "ref_id"), (4, 1, "ref_id"), (4, 9, "ref_id")],
)
def test_ids_that_do_not_belong_together_are_refused(
    repairer: Repairer, sender: Sender, reboot_id: int, ref_id: int, field: str
) -> None:
    sender.send(row(1, at=10), row(2, lid=REBOOT), row(3, at=30), row(4, lid=REBOOT), row(5, at=20))

    with pytest.raises(Invalid) as refused:
        repairer.plan(Kind.REPROCESS_REBOOT, reboot_id=reboot_id, ref_id=ref_id, offset=1.0)

    assert refused.value.field == field


# Duplicates


def test_a_healthy_device_has_no_duplicates(repairer: Repairer, sender: Sender) -> None:
    sender.send(*[row(n, at=n, value=n) for n in range(1, 10)])
    sender.send(*[row(n, at=n, value=n) for n in range(5, 15)])

    repair = repairer.plan(Kind.REMOVE_DUPLICATES)

    assert counts(repair.plan)["readings"] == {"changed": 0, "added": 0, "removed": 0}


def test_of_copies_the_earliest_stays(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10, value=7), row(2, at=20, value=8))
    damage(
        "INSERT INTO reading SELECT ts + interval '90 minutes', seq, value, int_value, device_ts, stream_key, status, kind FROM reading WHERE seq = 1"
    )
    damage("INSERT INTO reading SELECT * FROM reading WHERE seq = 2")
    repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")

    repair = repairer.repair(Kind.REMOVE_DUPLICATES)

    assert repair.result["readings"]["removed"] == 2
    assert rows_in("reading", "seq, ts", "1") == [(1, BOOT + 10 * SECOND), (2, BOOT + 20 * SECOND)]
    assert_all_agrees()


def test_the_same_word_with_another_id_is_no_copy(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10, value=7), row(2, at=10, value=7))

    assert repairer.plan(Kind.REMOVE_DUPLICATES).plan["readings"]["removed"] == 0


# Hours


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rollup_hour SET count = count + 1",
        "UPDATE rollup_hour SET sum = sum + 1",
        "UPDATE rollup_hour SET last = last + 1",
        "DELETE FROM rollup_hour",
        "UPDATE rollup_hour SET hour = hour + interval '1 hour'",
        "UPDATE latest SET count = count - 1",
        "UPDATE latest SET seq = 1",
        "UPDATE latest SET first_ts = first_ts - interval '1 s'",
        "DELETE FROM latest",
    ],
)
def test_wrong_rollups_are_found_and_recomputed(repairer: Repairer, sender: Sender, sql: str) -> None:
    sender.send(*[row(n, at=100 * n, value=n) for n in range(1, 20)])
    before = everything_stored()
    damage(sql)

    repair = repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")

    assert counts(repair.result) == counts(repair.plan)
    assert everything_stored() == before


def test_right_rollups_are_not_recomputed(repairer: Repairer, sender: Sender) -> None:
    sender.send(*[row(n, at=100 * n, value=n) for n in range(1, 20)])

    plan = repairer.plan(Kind.REBUILD_ROLLUPS, month="2021-06").plan

    assert (plan["hours"], plan["latest"]) == (0, 0)


def test_hours_of_other_months_are_not_looked_at(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10))
    damage("UPDATE rollup_hour SET count = 5")

    assert repairer.plan(Kind.REBUILD_ROLLUPS, month="2021-07").plan["hours"] == 0


def test_recomputed_rollups_are_not_undone(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10))
    damage("UPDATE rollup_hour SET count = 5")
    repair = repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")

    with pytest.raises(Conflict):
        repairer.undo(repair)


# Around it


def test_what_was_done_is_on_the_record(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10))
    repair = repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=1, last_id=1)

    pid = repairer.apply(repair)

    assert state_of(pid) == ("done", "1 reading changed.")
    change = Change.objects.get(event="repair-device")
    assert (change.ref, change.details["kind"]) == (device.slug, "adjust-forward")
    assert device.state == DeviceState.ACTIVE
    assert repair.done_on is not None


def test_archived_data_is_left_alone(repairer: Repairer, sender: Sender, device: Device) -> None:
    sender.send(row(1, at=10))
    key = StreamId.objects.get(device=device, var_lid=IO_1).key
    StreamId.objects.filter(key=key).update(project=None, slug="b--0001-0000-0000-0001")

    with pytest.raises(Invalid):
        repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=1, last_id=1)
