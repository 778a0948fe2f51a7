import io
from contextlib import closing
from pathlib import Path

import pytest

from stack.errors import StackError
from stack.home import ROOT, Home
from stack.terminal import LOG_BYTES, LogPrinter, StepFailed, Steps, describe_failure, last_lines, mark_start


def test_a_step_is_one_line_with_its_time() -> None:
    terminal = io.StringIO()

    with Steps(terminal).step("Making things"):
        pass

    assert terminal.getvalue() == "  Making things ... 0.0 s\n"


def test_other_lines_inside_a_step_stand_alone() -> None:
    terminal = io.StringIO()
    steps = Steps(terminal)

    with steps.step("Making things"):
        steps.print_line("a word")

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


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=ROOT, var=tmp_path / "var")
    made.make_folders()
    return made


def test_lines_of_our_programs_go_to_the_terminal_and_the_log(home: Home) -> None:
    terminal = io.StringIO()

    with closing(LogPrinter(home, Steps(terminal), shown=["web"])) as printer:
        printer.write("web", b"hello\n")

    assert terminal.getvalue().endswith("| hello\n")
    assert last_lines(home.log_of("web"), 5) == "hello"


@pytest.mark.parametrize(
    ("name", "text"), [("postgres", b"ready\n"), ("web", b"timestamp='x' level='info' event='job done'\n")]
)
def test_databases_and_routine_are_only_logged(home: Home, name: str, text: bytes) -> None:
    terminal = io.StringIO()

    with closing(LogPrinter(home, Steps(terminal), shown=["web"])) as printer:
        printer.write(name, text)

    assert terminal.getvalue() == ""
    assert last_lines(home.log_of(name), 5) == text.decode().rstrip()


def test_bytes_that_are_no_text_do_not_stop_the_printer(home: Home) -> None:
    terminal = io.StringIO()

    with closing(LogPrinter(home, Steps(terminal), shown=["web"])) as printer:
        printer.write("web", b"\xff\xfe\n")

    assert home.log_of("web").read_bytes().endswith(b"\xff\xfe\n")


def test_a_long_log_makes_room_for_a_new_one(home: Home) -> None:
    home.log_of("web").write_bytes(b"x" * (LOG_BYTES + 1))

    with closing(LogPrinter(home, Steps(io.StringIO()), shown=[])) as printer:
        printer.write("web", b"hello\n")

    assert home.log_of("web").stat().st_size < 100
    assert home.log_of("web").with_suffix(".log.1").stat().st_size > LOG_BYTES


def test_a_log_that_cannot_be_written_does_not_stop_the_stack(home: Home) -> None:
    home.log_of("web").mkdir()
    terminal = io.StringIO()

    with closing(LogPrinter(home, Steps(terminal), shown=["web"])) as printer:
        printer.write("web", b"hello\n")

    assert "hello" in terminal.getvalue()
