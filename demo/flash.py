"""The non-volatile memory of a device: its counter, its log, what was acknowledged. One file per
device."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.log import ReadingLog


class FlashDamaged(Exception):
    """A file of a flash that cannot be read."""


@dataclass(slots=True)
class Flash:
    """Times are Unix seconds. `next_id` never goes back: the server recognises new readings by
    it."""

    clock_s: int
    booted_s: int
    next_id: int = 1
    acknowledged: dict[int, int] = field(default_factory=dict)  # highest reading id, by streamer index
    measured_s: dict[int, int] = field(default_factory=dict)  # when last, by stream
    counters: dict[str, float] = field(default_factory=dict)
    live_since_s: int | None = None
    log: ReadingLog = field(default_factory=ReadingLog)


def save(flash: Flash, path: Path) -> None:
    """Write the file in one step: a reader sees the old state or the new one."""
    state = {
        "clock_s": flash.clock_s,
        "booted_s": flash.booted_s,
        "next_id": flash.next_id,
        "acknowledged": flash.acknowledged,
        "measured_s": flash.measured_s,
        "counters": flash.counters,
        "live_since_s": flash.live_since_s,
        "log": list(flash.log),
    }
    part = path.with_suffix(".part")
    part.write_text(json.dumps(state, separators=(",", ":")))
    os.replace(part, path)


def load(path: Path) -> Flash | None:
    """Returns None when there is no file. Raises FlashDamaged."""
    try:
        state = json.loads(path.read_text())
        return _from_state(state)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise FlashDamaged(f"{path} cannot be read ({error!r})") from error


def _from_state(state: dict[str, Any]) -> Flash:
    live_since = state["live_since_s"]
    return Flash(
        clock_s=int(state["clock_s"]),
        booted_s=int(state["booted_s"]),
        next_id=int(state["next_id"]),
        acknowledged=_by_number(state["acknowledged"]),
        measured_s=_by_number(state["measured_s"]),
        counters={str(name): float(count) for name, count in state["counters"].items()},
        live_since_s=None if live_since is None else int(live_since),
        log=ReadingLog((stream, number, raw, value) for stream, number, raw, value in state["log"]),
    )


def _by_number(numbers: dict[str, Any]) -> dict[int, int]:
    return {int(key): int(number) for key, number in numbers.items()}
