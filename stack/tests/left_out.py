"""A pytest plugin that prints above pytest's last line what was left out, by `./inv test` or by a
test that skipped itself."""

import os
from collections.abc import Iterable

import pytest

_BEGIN = "Left out: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = os.environ.get("FIELDLINE_LEFT_OUT", "").splitlines()
    for line in [*lines, *reasons(terminalreporter.getreports("skipped"))]:
        terminalreporter.write_line(line, yellow=True)


def reasons(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """Returns the reasons of tests that need what this machine lacks, each once."""
    reasons_given = [
        each.longrepr[2].removeprefix("Skipped: ") for each in skipped if isinstance(each.longrepr, tuple)
    ]
    return [reason for reason in dict.fromkeys(reasons_given) if reason.startswith(_BEGIN)]
