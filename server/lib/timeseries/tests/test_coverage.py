from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from server.lib.timeseries import LAST_ID, MAX_GAPS, MAX_JUMP, MAX_RANGES, Coverage, CoverageError
from server.lib.timeseries.coverage import MAX_ISLANDS


def ids(numbers: Iterable[int]) -> NDArray[np.uint32]:
    return np.array(list(numbers), dtype="<u4")


def covering(*reports: Iterable[int]) -> Coverage:
    coverage = Coverage()
    for report in reports:
        coverage = coverage.with_report(ids(report))
    return coverage


def new(coverage: Coverage, numbers: Iterable[int]) -> list[int]:
    candidates = ids(numbers)
    return [int(number) for number in candidates[coverage.is_new(candidates)]]


def test_at_first_everything_is_new() -> None:
    assert new(Coverage(), [1, 2, LAST_ID]) == [1, 2, LAST_ID]


def test_the_id_0_is_never_new() -> None:
    assert new(Coverage(), [0, 1, 0]) == [1]


def test_numbers_beyond_32_bits_are_no_ids() -> None:
    numbers = np.array([-1, LAST_ID + 1, 7], dtype=np.int64)

    assert Coverage().is_new(numbers).tolist() == [False, False, True]
    assert str(Coverage().with_report(numbers)) == "{[7,8)}"


def test_of_an_id_that_comes_twice_only_the_first_is_new() -> None:
    assert Coverage().is_new(ids([5, 3, 5, 3, 4])).tolist() == [True, True, False, False, True]


def test_a_report_covers_from_its_lowest_to_its_highest_id() -> None:
    assert str(covering([9, 4, 2])) == "{[2,10)}"


def test_a_report_without_ids_covers_nothing() -> None:
    assert covering([0, 0]) == Coverage()


def test_reports_that_overlap_or_touch_become_one_range() -> None:
    assert str(covering(range(1, 5), range(10, 15), range(3, 10))) == "{[1,15)}"


def test_a_late_report_fills_its_gap() -> None:
    coverage = covering(range(1, 21), range(100, 111))

    assert new(coverage, range(62, 99)) == list(range(62, 99))
    assert str(coverage.with_report(ids(range(62, 99)))) == "{[1,21),[62,99),[100,111)}"


def test_the_highest_id_there_is_can_be_covered() -> None:
    coverage = covering([LAST_ID - 1, LAST_ID])

    assert str(coverage) == f"{{[{LAST_ID - 1},{LAST_ID + 1})}}"
    assert new(coverage, [LAST_ID - 2, LAST_ID]) == [LAST_ID - 2]


def test_the_largest_jump_within_a_report_is_still_covered() -> None:
    assert str(covering([1, 1 + MAX_JUMP])) == f"{{[1,{MAX_JUMP + 2})}}"


def test_a_larger_jump_within_a_report_is_not_covered() -> None:
    coverage = covering([1, 2, 3 + MAX_JUMP])

    assert coverage.gaps() == ((3, 3 + MAX_JUMP),)


def test_a_huge_id_alone_silences_nobody() -> None:
    coverage = covering(range(1, 101), [4_000_000_000])

    assert new(coverage, range(101, 201)) == list(range(101, 201))


def test_a_huge_id_inside_a_report_silences_nobody() -> None:
    coverage = covering([*range(1, 101), 4_000_000_000])

    assert new(coverage, range(101, 201)) == list(range(101, 201))


def test_a_report_full_of_huge_ids_silences_nobody_and_forgets_nothing_true() -> None:
    coverage = covering(range(1, 101), range(1_000_000, 4_000_000_000, 1_000_000))

    assert new(coverage, range(1, 201)) == list(range(101, 201))


def test_many_reports_with_huge_ids_do_not_close_the_gaps_of_the_device() -> None:
    true_reports = [range(start, start + 9) for start in range(1, 10 * MAX_GAPS, 10)]
    forged = [[4_000_000_000 + 10 * number] for number in range(3 * MAX_GAPS)]

    coverage = covering(*true_reports, *forged)

    assert new(coverage, range(1, 10 * MAX_GAPS)) == list(range(10, 10 * MAX_GAPS, 10))


def test_beyond_the_limit_the_oldest_gaps_close() -> None:
    coverage = covering(*([10 * number + 1] for number in range(MAX_GAPS + 3)))

    assert len(coverage.gaps()) == MAX_GAPS
    assert coverage.ranges()[0] == (1, 22)


def test_a_wide_gap_never_closes() -> None:
    newer = ([1_000_000 + 10 * number] for number in range(MAX_GAPS + 3))

    coverage = covering(range(1, 2000), *newer)

    assert new(coverage, [1, 2000, 999_999]) == [2000, 999_999]


def test_beyond_the_limit_the_lowest_island_is_forgotten_unless_it_is_the_largest() -> None:
    lonely = [[1_000_000 * number] for number in range(1, MAX_ISLANDS + 2)]

    coverage = covering(range(1, 101), *lonely)

    kept = [first for first, _ in coverage.ranges()]
    assert kept == [1, *(1_000_000 * number for number in range(3, MAX_ISLANDS + 2))]


def test_a_streamer_with_few_readings_far_apart_still_knows_its_newest_ones() -> None:
    reports = [[100_000 * number] for number in range(1, 500)]

    coverage = covering(*reports)

    assert new(coverage, [reports[-1][0], reports[-2][0], reports[-1][0] + 1]) == [reports[-1][0] + 1]
    assert len(coverage.ranges()) <= MAX_RANGES


def test_an_older_set_does_not_change() -> None:
    before = covering([1])

    before.with_report(ids([2]))

    assert str(before) == "{[1,2)}"
    with pytest.raises(ValueError, match="read-only"):
        before.starts[0] = 7


def test_equal_sets_are_equal_and_hash_alike() -> None:
    one, two = covering([1, 2], [5]), covering([5], [2, 1])

    assert one == two
    assert {one, two} == {two}
    assert one != covering([1])


def test_the_empty_set_is_written_as_empty_braces() -> None:
    assert str(Coverage()) == "{}"
    assert Coverage.parse("{}") == Coverage()


def test_the_text_of_the_database_is_read() -> None:
    assert Coverage.parse("{[1,5),[9,12)}").ranges() == ((1, 5), (9, 12))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "empty",
        "{[1,5]}",
        "{(0,5)}",
        "{[,5)}",
        "{[1,5),}",
        "{[1, 5)}",
        "{[5,1)}",
        "{[1,1)}",
        "{[0,5)}",
        "{[1,5),[5,9)}",
        "{[9,12),[1,5)}",
        "{[1,4294967298)}",
        "{[1,99999999999999999999)}",
        "{[1,5)}\n",
        "{[\u0661,\u0665)}",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(CoverageError):
        Coverage.parse(text)
