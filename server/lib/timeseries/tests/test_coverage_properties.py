from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.timeseries import LAST_ID, MAX_JUMP, MAX_RANGES, Coverage
from server.lib.timeseries.tests.test_coverage import covering, ids, new
from stack.examples import examples

# Never more islands than are remembered, so that nothing is forgotten on purpose.
report_ids = st.integers(0, 400) | st.integers(1, 10**6) | st.sampled_from([10**7, 10**9, 2**31, LAST_ID])
reports = st.lists(st.lists(report_ids, max_size=12), max_size=12)


def naive(*history: list[int]) -> set[int]:
    """Return what small reports cover, id by id, as long as no limit on gaps or islands is
    reached."""
    covered: set[int] = set()
    for report in history:
        known = sorted({number for number in report if number})
        covered |= set(known)
        for low, high in pairwise(known):
            if high - low <= MAX_JUMP:
                covered |= set(range(low, high))
    return covered


@given(st.lists(st.lists(st.integers(0, 300) | st.integers(10**6, 10**6 + 300), max_size=8), max_size=8))
@settings(max_examples=examples(150), deadline=None)
def test_the_set_holds_what_an_id_by_id_account_holds(history: list[list[int]]) -> None:
    coverage = covering(*history)

    candidates = [*range(1, 310), *range(10**6 - 5, 10**6 + 310)]
    assert set(candidates) - set(new(coverage, candidates)) == naive(*history) & set(candidates)


@given(reports, st.lists(report_ids, max_size=12))
@settings(max_examples=examples(150), deadline=None)
def test_the_same_report_again_brings_nothing_new(history: list[list[int]], report: list[int]) -> None:
    coverage = covering(*history, report)

    assert new(coverage, report) == []


@given(reports)
@settings(max_examples=examples(150), deadline=None)
def test_the_text_reads_back(history: list[list[int]]) -> None:
    coverage = covering(*history)

    assert Coverage.parse(str(coverage)) == coverage


@given(reports)
@settings(max_examples=examples(100), deadline=None)
def test_ranges_are_sorted_and_apart(history: list[list[int]]) -> None:
    ranges = covering(*history).ranges()

    bounds = [bound for covered in ranges for bound in covered]
    assert all(low < high for low, high in pairwise(bounds))


@given(
    st.lists(st.integers(1, 10**4), min_size=1, max_size=20),
    st.lists(st.integers(10**6, LAST_ID), max_size=50),
    st.booleans(),
)
@settings(max_examples=examples(100), deadline=None)
def test_ids_far_above_the_true_ones_take_no_true_one_along(
    true_ids: list[int], huge_ids: list[int], inside: bool
) -> None:
    history = [[*true_ids, *huge_ids]] if inside else [true_ids, *([number] for number in huge_ids)]

    coverage = covering(*history)

    later = range(max(true_ids) + 1, max(true_ids) + 1000)
    assert new(coverage, later) == list(later)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=examples(20), deadline=None)
def test_however_many_reports_there_are_the_set_stays_small(seed: int) -> None:
    random = np.random.default_rng(seed)
    coverage = Coverage()
    for _ in range(60):
        scale = 2 ** random.integers(4, 33)
        coverage = coverage.with_report(random.integers(0, scale, size=random.integers(1, 200)))
        for number in random.integers(0, scale, size=20):
            coverage = coverage.with_report(ids([number]))
        assert len(coverage.ranges()) <= MAX_RANGES


@given(st.lists(report_ids | st.just(0), max_size=40), reports)
@settings(max_examples=examples(100), deadline=None)
def test_new_ids_are_all_different(candidates: list[int], history: list[list[int]]) -> None:
    found = new(covering(*history), candidates)

    assert len(found) == len(set(found))
