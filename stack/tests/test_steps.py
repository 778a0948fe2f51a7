import io
from pathlib import Path

import pytest

from stack.errors import StackError
from stack.steps import StepFailed, Steps, describe_failure, last_lines, mark_start


def test_a_step_is_one_line_with_its_time() -> None:
    terminal = io.StringIO()

    with Steps(terminal).step("Making things"):
        pass

    assert terminal.getvalue() == "  Making things ... 0.0 s\n"


def test_other_lines_inside_a_step_stand_alone() -> None:
    terminal = io.StringIO()
    steps = Steps(terminal)

    with steps.step("Making things"):
        steps.say("a word")

    assert terminal.getvalue() == "  Making things ... \na word\n    0.0 s\n"


def test_a_failure_names_step_cause_and_log(tmp_path: Path) -> None:
    with pytest.raises(StepFailed) as caught, Steps(io.StringIO()).step("Making things"):
        raise StackError("no space", tmp_path / "it.log")

    assert (
        describe_failure(caught.value) == f"Failed: Making things\n  no space\n  Log: {tmp_path / 'it.log'}"
    )


def test_the_end_of_a_log_holds_nothing_of_earlier_runs(tmp_path: Path) -> None:
    path = tmp_path / "it.log"
    with path.open("ab", buffering=0) as log:
        for line in (b"old\n", b"new\n"):
            mark_start(log)
            log.write(line)

    assert last_lines(path, 10) == "new"


def test_the_end_of_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "it.log", 10) == ""
