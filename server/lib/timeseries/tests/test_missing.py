"""Reading ids that are missing."""

import numpy as np

from server.lib.timeseries.coverage import MAX_JUMP, Coverage
from server.lib.timeseries.missing import Gap, gaps_of


def covering(*ranges: tuple[int, int]) -> Coverage:
    """Return a coverage of ranges, both ends inclusive, each as a report of its own."""
    coverage = Coverage()
    for first, last in ranges:
        coverage = coverage.with_report(np.array([first, last]))
    return coverage


def test_what_came_in_one_piece_has_no_gap() -> None:
    assert gaps_of(covering((5, 90))) == []


def test_nothing_has_no_gap() -> None:
    assert gaps_of(Coverage()) == []


def test_what_was_left_out_is_missing() -> None:
    assert gaps_of(covering((1, 10), (15, 20), (22, 30))) == [Gap(11, 14, 4, False), Gap(21, 21, 1, False)]


def test_what_another_streamer_brought_is_not_missing() -> None:
    own = covering((1, 10), (20, 30))

    assert gaps_of(own, [covering((11, 15))]) == [Gap(11, 19, 4, False)]
    assert gaps_of(own, [covering((11, 19))]) == []
    assert gaps_of(own, [covering((5, 12)), covering((11, 25))]) == []


def test_what_two_others_brought_counts_once() -> None:
    own = covering((1, 10), (20, 30))

    assert gaps_of(own, [covering((11, 14)), covering((13, 15))]) == [Gap(11, 19, 4, False)]


def test_a_gap_that_no_device_makes_is_a_jump_and_misses_nothing() -> None:
    last = 11 + MAX_JUMP + 1

    assert gaps_of(covering((1, 10), (last, last))) == [Gap(11, last - 1, 0, True)]
    assert gaps_of(covering((1, 10), (last - 1, last))) == [Gap(11, last - 2, MAX_JUMP, False)]


def test_the_streamer_went_on_behind_the_gap() -> None:
    (gap,) = gaps_of(covering((1, 10), (15, 20)))

    assert gap.next_id == 15


def test_what_may_still_come_with_another_is_not_missing_yet() -> None:
    own = covering((1, 10), (15, 20), (25, 30))

    assert gaps_of(own, complete_up_to=9) == []
    assert gaps_of(own, complete_up_to=12) == [Gap(11, 14, 2, False)]
    assert gaps_of(own, [covering((11, 12))], complete_up_to=12) == []
    assert gaps_of(own, complete_up_to=24) == [Gap(11, 14, 4, False), Gap(21, 24, 4, False)]


def test_the_ids_of_reports_are_not_missing() -> None:
    own = covering((1, 10), (12, 20), (25, 30))

    assert gaps_of(own, taken={11, 40}) == [Gap(21, 24, 4, False)]
    assert gaps_of(own, [covering((21, 22))], taken={11, 22, 24}) == [Gap(21, 24, 1, False)]
