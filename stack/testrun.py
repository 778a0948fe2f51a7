"""`./inv test`: pytest in several processes, each on throw-away databases. What cannot run here is
left out with a line."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from stack.commands import run
from stack.errors import StackError
from stack.examples import TIMES_VARIABLE
from stack.home import Home
from stack.servers import elasticmq
from stack.testing import embedded_databases, throw_away_folder

MARKERS = {
    "all": "",
    "full": "",  # as `all`, with more of the generated examples
    "unit": "not integration and not browser",
    "integration": "integration and not clients",
    "browser": "browser",
    "clients": "clients",
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
LEFT_OUT = "Left out: the browser tests, because Chromium is not installed (apt-get install chromium)."
NO_QUEUE = "Left out: the tests on ElasticMQ, because it is not available: "
EVERYTHING = {"all", "full"}
FULL_TIMES = 10
NOTHING_COLLECTED = 5  # pytest's exit code
MOST_PROCESSES = 4  # each needs a PostgreSQL, a Redis and 400 MB
SLOWEST = 15


def chromium() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def run_tests(home: Home, kind: str, path: str, seed: int | None = None) -> int:
    """Run the tests of a kind, below a path (`""`: all). Returns the exit code; raises StackError.

    `seed` is that of the generated examples; without it the date is used.
    """
    if kind not in MARKERS:
        raise StackError(f"no tests of the kind {kind!r}; there are {', '.join(MARKERS)}")
    home.make_folders()
    environment, expression = dict(os.environ), MARKERS[kind]
    if kind in {*EVERYTHING, "browser"} and not _enable_browser(environment):
        if kind == "browser":
            print(LEFT_OUT)
            return 0
        expression = "not browser"
    if kind in {*EVERYTHING, "clients"}:
        _check_npm()
    if kind in {*EVERYTHING, "integration"}:
        _enable_elasticmq(home, environment)
    environment[TIMES_VARIABLE] = str(FULL_TIMES if kind == "full" else 1)
    _cache_bytecode(home, environment)
    processes = processes_for(home.root / path, cores=len(os.sched_getaffinity(0)))
    argv = [
        *_pytest(processes, _seed_of_the_day() if seed is None else seed),
        "-m",
        expression,
        *([path] if path else []),
    ]
    with _databases(home, processes if kind != "unit" else None) as values:
        code = run(argv, cwd=home.root, env={**environment, **values})
    # A path without a test of this kind is no failure.
    return 0 if code == NOTHING_COLLECTED and path else code


def _enable_browser(environment: dict[str, str]) -> bool:
    if browser := chromium():
        environment["FIELDLINE_CHROMIUM"] = browser
        return True
    if os.environ.get("CI"):
        raise StackError(
            "Chromium is not installed, and on CI nothing may be left out: apt-get install chromium"
        )
    environment["FIELDLINE_LEFT_OUT"] = LEFT_OUT
    return False


def _check_npm() -> None:
    """Raises StackError on CI; elsewhere the tests that need npm skip themselves."""
    if shutil.which("npm") is None and os.environ.get("CI"):
        raise StackError("npm is not installed, and on CI nothing may be left out: apt-get install npm")


def _enable_elasticmq(home: Home, environment: dict[str, str]) -> None:
    """Set the variable without which its tests skip themselves."""
    try:
        environment[elasticmq.JARS_VARIABLE] = str(elasticmq.fetch_jars(home))
    except StackError as error:
        if os.environ.get("CI"):
            raise
        left_out = [environment.get("FIELDLINE_LEFT_OUT", ""), f"{NO_QUEUE}{error.cause}"]
        environment["FIELDLINE_LEFT_OUT"] = "\n".join(filter(None, left_out))


def _cache_bytecode(home: Home, environment: dict[str, str]) -> None:
    """Keep bytecode in `var` where it may not be written beside the sources: the tests start a
    hundred Pythons."""
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        environment["PYTHONPYCACHEPREFIX"] = str(home.var / "bytecode")


def _seed_of_the_day() -> int:
    return int(f"{datetime.now(UTC):%Y%m%d}")


def _pytest(processes: int, seed: int) -> list[str]:
    print(f"Generated examples by the seed {seed}; the same again: ./inv test --seed {seed}", flush=True)
    plugins = ["-p", "stack.tests.left_out", "-p", "stack.tests.scheduling"]
    # Without the second option pytest-xdist would begin with the scope that has the most tests, not
    # with the longest one.
    spread = ["-n", str(processes), "--no-loadscope-reorder"]
    return [
        *(sys.executable, "-m", "pytest", *plugins, *spread),
        *(f"--hypothesis-seed={seed}", f"--durations={SLOWEST}"),
    ]


def processes_for(path: Path, cores: int) -> int:
    """Returns the number of cores, at most MOST_PROCESSES; 0, which is pytest itself, for the tests
    of one file."""
    return 0 if cores == 1 or path.is_file() else min(cores, MOST_PROCESSES)


@contextmanager
def _databases(home: Home, processes: int | None) -> Iterator[dict[str, str]]:
    """Run the databases of all processes for the block; yields the environment that names them,
    empty for `None`.

    Each process has a PostgreSQL and a Redis of its own, not only databases: some tests kill a back
    end, after which a PostgreSQL closes all its connections. The settings of the tests choose by
    the name that pytest-xdist gives a process.
    """
    if processes is None:
        yield {}
        return
    with ExitStack() as stack:
        started = [_database(home, stack) for _ in range(max(1, processes))]
        by_process = {f"gw{number}": values for number, values in enumerate(started)}
        yield {**started[0], "FIELDLINE_TEST_PROCESSES": json.dumps(by_process if processes else {})}


def _database(home: Home, stack: ExitStack) -> dict[str, str]:
    folder = stack.enter_context(throw_away_folder(home.var / "test"))
    return stack.enter_context(embedded_databases(folder))
