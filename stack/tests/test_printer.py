import io
from contextlib import closing
from pathlib import Path

import pytest

from stack.home import ROOT, Home
from stack.printer import LOG_BYTES, LogPrinter
from stack.steps import Steps, last_lines


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
