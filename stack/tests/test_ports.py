import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from stack import ports
from stack.errors import StackError
from stack.ports import Reservation


@contextmanager
def taken_port(address: str = "127.0.0.1") -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def reservation() -> Iterator[Reservation]:
    with closing(Reservation()) as made:
        yield made


@pytest.fixture
def other() -> Iterator[Reservation]:
    """Of another installation that starts at the same moment."""
    with closing(Reservation()) as made:
        yield made


def test_a_port_with_a_listener_is_not_free() -> None:
    with taken_port() as port:
        free = ports.is_free(port)

    assert not free


def test_a_port_is_not_free_when_its_listener_takes_every_address() -> None:
    with taken_port("0.0.0.0") as port:
        free = ports.is_free(port)

    assert not free


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="This machine has no IPv6.")
def test_a_port_is_not_free_when_localhost_may_lead_elsewhere() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        free = ports.is_free(listener.getsockname()[1])

    assert not free


def test_a_port_is_free_right_after_its_server_closed_a_connection() -> None:
    with taken_port() as port:
        pass

    assert ports.is_free(port)


def test_a_wanted_port_that_is_taken_is_refused_with_its_holder(reservation: Reservation) -> None:
    with taken_port() as port, pytest.raises(StackError, match=rf"port {port} is taken by \S+ \(pid \d+\)"):
        ports.choose_ports(reservation, {}, wanted_web=port)


@pytest.mark.parametrize("number", [-1, 0, 65536])
def test_a_wanted_number_that_is_no_port_is_refused(reservation: Reservation, number: int) -> None:
    with pytest.raises(StackError, match=f"{number} is not a port"):
        ports.choose_ports(reservation, {}, wanted_web=number)


def test_a_remembered_port_is_taken_again_when_free(reservation: Reservation) -> None:
    remembered = ports.fresh_ports()

    chosen = ports.choose_ports(reservation, remembered)

    assert chosen == remembered


def test_a_remembered_port_that_is_taken_gives_way_to_the_usual_ones(reservation: Reservation) -> None:
    with taken_port() as port:
        chosen = ports.choose_ports(reservation, {"web": port})

    assert ports.DEFAULTS["web"] <= chosen["web"] < ports.DEFAULTS["web"] + ports.TRIES_ABOVE_DEFAULT


def test_no_two_parts_get_the_same_port(reservation: Reservation) -> None:
    (shared,) = {ports.fresh_ports()["web"]}

    chosen = ports.choose_ports(reservation, dict.fromkeys(ports.DEFAULTS, shared))

    assert len(set(chosen.values())) == len(ports.DEFAULTS)


def test_a_chosen_port_is_not_chosen_again_though_nobody_listens_yet(
    reservation: Reservation, other: Reservation
) -> None:
    remembered = ports.fresh_ports()

    first = ports.choose_ports(reservation, remembered)
    second = ports.choose_ports(other, remembered)

    assert not set(first.values()) & set(second.values())


def test_a_reserved_port_is_refused_to_another_installation(
    reservation: Reservation, other: Reservation
) -> None:
    chosen = ports.choose_ports(reservation, ports.fresh_ports())

    with pytest.raises(StackError, match=f"port {chosen['web']} is taken"):
        ports.choose_ports(other, {}, wanted_web=chosen["web"])


def test_a_program_may_listen_on_its_reserved_port_and_come_back(reservation: Reservation) -> None:
    port = ports.choose_ports(reservation, ports.fresh_ports())["web"]

    for _ in range(2):
        with (
            socket.create_server(("127.0.0.1", port)),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            peer = client.getpeername()

    assert peer == ("127.0.0.1", port)


def test_a_reserved_port_is_refused_to_other_programs(reservation: Reservation) -> None:
    port = ports.choose_ports(reservation, ports.fresh_ports())["web"]

    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))


def test_a_reservation_ends_when_it_is_closed(other: Reservation) -> None:
    remembered = ports.fresh_ports()
    with closing(Reservation()) as reservation:
        ports.choose_ports(reservation, remembered)

    chosen = ports.choose_ports(other, remembered)

    assert chosen == remembered


def test_remembered_ports_come_back_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"

    ports.remember_ports(file, ports.DEFAULTS)

    assert ports.remembered_ports(file) == ports.DEFAULTS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"web": 8000}', "nonsense", '{"web": null}'])
def test_a_damaged_ports_file_is_no_reason_not_to_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(text)

    assert ports.remembered_ports(file) == {}


def test_fresh_ports_differ_from_each_other() -> None:
    chosen = ports.fresh_ports()

    assert len(set(chosen.values())) == len(chosen)
