"""`./inv test`: pytest on throw-away databases; what cannot run here is named and left out."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stack.commands import run
from stack.errors import StackError
from stack.home import Home
from stack.servers import elasticmq
from stack.testing import embedded_databases, throw_away_folder

MARKERS = {
    "all": "",
    "unit": "not integration and not browser",
    "integration": "integration and not clients",
    "browser": "browser",
    "clients": "clients",
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
LEFT_OUT = "Left out: the browser tests, because Chromium is not installed (apt-get install chromium)."
NO_QUEUE = "Left out: the tests on ElasticMQ, because it cannot be had: "
NOTHING_COLLECTED = 5  # pytest's exit code


def chromium() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def run_tests(home: Home, kind: str, path: str) -> int:
    """Run the tests of a kind, below a path (`""`: all); gives the exit code."""
    if kind not in MARKERS:
        raise StackError(f"no tests of the kind {kind!r}; there are {', '.join(MARKERS)}")
    home.make_folders()
    expression, browser = MARKERS[kind], chromium()
    environment = dict(os.environ)
    if browser:
        environment["FIELDLINE_CHROMIUM"] = browser
    elif kind in {"all", "browser"}:
        if os.environ.get("CI"):
            raise StackError(
                "Chromium is not installed, and on CI nothing may be left out: apt-get install chromium"
            )
        if kind == "browser":
            print(LEFT_OUT)
            return 0
        expression = "not browser"
        environment["FIELDLINE_LEFT_OUT"] = LEFT_OUT
    if kind in {"all", "clients"}:
        _look_for_npm()
    if kind in {"all", "integration"}:
        _offer_elasticmq(home, environment)
    argv = [sys.executable, "-m", "pytest", "-p", "stack.tests.left_out"]
    argv += ["-m", expression] if expression else []
    argv += [path] if path else []
    with _databases(home, needed=kind != "unit") as values:
        code = run(argv, cwd=home.root, env={**environment, **values})
    # A path may well hold no test of the kind.
    return 0 if code == NOTHING_COLLECTED and path else code


def _look_for_npm() -> None:
    """The tests that need it skip themselves and say so."""
    if shutil.which("npm") is None and os.environ.get("CI"):
        raise StackError("npm is not installed, and on CI nothing may be left out: apt-get install npm")


def _offer_elasticmq(home: Home, environment: dict[str, str]) -> None:
    """Its tests skip themselves where no variable says where it is."""
    try:
        environment[elasticmq.JARS_VARIABLE] = str(elasticmq.fetch_jars(home))
    except StackError as error:
        if os.environ.get("CI"):
            raise
        left_out = [environment.get("FIELDLINE_LEFT_OUT", ""), f"{NO_QUEUE}{error.cause}"]
        environment["FIELDLINE_LEFT_OUT"] = "\n".join(filter(None, left_out))


@contextmanager
def _databases(home: Home, *, needed: bool) -> Iterator[dict[str, str]]:
    if not needed:
        yield {}
        return
    with throw_away_folder(home.var / "test") as folder, embedded_databases(folder) as values:
        yield values
