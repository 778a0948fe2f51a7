"""Repairs planned, applied and undone, as a person does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import reading_keys
from server.apps.lifecycle.jobs import RepairDevice, UndoRepair
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs.applying import start_repair
from server.apps.lifecycle.services.repairs.planning import plan_repair
from server.apps.lifecycle.services.repairs.undoing import start_undo
from server.core.queue import current_queue, enqueue
from server.core.queue.backends.memory import MemoryQueue


@dataclass
class Repairer:
    device: Device
    by: Account
    run_jobs: Callable[[], int]

    def plan(self, kind: Repair.Kind, **arguments: Any) -> Repair:
        return plan_repair(device=self.device, kind=kind, arguments=arguments, by=self.by)

    def apply(self, repair: Repair) -> str:
        """Returns the pid."""
        operation = start_repair(repair=repair, by=self.by)
        self._run_jobs(repair)
        return str(operation.pk)

    def undo(self, repair: Repair) -> str:
        operation = start_undo(repair=repair, by=self.by)
        self._run_jobs(repair)
        return str(operation.pk)

    def repair(self, kind: Repair.Kind, **arguments: Any) -> Repair:
        repair = self.plan(kind, **arguments)
        self.apply(repair)
        return repair

    def _run_jobs(self, repair: Repair) -> None:
        self.run_jobs()
        repair.refresh_from_db()
        self.device.refresh_from_db()

    def job_comes_again(self, repair: Repair, pid: str) -> None:
        """As when the worker died before it could delete the message, with the device still
        busy."""
        forget_jobs()
        enqueue(RepairDevice(pid=pid, device=self.device.pk, repair=str(repair.pk), state="N1"))
        self._run_jobs(repair)

    def undo_comes_again(self, repair: Repair, pid: str) -> None:
        forget_jobs()
        enqueue(UndoRepair(pid=pid, device=self.device.pk, repair=str(repair.pk), state="N1"))
        self._run_jobs(repair)


def forget_jobs() -> None:
    """A failed one waits for its next attempt, and others of its device wait for it."""
    queue = current_queue()
    assert isinstance(queue, MemoryQueue)
    queue.clear()


def counts(of: dict[str, Any]) -> dict[str, Any]:
    """What a plan and a result have in common."""
    return {name: of[name] for name in ("readings", "events", "hours", "latest")}


def stored(device: Device) -> dict[int, datetime]:
    """Time by id."""
    keys = reading_keys(device)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT seq, ts FROM reading WHERE stream_key = ANY(%s)", [keys])
        return dict(cursor.fetchall())


def damage(sql: str) -> None:
    """Run SQL that no part of the system runs."""
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(sql)


def refuse_in_core(table: str, condition: str) -> None:
    """Make the core database refuse such rows: what was committed in the stream-data database
    before stays."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} ADD CONSTRAINT refused CHECK (NOT ({condition})) NOT VALID"
        )


def accept_again(table: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused")
