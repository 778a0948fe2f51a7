"""Packets decoded to named numbers, and encoded again."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.formats import LayoutError, PacketDecoder
from server.lib.formats.bit_layout import BITS, MOST_FIELDS, MOST_LAYOUTS

SHOCK = ["H{axis:2,peak:14}", "H{duration}", "l{delta_v_x}", "l{delta_v_y}", "l{delta_v_z}"]


def decoder(raw_packet_format: str = "<LLLL", transform: Any = None, *layouts: str) -> PacketDecoder:
    info: dict[str, Any] = {"decoding": list(layouts) or SHOCK}
    return PacketDecoder.parse(
        raw_packet_format, info if transform is None else {**info, "transform": transform}
    )


def test_the_packet_of_the_original_clouds_report() -> None:
    """0082 hex is 2 in its lowest two bits and 32 above them; 000c is the other half of the
    word."""
    assert decoder().decode([0x000C0082, 0x1287, 0x0F25, 0xFFFFDAAC]) == {
        "axis": 2,
        "peak": 32,
        "duration": 12,
        "delta_v_x": 4743,
        "delta_v_y": 3877,
        "delta_v_z": -9556,
    }


def test_numbers_get_names_and_factors() -> None:
    transform = {"axis": {"map": {"2": "z"}}, "peak": {"mdo": [49, 1000, 0.5]}}

    decoded = decoder("<LLLL", transform).decode([0x000C0082, 0, 0, 0])

    assert (decoded["axis"], decoded["peak"]) == ("z", 0.5 + 32 * 49 / 1000)


def test_a_number_without_a_name_stays_a_number() -> None:
    assert decoder("<LLLL", {"axis": {"map": {"0": "x"}}}).decode([3, 0, 0, 0])["axis"] == 3


@pytest.mark.parametrize("words", [[], [1, 2, 3], [1, 2, 3, 4, 5]])
def test_another_number_of_words_is_refused_and_told(words: list[int]) -> None:
    with pytest.raises(LayoutError, match=f"has {len(words)} words and not 4"):
        decoder().decode(words)


def test_a_letter_says_how_many_bits_of_a_word_count() -> None:
    """The low byte of the first word, the low half of the second, all of the third."""
    assert decoder("<BHL", None, "B{a}", "H{b}", "L{c}").decode([0x11223344, 0x55667788, 0x99AABBCC]) == {
        "a": 0x44,
        "b": 0x7788,
        "c": 0x99AABBCC,
    }


@pytest.mark.parametrize(
    ("layout", "word", "value"),
    [
        ("b{a}", 0xFF, -1),
        ("h{a}", 0x8000, -0x8000),
        ("l{a}", 0xFFFFFFFE, -2),
        ("l{a:4,b:28}", 0x0000000F, -1),
        ("L{a:4,b:28}", 0x0000000F, 15),
    ],
)
def test_small_letters_have_a_sign(layout: str, word: int, value: int) -> None:
    assert decoder("<L", None, layout).decode([word])["a"] == value


def test_a_layout_may_lie_across_words() -> None:
    assert decoder("<LL", None, "Q{a}").decode([1, 2]) == {"a": 2 * 2**32 + 1}
    assert decoder("<LL", None, "H{_}", "L{a}").decode([0xBBBB0000, 0xAAAA]) == {"a": 0xAAAABBBB}


def test_bits_that_nobody_names_are_left_out() -> None:
    assert decoder("<LL", None, "L{_:3,a:2}").decode([0b11010111, 5]) == {"a": 0b10}


@pytest.mark.parametrize("raw", ["", "<", "L", ">L", "<4L", "<I", "<L" + "L" * 31, "<L\n", "<LLLL;import os"])
def test_another_format_of_packets_is_refused(raw: str) -> None:
    with pytest.raises(LayoutError) as refusal:
        decoder(raw)

    assert refusal.value.field == "raw_packet_format"


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ([], "decoding and transform"),
        ({}, "list of bit layouts"),
        ({"decoding": []}, "list of bit layouts"),
        ({"decoding": "L{a}"}, "list of bit layouts"),
        ({"decoding": ["L{a}"], "code": "1"}, "nothing else"),
        ({"decoding": [1]}, "no bit layout"),
        ({"decoding": ["L"]}, "no bit layout"),
        ({"decoding": ["L{}"]}, "no bit layout"),
        ({"decoding": ["L{a}{b}"]}, "no bit layout"),
        ({"decoding": ["s{a}"]}, "no bit layout"),
        ({"decoding": ["L{" + "a" * 5000 + "}"]}, "no bit layout"),
        ({"decoding": ["L{a b}"]}, "no field"),
        ({"decoding": ["L{a,}"]}, "no field"),
        ({"decoding": ["L{1a:2}"]}, "no field"),
        ({"decoding": ["L{a:x}"]}, "no field"),
        ({"decoding": ["L{a:100}"]}, "no field"),
        ({"decoding": ["L{" + "a" * 41 + "}"]}, "no field"),
        ({"decoding": ["L{a:0}"]}, "does not fit"),
        ({"decoding": ["L{a:33}"]}, "does not fit"),
        ({"decoding": ["H{a:10,b:7}"]}, "does not fit"),
        ({"decoding": ["H{a,b}"]}, "does not fit"),
        ({"decoding": ["H{a}", "H{a}"]}, "two fields"),
        ({"decoding": ["L{error}"]}, "cannot be called"),
        ({"decoding": ["L{a}", "B{b}"]}, "40 bits, a packet 32"),
        ({"decoding": ["L{a}"], "transform": []}, "names of fields"),
        ({"decoding": ["L{a}"], "transform": {"b": {"mdo": [1, 1, 0]}}}, "names of fields"),
        ({"decoding": ["L{a}"], "transform": {"a": "a + 1"}}, "transform of a"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 1, 0], "map": {}}}}, "transform of a"),
        ({"decoding": ["L{a}"], "transform": {"a": {"eval": "1"}}}, "transform of a"),
        ({"decoding": ["L{a}"], "transform": {"a": {"map": []}}}, "map of a"),
        ({"decoding": ["L{a}"], "transform": {"a": {"map": {str(n): "x" for n in range(300)}}}}, "map of a"),
        ({"decoding": ["L{a}"], "transform": {"a": {"map": {"1": {}}}}}, "no name"),
        ({"decoding": ["L{a}"], "transform": {"a": {"map": {"1": "x" * 101}}}}, "no name"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 1]}}}, "three numbers"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 1, True]}}}, "three numbers"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 1, "0"]}}}, "three numbers"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1e300, 1, 0]}}}, "three numbers"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 0, 0]}}}, "divides by"),
        ({"decoding": ["L{a}"], "transform": {"a": {"mdo": [1, 1e-300, 0]}}}, "divides by"),
    ],
)
def test_what_is_wrong_with_a_decoder_is_told(info: Any, words: str) -> None:
    with pytest.raises(LayoutError, match=words) as refusal:
        PacketDecoder.parse("<L", info)

    assert refusal.value.field == "packet_info"


@pytest.mark.parametrize(
    ("layouts", "words"),
    [
        (["B{_}"] * (MOST_LAYOUTS + 1), "layouts at most"),
        (["Q{" + ",".join(["_:1"] * 64) + "}"] * 3, f"{MOST_FIELDS} fields"),
    ],
)
def test_a_definition_cannot_go_on_for_ever(layouts: list[str], words: str) -> None:
    with pytest.raises(LayoutError, match=words):
        decoder("<" + "Q" * 31, None, *layouts)


def test_a_number_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(LayoutError, match="2 bits of axis"):
        decoder().encode({"axis": 4})


@st.composite
def packets(draw: st.DrawFn) -> tuple[list[str], dict[str, int]]:
    """Layouts, and a number for each of their fields."""
    layouts: list[str] = []
    numbers: dict[str, int] = {}
    for letter in draw(st.lists(st.sampled_from(sorted(BITS)), min_size=1, max_size=6)):
        left = BITS[letter]
        parts: list[str] = []
        while left and (not parts or draw(st.booleans())):
            bits = draw(st.integers(1, left))
            name = f"f{len(numbers)}"
            low = -(1 << bits - 1) if letter.islower() else 0
            numbers[name] = draw(st.integers(low, low + (1 << bits) - 1))
            parts.append(f"{name}:{bits}")
            left -= bits
        layouts.append(f"{letter}{{{','.join(parts)}}}")
    return layouts, numbers


@given(packets())
def test_what_is_put_together_comes_apart_again(packet: tuple[list[str], dict[str, int]]) -> None:
    layouts, numbers = packet
    bits = sum(BITS[layout[0]] for layout in layouts)
    wide = decoder("<" + "L" * max(1, -(-bits // 32)), None, *layouts)

    words = wide.encode(numbers)

    assert all(0 <= word < 2**32 for word in words)
    assert wide.decode(words) == numbers


@given(st.text(max_size=60), st.recursive(st.none() | st.text() | st.floats() | st.integers(), st.lists))
def test_any_definition_is_read_or_refused(layout: str, anything: object) -> None:
    for info in ({"decoding": [layout]}, {"decoding": [f"L{{{layout}}}"]}, anything, {"decoding": anything}):
        with contextlib.suppress(LayoutError):
            assert PacketDecoder.parse("<L", info).words == 1
