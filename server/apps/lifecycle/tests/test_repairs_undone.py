"""Repairs are applied once and can be undone, whatever process dies in between."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError

from server.apps.accounts.models import Account
from server.apps.activity.models import Operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.services.states import make_busy
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs.applying import start_repair
from server.apps.lifecycle.tests.repairing import (
    Repairer,
    accept_again,
    counts,
    damage,
    forget_jobs,
    refuse_in_core,
)
from server.apps.streams.models import StreamId
from server.apps.streams.tests.lifecycle import state_of, undone
from server.apps.streams.tests.recounted import assert_all_agrees, everything_stored
from server.apps.streams.tests.written import BOOT, IO_1, NOON, REBOOT, Sender, event, row, rows_in
from server.core.errors import Conflict, Forbidden
from server.lib.formats import Row

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DAY = timedelta(days=1)
Kind = Repair.Kind
COPIES = """
    INSERT INTO reading SELECT ts + interval '90 minutes', seq, value, int_value, device_ts, stream_key, status, kind
    FROM reading WHERE seq % 3 = 0 AND stream_key = (SELECT min(stream_key) FROM reading)
"""


@pytest.fixture
def repairer(device: Device, alice: Account, run_jobs: Callable[[], int]) -> Repairer:
    return Repairer(device, alice, run_jobs)


@pytest.fixture
def sender(device: Device) -> Sender:
    return Sender(device)


def planned(repairer: Repairer, sender: Sender) -> Repair:
    sender.send(*[row(n, at=n, value=n) for n in range(1, 6)])
    return repairer.plan(Kind.ADJUST_FORWARD, base_ts=NOON.isoformat(), first_id=2, last_id=4)


def kept_rows() -> int:
    """Without those that only record that something was done."""
    return len(rows_in("repaired_row WHERE stream_key > 0"))


def some_rows(rng: random.Random) -> list[Row]:
    """Three boots on two streams, ids and uptimes going up within each."""
    rows: list[Row] = []
    for _ in range(3):
        uptime = 0
        for _ in range(rng.randint(3, 12)):
            uptime += rng.choice([1, 60, 2000])
            rows.append(
                row(len(rows) + 1, at=uptime, value=rng.randint(0, 99), lid=rng.choice([IO_1, 0x5020]))
            )
        rows.append(row(len(rows) + 1, lid=REBOOT))
    return rows


# Undo


def test_undone_all_is_as_it_was(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    before = everything_stored()
    repairer.apply(repair)
    assert everything_stored() != before

    pid = repairer.undo(repair)

    assert everything_stored() == before
    assert (repair.state, state_of(pid)[0]) == (Repair.State.UNDONE, "done")
    assert kept_rows() == 0
    assert repairer.device.state == DeviceState.ACTIVE


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kind", [Kind.ADJUST_FORWARD, Kind.ADJUST_BACKWARD, Kind.REPROCESS_REBOOT, Kind.REMOVE_DUPLICATES]
)
def test_what_is_planned_is_done_and_undone_to_the_last_bit(
    repairer: Repairer, sender: Sender, kind: Kind, seed: int
) -> None:
    rng = random.Random(seed)
    rows = some_rows(rng)
    sender.send(*rows)
    damage(COPIES)
    repairer.repair(Kind.REBUILD_ROLLUPS, month="2021-06")
    before = everything_stored()
    reboots = [id for lid, id, *_ in rows if lid == REBOOT]
    arguments = {
        Kind.REMOVE_DUPLICATES: {},
        Kind.REPROCESS_REBOOT: {"reboot_id": reboots[1], "ref_id": reboots[1] + 1, "offset": 77.5},
    }.get(
        kind,
        {
            "base_ts": (NOON + rng.randint(-90, 90) * DAY).isoformat(),
            "first_id": reboots[0],
            "last_id": reboots[1] - 1,
        },
    )

    repair = repairer.plan(kind, **arguments)
    repairer.apply(repair)

    assert counts(repair.result) == counts(repair.plan)
    assert_all_agrees()
    repairer.undo(repair)
    assert everything_stored() == before


def test_events_move_along_and_come_back(repairer: Repairer, sender: Sender) -> None:
    sender.send(row(1, at=10), row(2, at=20), events=[event(3), event(4)])
    damage("UPDATE event SET device_ts = seq * 10, status = 1")
    before = everything_stored()

    repair = repairer.repair(Kind.ADJUST_FORWARD, base_ts=(BOOT - DAY).isoformat(), first_id=1, last_id=3)

    assert repair.result["events"] == {"changed": 1, "added": 0, "removed": 0}
    moved = rows_in("event", "seq, ts, extra_data::json->'n'", "1")
    assert moved[0][1] == BOOT - DAY + timedelta(seconds=20)
    assert moved[1][1] == NOON
    repairer.undo(repair)
    assert everything_stored() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE reading SET ts = ts + interval '1 s' WHERE seq = 3",
        "UPDATE reading SET value = value + 1 WHERE seq = 3",
        "DELETE FROM reading WHERE seq = 3",
        "INSERT INTO reading SELECT * FROM reading WHERE seq = 3",
    ],
)
def test_it_is_not_undone_over_what_changed_since(repairer: Repairer, sender: Sender, sql: str) -> None:
    repair = planned(repairer, sender)
    repairer.apply(repair)
    damage(sql)
    before = everything_stored()

    pid = repairer.undo(repair)

    assert everything_stored() == before
    assert state_of(pid) == ("failed", "What is stored has changed meanwhile.")
    assert (repair.state, repair.failure) == (Repair.State.DONE, "What is stored has changed meanwhile.")
    assert repairer.device.state == DeviceState.ACTIVE


def test_it_is_not_undone_out_of_an_archive(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    repairer.apply(repair)
    StreamId.objects.filter(device=repairer.device, var_lid=IO_1).update(project=None)
    before = everything_stored()

    repairer.undo(repair)

    assert everything_stored() == before
    assert "archived" in repair.failure


def test_new_readings_do_not_stand_in_the_way(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    repairer.apply(repair)
    sender.send(row(9, at=9, value=9))

    repairer.undo(repair)

    assert repair.state == Repair.State.UNDONE
    assert_all_agrees()


# Once


def test_a_job_that_comes_again_does_nothing(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    pid = repairer.apply(repair)
    before = everything_stored()

    repairer.job_comes_again(repair, pid)

    assert everything_stored() == before


def test_a_worker_that_dies_between_the_databases_does_it_once(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    refuse_in_core("ingest_repair", "state = 'done'")
    with pytest.raises(IntegrityError):
        repairer.apply(repair)
    repair.refresh_from_db()
    after = everything_stored()
    assert (repair.state, kept_rows()) == (Repair.State.RUNNING, 3)

    accept_again("ingest_repair")
    repairer.device.refresh_from_db()
    assert repairer.device.busy
    pid = _pid_of(repairer)
    repairer.job_comes_again(repair, pid)

    assert everything_stored() == after
    assert (repair.state, counts(repair.result)) == (Repair.State.DONE, counts(repair.plan))
    assert (kept_rows(), repairer.device.busy) == (3, False)
    repairer.undo(repair)
    assert_all_agrees()


def test_a_worker_that_dies_while_taking_back_does_it_once(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    before = everything_stored()
    repairer.apply(repair)
    refuse_in_core("ingest_repair", "state = 'undone'")
    with pytest.raises(IntegrityError):
        repairer.undo(repair)
    assert everything_stored() == before

    accept_again("ingest_repair")
    repairer.undo_comes_again(repair, _pid_of(repairer))

    assert everything_stored() == before
    assert (repair.state, repairer.device.busy) == (Repair.State.UNDONE, False)


def _pid_of(repairer: Repairer) -> str:
    """Of the operation whose job failed, which is about to be tried again."""
    unfinished = {Operation.State.SCHEDULED, Operation.State.RUNNING}
    pid = str(Operation.objects.get(target=repairer.device.slug, state__in=unfinished).pk)
    undone(pid)
    return pid


def test_a_repair_that_was_given_up_goes_on_where_it_stopped(repairer: Repairer, sender: Sender) -> None:
    """Its rows were changed, its job went to the dead letters, and the device was made idle."""
    repair = planned(repairer, sender)
    refuse_in_core("ingest_repair", "state = 'done'")
    with pytest.raises(IntegrityError):
        repairer.apply(repair)
    accept_again("ingest_repair")
    after = everything_stored()
    forget_jobs()
    Device.objects.filter(pk=repairer.device.pk).update(state=DeviceState.ACTIVE)

    repairer.apply(repair)

    assert everything_stored() == after
    assert repair.state == Repair.State.DONE


def test_other_rows_than_planned_are_not_touched(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    damage("UPDATE reading SET value = 77 WHERE seq = 3")
    before = everything_stored()

    pid = repairer.apply(repair)

    assert everything_stored() == before
    assert state_of(pid)[0] == "failed"
    assert repair.state == Repair.State.FAILED
    assert "plan it again" in repair.failure
    assert repairer.device.state == DeviceState.ACTIVE


def test_a_busy_device_is_not_repaired(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    make_busy(device=repairer.device, state=DeviceState.ARCHIVING)

    with pytest.raises(Forbidden):
        start_repair(repair=repair, by=repairer.by)


def test_an_applied_repair_is_not_applied_again(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    repairer.apply(repair)

    with pytest.raises(Conflict):
        repairer.apply(repair)


def test_what_was_undone_is_not_undone_again(repairer: Repairer, sender: Sender) -> None:
    repair = planned(repairer, sender)
    repairer.apply(repair)
    repairer.undo(repair)

    with pytest.raises(Conflict):
        repairer.undo(repair)
