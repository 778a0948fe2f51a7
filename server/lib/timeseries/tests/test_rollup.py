from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.timeseries import HOUR_US, HourRollup, hour_rollup
from server.lib.units import LARGEST
from stack.examples import examples

Reading = tuple[int, int, float, int]

readings = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(-3, 3).map(lambda half_hours: half_hours * HOUR_US // 2),
        st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf]),
        st.integers(1, 2**32 - 1),
    ),
    max_size=40,
    unique_by=lambda reading: reading[3],
)


def rolled_up(report: list[Reading]) -> HourRollup:
    return hour_rollup(
        stream_key=np.array([reading[0] for reading in report], dtype=np.int64),
        ts_us=np.array([reading[1] for reading in report], dtype=np.int64),
        value=np.array([reading[2] for reading in report], dtype=np.float64),
        reading_id=np.array([reading[3] for reading in report], dtype=np.int64),
    )


def naive(report: list[Reading]) -> dict[tuple[int, int], list[Reading]]:
    """Return readings by stream and hour, in order of time and reading id."""
    found: dict[tuple[int, int], list[Reading]] = {}
    for reading in sorted(report, key=lambda reading: (reading[0], reading[1], reading[3])):
        if math.isfinite(reading[2]):
            found.setdefault((reading[0], reading[1] - reading[1] % HOUR_US), []).append(reading)
    return found


@given(readings)
@settings(max_examples=examples(150), deadline=None)
def test_hours_are_those_of_a_plain_count(report: list[Reading]) -> None:
    expected = naive(report)
    groups = list(expected.values())

    found = rolled_up(report)

    assert list(zip(found.stream_key.tolist(), found.hour_us.tolist(), strict=True)) == list(expected)
    assert found.count.tolist() == [len(group) for group in groups]
    assert found.sum.tolist() == pytest.approx(
        [sum(r[2] for r in group) for group in groups], rel=1e-9, abs=1e-6
    )
    assert found.min.tolist() == [min(r[2] for r in group) for group in groups]
    assert found.max.tolist() == [max(r[2] for r in group) for group in groups]


@given(readings)
@settings(max_examples=examples(150), deadline=None)
def test_first_and_last_are_by_time_and_then_by_sequence_number(report: list[Reading]) -> None:
    groups = list(naive(report).values())

    found = rolled_up(report)

    first = zip(found.first_us.tolist(), found.first.tolist(), found.first_id.tolist(), strict=True)
    last = zip(found.last_us.tolist(), found.last.tolist(), found.last_id.tolist(), strict=True)
    assert list(first) == [group[0][1:] for group in groups]
    assert list(last) == [group[-1][1:] for group in groups]


def test_a_report_without_values_has_no_hours() -> None:
    assert len(rolled_up([(1, 0, math.nan, 1)]).hour_us) == 0


def test_the_last_microsecond_of_an_hour_belongs_to_it() -> None:
    found = rolled_up([(1, HOUR_US - 1, 1.0, 1), (1, HOUR_US, 2.0, 2)])

    assert found.hour_us.tolist() == [0, HOUR_US]


def test_values_that_could_add_up_to_infinity_do_not_count() -> None:
    found = rolled_up([(1, 0, 1e308, 1), (1, 1, LARGEST, 2), (1, 2, 1e308, 3)])

    assert found.count.tolist() == [1]
    assert found.sum.tolist() == found.last.tolist() == [LARGEST]
