"""A device and a server that is well, slow, unavailable, or refuses."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random

import pytest

from demo.cloud import Cloud
from demo.device import Device
from demo.flash import Flash
from demo.log import ReadingLog
from demo.tests.factories import NOW_S, USER_KEY, catch_up, make_device, make_spec
from demo.tests.server import StubServer, running_server
from demo.uplink import (
    CATCH_UP_EVERY_S,
    LONGEST_PAUSE_S,
    LONGEST_WAIT_S,
    RESEND_AFTER_S,
    UPLOAD_EVERY_S,
    Uplink,
)


@pytest.fixture
def server() -> Iterator[StubServer]:
    with running_server() as running:
        yield running


@dataclass
class Line:
    """A device's uplink to a port; time passes with each step."""

    device: Device
    port: int
    now_s: int = NOW_S
    printed: list[str] = field(default_factory=list)
    next_ids_saved: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uplink = Uplink(
            self.device,
            Cloud("127.0.0.1", self.port, nullcontext),
            save=lambda: self.next_ids_saved.append(self.device.flash.next_id),
            print_line=self.printed.append,
            random=Random(1),
        )

    def step(self, after_s: int = 0) -> float | None:
        self.now_s += after_s
        return self.uplink.step(self.now_s, float(self.now_s))


def live_line(port: int) -> Line:
    device = make_device()
    catch_up(device)
    line = Line(device, port)
    line.now_s += 60
    return line


def closed_port() -> int:
    with StubServer() as gone:
        return gone.port


def test_what_was_measured_arrives_with_the_devices_own_key(server: StubServer) -> None:
    line = live_line(server.port)

    line.step()
    line.step(after_s=10)

    assert server.stored_ids
    assert server.credentials == {f"Device-Key {line.device.spec.upload_key}"}


def test_the_carriers_time_is_the_device_s_moment_of_sending(server: StubServer) -> None:
    line = live_line(server.port)

    line.step()

    assert server.timestamps[0] == "2025-07-25T10:01:00Z"


def test_acknowledged_readings_are_dropped_and_not_sent_again(server: StubServer) -> None:
    line = live_line(server.port)

    for _ in range(5):
        line.step(after_s=10)

    assert len(server.stored_ids) == len(set(server.stored_ids)) > 20
    assert len(line.device.flash.log) < 20


def test_thirty_days_arrive_in_pieces_without_a_gap(server: StubServer) -> None:
    line = Line(make_device(), server.port)

    pauses = []
    while line.device.is_behind(line.now_s):
        pauses.append(line.step())
    line.step(after_s=10)

    sent = {report.header.report_id for report in server.reports}
    assert pauses[:5] == [CATCH_UP_EVERY_S] * 5
    assert set(range(1, line.device.flash.next_id)) == sent | set(server.stored_ids) | pending(line)


def pending(line: Line) -> set[int]:
    return {row[1] for row in line.device.flash.log}


def test_without_an_acknowledgement_nothing_is_dropped(server: StubServer) -> None:
    server.acknowledges = False
    line = live_line(server.port)

    line.step()
    line.step(after_s=10)

    assert set(server.stored_ids) <= pending(line)


def test_without_an_acknowledgement_the_same_goes_again_but_not_at_once(server: StubServer) -> None:
    server.acknowledges = False
    line = live_line(server.port)
    line.step()
    first = set(server.stored_ids)

    line.step(after_s=10)
    soon = set(server.stored_ids)
    server.reports.clear()
    line.step(after_s=int(RESEND_AFTER_S))

    assert soon == first
    assert first < set(server.stored_ids)


def test_the_longer_no_acknowledgement_comes_the_longer_a_device_waits(server: StubServer) -> None:
    server.acknowledges = False
    line = live_line(server.port)

    for _ in range(360):
        line.step(after_s=10)

    assert 2 * 3600 // LONGEST_WAIT_S <= len(server.reports) <= 2 * 12


def test_the_counter_is_saved_before_an_id_leaves_the_device(server: StubServer) -> None:
    line = live_line(server.port)

    line.step()

    assert line.next_ids_saved[-1] > max(report.header.report_id for report in server.reports)


def test_a_device_that_was_killed_after_sending_sends_again_with_new_report_ids(server: StubServer) -> None:
    server.acknowledges = False
    line = live_line(server.port)
    line.step()
    killed = line.device.flash
    kept = Flash(killed.clock_s, killed.booted_s, line.next_ids_saved[-1], log=ReadingLog(killed.log))

    Line(Device(line.device.spec, kept, now_s=line.now_s), server.port, line.now_s).step()

    report_ids = [report.header.report_id for report in server.reports]
    assert len(report_ids) == len(set(report_ids))
    assert len(server.stored_ids) == 2 * len(set(server.stored_ids))


def test_an_unavailable_server_costs_no_reading() -> None:
    line = live_line(closed_port())

    line.step()
    before = pending(line)
    line.step(after_s=30)

    assert before
    assert before < pending(line)


def test_what_was_kept_arrives_when_the_server_is_back(server: StubServer) -> None:
    line = live_line(closed_port())
    line.step()
    line.step(after_s=30)
    kept = pending(line)

    Line(line.device, server.port, line.now_s).step()

    assert kept <= set(server.stored_ids)


def test_the_pause_grows_while_the_server_is_unavailable() -> None:
    line = live_line(closed_port())

    pauses = [line.step(after_s=5) or 0.0 for _ in range(12)]

    assert pauses[0] < 2
    assert pauses[3] > 5
    assert all(pause <= 1.2 * LONGEST_PAUSE_S for pause in pauses)
    assert pauses[-1] > 0.8 * LONGEST_PAUSE_S


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_server_that_refuses_costs_no_reading_and_is_quoted_once(server: StubServer, status: int) -> None:
    server.status = status
    line = live_line(server.port)

    pauses = [line.step(after_s=5) or 0.0 for _ in range(4)]

    assert server.stored_ids == []
    assert pending(line)
    assert [str(status) in line.printed[0], "no" in line.printed[0], len(line.printed)] == [True, True, 1]
    assert pauses[-1] > 2 * pauses[0]


def test_after_a_server_accepts_reports_again_the_device_sends_at_the_usual_pace(server: StubServer) -> None:
    server.status = 503
    line = live_line(server.port)
    line.step()

    server.status = 201
    pause = line.step(after_s=5)

    assert server.stored_ids
    assert pause == pytest.approx(UPLOAD_EVERY_S, rel=0.21)
    assert line.printed[-1].endswith("accepts reports again")


def test_an_encrypted_report_arrives_like_any_other(server: StubServer) -> None:
    device = make_device(make_spec(user_key=USER_KEY))
    catch_up(device)

    Line(device, server.port, NOW_S + 60).step()

    assert {0x5003, 0x500F} <= set(server.reports[0].readings["lid"].tolist())


def test_a_silent_device_sends_nothing_and_is_not_run_again(server: StubServer) -> None:
    device = make_device(make_spec(goes_silent=True))
    catch_up(device)
    line = Line(device, server.port)
    line.step(after_s=200)
    before = len(server.reports)

    pause = line.step(after_s=10)

    assert pause is None
    assert len(server.reports) == before
