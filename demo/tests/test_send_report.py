"""What `./inv send-report` runs: the board, a server, and what is printed."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.board import board_of
from demo.send_report import Files, ReportDelivery, Server, main
from demo.streamers import USER
from demo.tests.factories import make_entry
from demo.tests.server import StubServer, running_server
from server.lib import formats

KEY, TOKEN = "fdk_secret", "a.read.token"
STREAM = 0x500F

Send = Callable[..., int]


@pytest.fixture
def server() -> Iterator[StubServer]:
    with running_server() as running:
        yield running


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    entries = [
        make_entry("d--0000-0000-0000-0d01", "water-meter"),
        make_entry("d--0000-0000-0000-0d0b", "board", upload_key=KEY, read_token=TOKEN),
    ]
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "devices.json").write_text(json.dumps({"devices": entries}))
    monkeypatch.setenv("FIELDLINE_VAR", str(tmp_path))
    return tmp_path


@pytest.fixture
def send(server: StubServer, var: Path) -> Send:
    """Runs the whole program; returns its exit code."""
    return lambda *values: main(["--address", address_of(server), "--values", *values])


def address_of(server: StubServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def rows(report: formats.Report) -> list[formats.Row]:
    return formats.rows_of(report.readings)


def test_ten_readings_of_the_last_seconds_are_sent(server: StubServer, send: Send) -> None:
    code = send()

    [report] = server.reports
    assert code == 0
    assert (report.header.device_id, report.header.streamer_index) == (0xD0B, USER.index)
    assert [(stream, number) for stream, number, _, _ in rows(report)] == [
        (STREAM, id) for id in range(1, 11)
    ]
    uptimes = [uptime for _, _, uptime, _ in rows(report)]
    assert uptimes == list(range(uptimes[0], uptimes[0] + 10))
    assert report.header.sent_s == uptimes[-1]


def test_the_next_report_goes_on_where_the_last_one_ended(server: StubServer, send: Send) -> None:
    send()
    send()

    ids = [number for report in server.reports for _, number, _, _ in rows(report)]
    uptimes = [uptime for report in server.reports for _, _, uptime, _ in rows(report)]
    assert ids == sorted(set(ids))
    assert uptimes == sorted(uptimes)


def test_given_temperatures_are_sent_as_the_board_would_send_them(server: StubServer, send: Send) -> None:
    send("21.5", "-3")

    assert [word for _, _, _, word in rows(server.reports[0])] == [294_650, 270_150]


@pytest.mark.parametrize("value", ["warm", "-300", "nan"])
def test_what_is_no_temperature_is_refused_by_name(
    value: str, server: StubServer, send: Send, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        send(value)

    assert f"{value} is no temperature" in capsys.readouterr().err
    assert server.reports == []


def test_the_terminal_shows_what_was_sent_and_how_to_do_it_but_no_secret(
    server: StubServer, send: Send, var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send()

    printed = capsys.readouterr().out
    assert '{"count": 10}' in printed
    assert "ids 1 to 10" in printed
    assert f"{address_of(server)}/device/d--0000-0000-0000-0d0b/?range=1h" in printed
    assert f"curl -H @{var}/demo/board.key -F file=@{var}/demo/report.bin" in printed
    assert KEY not in printed
    assert TOKEN not in printed


def test_the_files_hold_what_was_sent_and_headers_for_their_owner_only(
    server: StubServer, send: Send, var: Path
) -> None:
    send()

    folder = var / "demo"
    sent = formats.decode((folder / "report.bin").read_bytes(), "report.bin", lambda number: formats.Keys())
    assert rows(sent) == rows(server.reports[0])
    assert (folder / "board.key").read_text() == f"Authorization: Device-Key {KEY}\n"
    assert (folder / "board.token").read_text() == f"Authorization: a-jwt {TOKEN}\n"
    assert [stat.S_IMODE((folder / f"board.{name}").stat().st_mode) for name in ("key", "token")] == [
        0o600
    ] * 2


def test_what_a_server_refuses_goes_with_the_next_report(
    server: StubServer, send: Send, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = 503
    code = send("20")

    server.status = 201
    send("21")

    assert code == 1
    assert "503" in capsys.readouterr().err
    assert [(number, word) for _, number, _, word in rows(server.reports[0])] == [(1, 293_150), (3, 294_150)]


def test_a_board_that_lost_its_file_asks_the_server_which_id_is_next(
    server: StubServer, send: Send, var: Path
) -> None:
    send()
    (var / "demo" / "d--0000-0000-0000-0d0b.json").write_text("{")

    send()

    first, second = (rows(report) for report in server.reports)
    assert second[0][1] > first[-1][1]


def test_readings_that_are_not_acknowledged_are_kept(server: StubServer, var: Path) -> None:
    server.acknowledges = False
    printed: list[str] = []

    with board_of(var / "demo") as board:
        delivery = ReportDelivery(
            board, Server(address_of(server)), Files(var / "demo"), print_line=printed.append
        )
        is_stored = delivery.run([20.0], timeout_s=0)

    assert not is_stored
    assert board.pending() == [1]
    assert any("not yet" in line for line in printed)


def test_without_demo_devices_it_says_what_to_do(
    server: StubServer, send: Send, var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (var / "demo" / "devices.json").unlink()

    code = send()

    assert code == 1
    assert "./inv up --demo" in capsys.readouterr().err


def test_a_server_that_does_not_listen_costs_nothing(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StubServer() as gone:
        address = address_of(gone)

    code = main(["--address", address])

    assert code == 1
    assert f"{address} does not answer" in capsys.readouterr().err
    assert not (var / "demo" / "d--0000-0000-0000-0d0b.json").exists()
