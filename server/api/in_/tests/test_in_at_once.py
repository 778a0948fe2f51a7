"""Values that come at the same moment: repetitions, new names, and the order of ids."""

import pytest

from server.api.in_.tests.boards import board
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.tests.factories import enter
from server.apps.streams.tests.written import rows_in
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def device(project: Project) -> Device:
    return enter(make_device(), project)


def test_twins_are_stored_once(device: Device) -> None:
    send = board(device)
    send({"ts": "2021-03-01T11:23:14Z", "t": 0})

    answers = at_once(*[lambda: send({"ts": "2021-03-01T11:23:15Z", "t": 1})] * 4)

    assert sorted(answer.json()["stored"] for answer in answers) == [0, 0, 0, 1]
    assert rows_in("reading", "seq, value", "seq") == [(1, 0), (2, 1)]


def test_ids_have_no_gap_and_none_comes_twice(device: Device) -> None:
    send = board(device)

    at_once(*[lambda: send([{"t": 1}, {"t": 2}, {"t": 3}])] * 4)

    assert rows_in("reading", "seq, value", "seq") == [(n + 1, n % 3 + 1) for n in range(12)]


def test_a_name_that_several_devices_send_first_makes_one_variable(project: Project) -> None:
    boards = [board(enter(make_device(), project)) for _ in range(4)]

    answers = at_once(*[lambda send=send: send({"t": 1.5, "u": 2}) for send in boards])

    assert [answer.status_code for answer in answers] == [201] * 4
    assert StreamVariable.objects.exclude(sent_name="").count() == 2
    assert StreamId.objects.exclude(variable__sent_name="").count() == 8
