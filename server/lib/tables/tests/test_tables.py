"""Tables of readings: which columns and rows they have."""

from typing import Any

import pytest

from server.lib.tables import Table, TableOptions, long_table, pivot_table, summary_rows
from server.lib.tables.tests.readings import CELSIUS, LEVEL, START, Summary, reading
from server.lib.units import Mdo

AS_STORED = TableOptions(extended=False, in_output_unit=False)
AS_SHOWN = TableOptions(extended=False, in_output_unit=True)


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    return [row for chunk in table.chunks for row in zip(*chunk, strict=True)]


def test_a_long_table_has_a_row_for_each_reading() -> None:
    chunks = [[reading(LEVEL, 1.5)], [reading(CELSIUS, 215.0)]]

    table = long_table([LEVEL, CELSIUS], chunks, AS_STORED)

    assert table.names == ["row", "value", "stream_slug"]
    assert rows_of(table) == [(START, 1.5, "s--level"), (START, 215.0, "s--celsius")]


def test_an_extended_table_has_device_times_and_reading_ids() -> None:
    table = long_table(
        [LEVEL], [[reading(LEVEL, 1.5, reading_id=9)]], TableOptions(extended=True, in_output_unit=False)
    )

    assert table.names[3:] == ["device_timestamp", "streamer_local_id"]
    assert rows_of(table) == [(START, 1.5, "s--level", 60, 9)]


def test_values_are_in_the_output_unit_of_their_stream() -> None:
    chunk = [reading(CELSIUS, 215.0), reading(LEVEL, 1.5), reading(CELSIUS, None)]

    table = long_table([LEVEL, CELSIUS], [chunk], AS_SHOWN)

    assert [row[1] for row in rows_of(table)] == [21.5, 1.5, None]


def test_a_wide_table_has_a_row_for_each_time_and_a_column_for_each_stream() -> None:
    chunk = [reading(LEVEL, 1.0), reading(CELSIUS, 2.0), reading(CELSIUS, 3.0, after_s=60)]

    table = pivot_table([LEVEL, CELSIUS], [chunk], AS_STORED)

    assert table.names == ["row", "s--level", "s--celsius"]
    assert [row[1:] for row in rows_of(table)] == [(1.0, 2.0), (None, 3.0)]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_several_readings_of_a_stream_at_one_time_get_a_row_each_wherever_chunks_end(size: int) -> None:
    readings = [reading(LEVEL, 1.0), reading(LEVEL, 2.0, reading_id=2), reading(CELSIUS, 3.0, reading_id=3)]
    chunks = [readings[first : first + size] for first in range(0, 3, size)]

    table = pivot_table([LEVEL, CELSIUS], chunks, AS_STORED)

    assert [row[1:] for row in rows_of(table)] == [(1.0, 3.0), (2.0, None)]


def test_spreads_have_a_row_for_each_number_and_a_column_for_each_stream() -> None:
    summaries = [
        Summary(2, 2, 40.0, 20.0, 5.0, 10.0, 20.0, 30.0),
        Summary(1, 1, 5.0, 5.0, None, 5.0, 5.0, 5.0),
    ]

    rows = summary_rows([LEVEL, CELSIUS], summaries, AS_SHOWN)

    assert [row["row"] for row in rows] == ["count", "sum", "mean", "std", "min", "median", "max"]
    assert [row["s--celsius"] for row in rows] == [2, 4.0, 2.0, 0.5, 1.0, 2.0, 3.0]
    assert [row["s--level"] for row in rows] == [1, 5.0, 5.0, None, 5.0, 5.0, 5.0]


def test_a_unit_with_an_offset_adds_it_to_each_reading_of_a_sum() -> None:
    stream = LEVEL._replace(output=Mdo(-1, 1, 100.0))

    rows = summary_rows([stream], [Summary(1, 2, 30.0, 15.0, 7.0, 10.0, 15.0, 20.0)], AS_SHOWN)

    shown = {row["row"]: row["s--level"] for row in rows}
    assert (shown["sum"], shown["std"]) == (170.0, 7.0)
    assert (shown["min"], shown["max"]) == (80.0, 90.0)
