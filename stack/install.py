"""Installs the pinned packages into `.venv` and reports progress. Runs before anything is
installed: standard library only."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CAUSE_LINES = 6
REPORT_SECONDS = 2.0
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(\[.*\])?==", re.MULTILINE)


class InstallError(Exception):
    """pip failed; the text has the end of its output."""


class Progress:
    """pip's progress, from its output and from the content of `site`, the folder it installs into.

    pip prints nothing while it unpacks, which takes half of the time.
    """

    def __init__(self, site: Path, wanted: int) -> None:
        self._site = site
        self._wanted = wanted
        self._fetched: list[str] = []
        self._to_unpack: list[str] = []
        self._there_before = set(site.glob("*.dist-info"))

    def read_line(self, line: str) -> None:
        text = line.strip()
        if text.startswith("Collecting "):
            self._fetched.append(_plain(re.split(r"[=\[ ]", text.removeprefix("Collecting "))[0]))
        elif text.startswith("Installing collected packages: "):
            names = text.removeprefix("Installing collected packages: ").split(", ")
            self._to_unpack = [_plain(name) for name in names]

    def __str__(self) -> str:
        if self._to_unpack:
            new = {*self._site.glob("*.dist-info")} - self._there_before
            done = {_plain(each.name.partition("-")[0]) for each in new}
            left = [name for name in self._to_unpack if name not in done]
            return f"unpacking {left[0]}, {len(left)} of {len(self._to_unpack)} left" if left else "finishing"
        if self._fetched:
            left_to_fetch = max(0, self._wanted - len(self._fetched))
            return f"fetching {self._fetched[-1]}, {left_to_fetch} of {self._wanted} left"
        return "looking for what is missing"


def install(python: Path, files: Sequence[Path], log: Path) -> None:
    """Install the packages of the compiled `files`. pip's output goes to `log`. Raises
    InstallError."""
    words = [word for each in files for word in ("-r", str(each))]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    pip = [str(python), "-I", "-m", "pip", "install", "--require-hashes", *quiet, *words]
    [site] = python.parents[1].glob("lib/python*/site-packages")
    progress = Progress(site, sum(len(PINNED.findall(each.read_text())) for each in files))
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    with (
        log.open("w") as stream,
        subprocess.Popen(
            pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as child,
        _reporting(progress),
    ):
        for line in child.stdout or ():
            stream.write(line)
            stream.flush()
            progress.read_line(line)
    if child.returncode != 0:
        cause = "\n".join(f"  {line}" for line in log.read_text().splitlines()[-CAUSE_LINES:])
        raise InstallError(f"installing the pinned packages failed:\n{cause}\n  Log: {log}")


@contextmanager
def _reporting(progress: Progress) -> Iterator[None]:
    """Print the progress every few seconds: a minute of silence looks like a fault."""
    done, begin = threading.Event(), time.monotonic()

    def report() -> None:
        last = ""
        while not done.wait(REPORT_SECONDS):
            if (now := str(progress)) != last:
                print(f"  {time.monotonic() - begin:3.0f} s: {now}", flush=True)
                last = now

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        done.set()
        reporter.join()


def _plain(name: str) -> str:
    """Returns a package's name normalized as in PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
