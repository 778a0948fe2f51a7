"""Jobs and Actions for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from worker.action import Action

notes: list[str] = []
"""What the Actions of a test recorded."""


@dataclass(frozen=True, slots=True)
class Note:
    """Write this down."""

    action: ClassVar[str] = "note"

    text: str
    order_key: str = ""


class TakeNote(Action[Note]):
    def execute(self, job: Note) -> None:
        notes.append(job.text)


@dataclass(frozen=True, slots=True)
class Trip:
    """Call what the test put into `Stumble.over`."""

    action: ClassVar[str] = "trip"
    order_key: ClassVar[str] = ""

    number: int = 0


class Stumble(Action[Trip]):
    max_attempts = 3
    over: ClassVar[Callable[[], object]]

    def execute(self, job: Trip) -> None:
        notes.append(f"trip {job.number}")
        type(self).over()


def stumble_over(error: Exception) -> type[Stumble]:
    """Returns an Action that raises this error."""

    def fail() -> None:
        raise error

    class StumbleOver(Stumble):
        over = staticmethod(fail)

    return StumbleOver


def stumble_into(call: Callable[[], object]) -> type[Stumble]:
    """Returns an Action that calls this."""

    class StumbleInto(Stumble):
        over = staticmethod(call)

    return StumbleInto


def actions(trip: type[Stumble] | None = None) -> dict[str, type[Action[Any]]]:
    table: dict[str, type[Action[Any]]] = {"note": TakeNote}
    return table | {"trip": trip} if trip else table
