"""A pytest plugin: says above pytest's closing line what `./inv test` left out."""

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out := os.environ.get("FIELDLINE_LEFT_OUT"):
        for line in left_out.splitlines():
            terminalreporter.write_line(line, yellow=True)
