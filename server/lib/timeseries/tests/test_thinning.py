from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.timeseries import Band, min_max_band
from stack.examples import examples

Point = tuple[int, float]

points = st.lists(
    st.tuples(st.integers(-1000, 1000), st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])),
    max_size=60,
)


def band(report: list[Point], start_us: int, end_us: int, buckets: int) -> Band:
    ts_us = np.array([ts for ts, _ in report], dtype=np.int64)
    value = np.array([number for _, number in report], dtype=np.float64)
    return min_max_band(ts_us, value, start_us=start_us, end_us=end_us, buckets=buckets)


def naive(report: list[Point], start_us: int, end_us: int, buckets: int) -> dict[int, list[float]]:
    """Return values by bucket, in order of time."""
    width_us = math.ceil((end_us - start_us) / buckets)
    found: dict[int, list[float]] = {}
    for ts, number in sorted(report, key=lambda point: point[0]):
        if start_us <= ts < end_us and math.isfinite(number):
            found.setdefault(start_us + (ts - start_us) // width_us * width_us, []).append(number)
    return found


@given(
    report=points,
    start_us=st.integers(-1000, 1000),
    length_us=st.integers(1, 2000),
    buckets=st.integers(1, 50),
)
@settings(max_examples=examples(200), deadline=None)
def test_buckets_are_those_of_a_plain_count(
    report: list[Point], start_us: int, length_us: int, buckets: int
) -> None:
    expected = naive(report, start_us, start_us + length_us, buckets)

    found = band(report, start_us, start_us + length_us, buckets)

    assert found.bucket_us.tolist() == list(expected)
    assert found.count.tolist() == [len(values) for values in expected.values()]
    assert found.min.tolist() == [min(values) for values in expected.values()]
    assert found.max.tolist() == [max(values) for values in expected.values()]
    assert found.last.tolist() == [values[-1] for values in expected.values()]
    assert found.mean.tolist() == pytest.approx(
        [sum(values) / len(values) for values in expected.values()], rel=1e-9, abs=1e-6
    )
    assert len(found.bucket_us) <= buckets


def test_the_end_is_exclusive_and_the_start_is_not() -> None:
    found = band([(0, 1.0), (10, 2.0), (20, 3.0)], 0, 20, 2)

    assert found.bucket_us.tolist() == [0, 10]
    assert found.count.tolist() == [1, 1]


def test_a_peak_is_never_lost() -> None:
    report = [(ts, 0.0) for ts in range(10_000)]
    report[7777] = (7777, 99.0)

    found = band(report, 0, 10_000, 10)

    assert found.max.tolist() == [0, 0, 0, 0, 0, 0, 0, 99, 0, 0]


def test_of_many_values_at_one_moment_the_rightmost_is_the_last() -> None:
    report = [*((1, float(number)) for number in range(1000)), (0, -1.0)]

    found = band(report, 0, 10, 1)

    assert found.last.tolist() == [999.0]


def test_a_range_that_ends_before_it_begins_is_empty() -> None:
    assert len(band([(5, 1.0)], 10, 0, 4).bucket_us) == 0


def test_less_than_one_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one bucket"):
        band([(5, 1.0)], 0, 10, 0)


def test_values_that_add_up_to_infinity_do_no_harm() -> None:
    found = band([(0, 1e308), (1, 1e308), (2, -1e308)], 0, 10, 1)

    assert found.max.tolist() == [1e308]
