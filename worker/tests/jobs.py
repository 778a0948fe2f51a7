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
class Call:
    """Call what the test put into `RunCall.function`."""

    action: ClassVar[str] = "call"
    order_key: ClassVar[str] = ""

    number: int = 0


class RunCall(Action[Call]):
    max_attempts = 3
    function: ClassVar[Callable[[], object]]

    def execute(self, job: Call) -> None:
        notes.append(f"call {job.number}")
        type(self).function()


def action_raising(error: Exception) -> type[RunCall]:
    """Returns an Action that raises this error."""

    def fail() -> None:
        raise error

    class RaisingAction(RunCall):
        function = staticmethod(fail)

    return RaisingAction


def action_calling(call: Callable[[], object]) -> type[RunCall]:
    """Returns an Action that calls this."""

    class CallingAction(RunCall):
        function = staticmethod(call)

    return CallingAction


def actions(call: type[RunCall] | None = None) -> dict[str, type[Action[Any]]]:
    table: dict[str, type[Action[Any]]] = {"note": TakeNote}
    return table | {"call": call} if call else table
