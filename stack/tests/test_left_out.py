import pytest

from stack.tests.left_out import reasons

NO_NPM = "Left out: a client, because npm is not installed."


def skipped(reason: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="test_clients.py::test_it",
        location=("test_clients.py", 1, "test_it"),
        keywords={},
        outcome="skipped",
        longrepr=("test_clients.py", 1, f"Skipped: {reason}"),
        when="call",
    )


def test_what_a_test_needs_and_the_machine_lacks_is_shown_once() -> None:
    assert reasons([skipped(NO_NPM), skipped(NO_NPM)]) == [NO_NPM]


def test_a_test_that_skips_itself_for_another_reason_is_not_mentioned() -> None:
    assert reasons([skipped("has no meaning for this queue")]) == []
