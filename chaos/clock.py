"""The wall clock of an installation, set forward and back without touching the clock of this
machine.

`clock.c` needs a C compiler; without one the clock faults are left out, and the output says so.
"""

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

_OFFSET = struct.Struct("=q")  # nanoseconds


class Clock:
    """`environment` is for the processes that use this clock; empty when there is no compiler."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(_OFFSET.pack(0))
        self._file.chmod(0o644)
        self.environment = self._built(folder / "clock.so")
        with self._file.open("r+b") as stream:
            self._page = mmap.mmap(stream.fileno(), _OFFSET.size)

    @property
    def can_step(self) -> bool:
        return bool(self.environment)

    def set(self, seconds: float) -> None:
        """Set the offset from the clock of this machine; negative is earlier."""
        self._page[:] = _OFFSET.pack(round(seconds * 1_000_000_000))

    def _built(self, library: Path) -> dict[str, str]:
        compiler = shutil.which("cc")
        if compiler is None:
            return {}
        source = Path(__file__).with_name("clock.c")
        done = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source)],
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            return {}
        library.chmod(0o755)
        return {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}
