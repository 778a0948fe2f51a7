"""Where packets begin and end in a stream of words."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.formats import Ending, Packet, find_packets, first_begin
from server.lib.formats.packets import BEGIN, END, MOST_WORDS

B, E = BEGIN, END


def found(*words: int, expected: int | None = 2) -> list[Packet]:
    return find_packets(np.array(words, dtype=np.uint32), expected=expected)


def test_what_stands_between_begin_and_end_is_a_packet() -> None:
    assert found(B, 1, 2, E) == [Packet(0, 3, (1, 2), Ending.ENDED)]


def test_packets_follow_each_other() -> None:
    assert [(p.first, p.last, p.words) for p in found(B, 1, 2, E, B, 3, 4, E)] == [
        (0, 3, (1, 2)),
        (4, 7, (3, 4)),
    ]


@pytest.mark.parametrize("words", [(), (1,), (1, 2, E), (E,), (E, E)])
def test_words_and_an_end_without_begin_are_no_packet(words: tuple[int, ...]) -> None:
    assert found(*words) == []


def test_words_between_packets_belong_to_none() -> None:
    assert [p.words for p in found(7, B, 1, 2, E, 8, E, 9, B, 3, 4, E, 5)] == [(1, 2), (3, 4)]


@pytest.mark.parametrize(("words", "inner"), [((B, 1, E), (1,)), ((B, E), ()), ((B, 1, 2, 3, E), (1, 2, 3))])
def test_a_wrong_number_of_words_is_a_packet_all_the_same(
    words: tuple[int, ...], inner: tuple[int, ...]
) -> None:
    assert found(*words) == [Packet(0, len(words) - 1, inner, Ending.ENDED)]


def test_a_begin_cuts_off_the_packet_before_it() -> None:
    assert found(B, 1, B, 3, 4, E) == [
        Packet(0, 1, (1,), Ending.CUT_OFF),
        Packet(2, 5, (3, 4), Ending.ENDED),
    ]


def test_a_packet_whose_end_has_not_come_is_open() -> None:
    assert found(B, 1, 2, E, B, 3) == [
        Packet(0, 3, (1, 2), Ending.ENDED),
        Packet(4, 5, (3,), Ending.OPEN),
    ]


@pytest.mark.parametrize("inner", [(B, B), (E, E), (B, E), (5, B), (B, 5), (E, 5), (5, E)])
def test_numbers_that_look_like_marks_are_words_where_the_end_is_in_its_place(inner: tuple[int, ...]) -> None:
    """-1 and -2 are changes of velocity like any other."""
    assert found(B, *inner, E, B, 3, 4, E) == [
        Packet(0, 3, inner, Ending.ENDED),
        Packet(4, 7, (3, 4), Ending.ENDED),
    ]


def test_an_end_with_a_begin_behind_it_parts_two_packets() -> None:
    """Two short packets, whose outer marks happen to be as far apart as those of a whole one."""
    endings = [(p.first, p.words, p.ending) for p in found(B, E, B, E)]

    assert endings == [(0, (), Ending.ENDED), (2, (), Ending.ENDED)]


def test_without_a_number_of_words_every_mark_is_one() -> None:
    assert [p.words for p in found(B, B, 7, E, expected=None)] == [(), (7,)]


def test_a_packet_without_end_stops_somewhere() -> None:
    words = [B, *range(MOST_WORDS + 50), E, B, 1, 2, E]

    packets = found(*words)

    assert [(p.first, p.ending) for p in packets] == [
        (0, Ending.TOO_LONG),
        (MOST_WORDS + 53 - 1, Ending.ENDED),
    ]
    assert len(packets[0].words) == MOST_WORDS + 1


def test_the_longest_packet_is_no_longer_too_long() -> None:
    assert [p.ending for p in found(B, *range(MOST_WORDS), E)] == [Ending.ENDED]


@pytest.mark.parametrize(
    ("words", "place"), [((E, B, 1), 1), ((1, B, 2, E, B), 4), ((1, B, 2), 1), ((1, 2), 2), ((), 0)]
)
def test_a_piece_of_a_stream_is_read_from_the_first_certain_begin_on(
    words: tuple[int, ...], place: int
) -> None:
    assert first_begin(np.array(words, dtype=np.uint32), from_the_start=False) == place


def test_a_whole_stream_is_read_from_its_first_word_on() -> None:
    assert first_begin(np.array([1, E, B], dtype=np.uint32), from_the_start=True) == 0


numbers = st.integers(0, BEGIN).filter(lambda word: word not in {BEGIN, END})
marks_too = st.one_of(numbers, st.sampled_from([BEGIN, END]))


@given(st.lists(st.tuples(marks_too, marks_too, marks_too), max_size=20))
def test_whole_packets_come_back_whatever_is_in_them(packets: list[tuple[int, int, int]]) -> None:
    packets = [inner for inner in packets if (E, B) not in itertools.pairwise(inner)]

    words = [word for inner in packets for word in (B, *inner, E)]

    assert [p.words for p in found(*words, expected=3)] == packets


@given(st.lists(marks_too, max_size=60), st.none() | st.integers(0, 6))
def test_no_word_is_in_two_packets_and_each_begins_with_a_begin(
    words: list[int], expected: int | None
) -> None:
    free_from = 0
    for packet in found(*words, expected=expected):
        assert packet.first >= free_from
        assert words[packet.first] == BEGIN
        assert packet.last < len(words)
        free_from = packet.last + 1
