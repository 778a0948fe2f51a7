import pytest

from demo.log import ReadingLog
from server.lib.formats import Row

ROWS: list[Row] = [(0x5001, number, 10 * number, 2**32 - number) for number in range(1, 6)]


def test_readings_come_out_in_the_order_they_came_in() -> None:
    log = ReadingLog()

    for row in ROWS:
        log.append(row)

    assert list(log) == ROWS
    assert len(log) == 5


def test_a_full_log_gives_up_its_oldest_reading() -> None:
    log = ReadingLog(ROWS[:3], capacity=3)

    log.append(ROWS[3])

    assert list(log) == ROWS[1:4]


def test_only_what_is_done_is_dropped() -> None:
    log = ReadingLog(ROWS)

    log.drop(lambda row: row[1] in {2, 5})

    assert [row[1] for row in log] == [1, 3, 4]


def test_a_log_still_takes_readings_after_some_were_dropped() -> None:
    log = ReadingLog(ROWS[:4])
    log.drop(lambda row: True)

    log.append(ROWS[4])

    assert list(log) == [ROWS[4]]


@pytest.mark.parametrize("value", [-1, 2**32])
def test_a_value_over_32_bits_is_an_error_and_leaves_the_log_whole(value: int) -> None:
    log = ReadingLog(ROWS)

    with pytest.raises(OverflowError):
        log.append((0x5001, 6, 60, value))

    assert list(log) == ROWS
