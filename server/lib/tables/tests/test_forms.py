"""The forms that tables are written in."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.lib.tables import Table, csv_form, json_form, json_numbers, msgpack_form
from server.lib.tables.tests.readings import START
from server.lib.units import Mdo

floats = st.floats() | st.none()


@dataclass(frozen=True)
class Points:
    ts_us: NDArray[np.int64]
    value: NDArray[np.float64]


def points(*found: tuple[datetime, float]) -> Points:
    us = [(ts - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for ts, _ in found]
    return Points(np.array(us, dtype=np.int64), np.array([value for _, value in found], dtype=np.float64))


def table(*chunks: list[list[Any]]) -> Table:
    return Table(["row", "value", "slug", "seq"], iter(chunks))


def two_chunks() -> Table:
    later = START + timedelta(seconds=60, microseconds=123_999)
    return table([[START], [37.8541], ["s--1"], [7]], [[later], [None], ["s--1"], [8]])


def test_csv_has_a_line_for_each_row_and_no_text_for_no_value() -> None:
    assert b"".join(csv_form.write(two_chunks())).decode().split("\n") == [
        "row,value,slug,seq",
        "2021-03-01 11:23:15+00:00,37.8541,s--1,7",
        "2021-03-01 11:24:15.123999+00:00,,s--1,8",
        "",
    ]


def test_json_is_a_list_of_objects_with_times_in_milliseconds() -> None:
    assert b"".join(json_form.write(two_chunks())) == (
        b'[{"row":"2021-03-01T11:23:15.000Z","value":37.8541,"slug":"s--1","seq":7},'
        b'{"row":"2021-03-01T11:24:15.123Z","value":null,"slug":"s--1","seq":8}]'
    )


def test_messagepack_is_a_map_after_the_other() -> None:
    unpacker = msgpack.Unpacker()

    unpacker.feed(b"".join(msgpack_form.write(two_chunks())))

    assert list(unpacker) == [
        {"row": "2021-03-01T11:23:15.000Z", "value": 37.8541, "slug": "s--1", "seq": 7},
        {"row": "2021-03-01T11:24:15.123Z", "value": None, "slug": "s--1", "seq": 8},
    ]


@pytest.mark.parametrize(
    ("write", "written"),
    [(csv_form.write, b"row,value,slug,seq\n"), (json_form.write, b"[]"), (msgpack_form.write, b"")],
)
def test_a_table_without_rows_is_written_too(
    write: Callable[[Table], Iterator[bytes]], written: bytes
) -> None:
    assert b"".join(write(table())) == written
    assert b"".join(write(table([[], [], [], []]))) == written


def test_a_chunk_is_written_before_the_next_one_is_asked_for() -> None:
    asked: list[int] = []

    def chunks() -> Iterator[list[list[Any]]]:
        for number in (1, 2):
            asked.append(number)
            yield [[START], [1.0], ["s--1"], [number]]

    parts = json_form.write(Table(["row", "value", "slug", "seq"], chunks()))

    assert next(parts).startswith(b"[{")
    assert asked == [1]


@given(st.lists(floats))
def test_numbers_are_what_json_reads_back_and_null_where_it_has_no_word(values: list[float | None]) -> None:
    read = [json.loads(text) for text in json_numbers(values)]

    assert read == [None if value in (None, inf, -inf) or value != value else value for value in values]


@given(st.lists(floats, min_size=1))
def test_a_table_in_json_is_json_whatever_the_values(values: list[float | None]) -> None:
    size = len(values)
    chunk: list[list[Any]] = [[START] * size, values, ['s"\\é'] * size, list(range(size))]

    read = json.loads(b"".join(json_form.write(table(chunk))), parse_constant=pytest.fail)

    assert [row["seq"] for row in read] == list(range(size))
    assert {row["slug"] for row in read} == {'s"\\é'}


def test_rows_of_numbers_are_written_as_csv() -> None:
    rows: list[dict[str, Any]] = [{"row": "count", "s--1": 2}, {"row": "std", "s--1": None}]

    assert b"".join(csv_form.write_rows(rows)) == b"row,s--1\ncount,2\nstd,\n"


def test_points_have_local_times_across_a_change_of_clocks() -> None:
    before = datetime(2021, 3, 28, 0, 59, 59, tzinfo=UTC)
    found = points((before, 1.0), (before + timedelta(seconds=1), 2.0))

    text = b"".join(csv_form.write_points([found], None, ZoneInfo("Europe/Berlin"))).decode()

    assert text == "Timestamp,Value\n2021/03/28 01:59:59,1.0\n2021/03/28 03:00:00,2.0\n"


def test_points_are_in_the_output_unit_and_empty_where_they_are_no_number() -> None:
    found = points((START, 215.0), (START, nan), (START, inf))

    text = b"".join(csv_form.write_points([found], Mdo(1, 10), ZoneInfo("UTC"))).decode()

    assert [line.partition(",")[2] for line in text.splitlines()[1:]] == ["21.5", "", ""]


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_the_first_and_the_last_day_that_there_are_can_be_written(moment: datetime) -> None:
    far_away = ZoneInfo("Pacific/Kiritimati" if moment.year > 1970 else "Pacific/Honolulu")

    written = list(csv_form.write_points([points((moment, 1.0))], None, far_away))

    assert len(written) == 2
