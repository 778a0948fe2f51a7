from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.units import (
    LARGEST,
    Conversion,
    Mdo,
    RawFormat,
    UnitError,
    cast_raw,
    display_value,
    output_value,
)

LITERS_FROM_GALLONS = Mdo(378541, 100000)
GALLONS_FROM_LITERS = Mdo(100000, 378541)

words = st.integers(0, 2**32 - 1)
factors = st.integers(-(10**6), 10**6)
conversions = st.builds(
    Conversion,
    st.sampled_from(RawFormat),
    st.builds(Mdo, factors, st.integers(1, 10**6), st.floats(-1e6, 1e6)),
    st.none() | st.builds(Mdo, factors, st.integers(1, 10**6), st.floats(-1e6, 1e6)),
)


@pytest.mark.parametrize(
    ("word", "number"), [(0xFFFFFFFB, -5), (0x80000000, -(2**31)), (0x7FFFFFFF, 2**31 - 1), (0, 0)]
)
def test_a_signed_word_is_read_in_twos_complement(word: int, number: int) -> None:
    assert cast_raw(word, RawFormat.SIGNED) == number


@pytest.mark.parametrize("raw_format", [RawFormat.UNSIGNED, RawFormat.AUTO])
def test_an_unsigned_word_keeps_all_32_bits(raw_format: RawFormat) -> None:
    assert cast_raw(3503783303, raw_format) == 3503783303


@given(st.lists(words), st.sampled_from(RawFormat))
def test_an_array_of_words_is_read_like_each_word(raw: list[int], raw_format: RawFormat) -> None:
    numbers = cast_raw(np.array(raw, dtype="<u4"), raw_format)

    assert numbers.dtype == np.int64
    assert numbers.tolist() == [cast_raw(word, raw_format) for word in raw]


@given(st.lists(words, max_size=20), conversions)
def test_an_array_is_converted_like_each_word(raw: list[int], conversion: Conversion) -> None:
    values = conversion.to_value(np.array(raw, dtype="<u4"))

    assert values.dtype == np.float64
    assert values.tolist() == [conversion.to_value(word) for word in raw]


def test_a_read_only_array_is_converted_and_left_as_it_is() -> None:
    raw = np.array([10, 20], dtype="<u4")
    raw.flags.writeable = False

    values = Conversion(input_unit=LITERS_FROM_GALLONS).to_value(raw)

    assert values.tolist() == [37.8541, 75.7082]
    assert raw.tolist() == [10, 20]


def test_a_stream_without_units_keeps_the_number() -> None:
    assert Conversion().to_value(7) == 7.0


@pytest.mark.parametrize(("offset", "value"), [(1.7e308, LARGEST), (-1.7e308, -LARGEST)])
def test_an_absurd_offset_gives_a_value_that_can_still_be_summed_up(offset: float, value: float) -> None:
    conversion = Conversion(mdo=Mdo(offset=offset))

    assert conversion.to_value(7) == value
    assert conversion.to_value(np.array([7], dtype=np.uint32)).tolist() == [value]


def test_the_factors_of_the_stream_come_before_the_input_unit() -> None:
    conversion = Conversion(RawFormat.SIGNED, Mdo(2, 1, 1.0), Mdo(10, 1, 0.5))

    assert conversion.to_value(0xFFFFFFFB) == -89.5


def test_a_value_through_an_input_unit_is_internal() -> None:
    assert Conversion(input_unit=Mdo()).kind == "ITR"


def test_a_value_without_input_unit_is_a_number() -> None:
    assert Conversion().kind == "Num"


def test_gallons_in_and_gallons_out_match_the_original_cloud_to_the_last_bit() -> None:
    value = Conversion(input_unit=LITERS_FROM_GALLONS).to_value(10)

    output = output_value(value, GALLONS_FROM_LITERS)

    assert value == 37.8541
    assert output == 10.000000000000002
    assert display_value(output, 2) == "10.00"


def test_millikelvin_shows_as_celsius() -> None:
    value = Conversion(input_unit=Mdo(1, 1000)).to_value(295650)

    assert display_value(output_value(value, Mdo(1, 1, -273.15)), 1) == "22.5"


def test_output_without_unit_is_the_value() -> None:
    assert output_value(3.5, None) == 3.5


def test_output_of_no_value_is_no_value() -> None:
    assert output_value(None, Mdo(2)) is None


@pytest.mark.parametrize(
    ("value", "decimal_places", "text"),
    [
        (0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (2.675, 0, "3"),
        (1e15, 1, "1000000000000000.0"),
        (-5.0, -1, "-5"),
        (None, 2, ""),
    ],
)
def test_display_has_the_wanted_decimal_places(value: float | None, decimal_places: int, text: str) -> None:
    assert display_value(value, decimal_places) == text


_THOUSANDTHS = Conversion(RawFormat.SIGNED, Mdo(1, 1000))


@given(st.integers(min_value=-(2**31), max_value=2**31 - 1))
def test_a_decimal_is_read_back_from_its_word_to_the_last_bit(thousandths: int) -> None:
    value = float(f"{thousandths}e-3")

    assert _THOUSANDTHS.to_value(_THOUSANDTHS.to_word(value)) == value


@pytest.mark.parametrize(
    "value", [0.0001, 21.33333, 2147483.648, -2147483.649, 1e100, 10**400, math.inf, math.nan]
)
def test_a_value_that_would_be_read_back_as_another_has_no_word(value: float) -> None:
    with pytest.raises(UnitError, match=r"3 decimals, from -2147483\.648 to 2147483\.647"):
        _THOUSANDTHS.to_word(value)


def test_the_nearest_word_can_be_wanted() -> None:
    assert _THOUSANDTHS.to_value(_THOUSANDTHS.to_word(21.33333, nearest=True)) == 21.333
    with pytest.raises(UnitError):
        _THOUSANDTHS.to_word(1e9, nearest=True)


def test_factors_and_units_are_reversed() -> None:
    gallons = Conversion(input_unit=Mdo(378541, 100000))

    assert gallons.to_word(37.8541) == 10
    with pytest.raises(UnitError, match="steps of its own"):
        gallons.to_word(37.0)


def test_a_word_that_multiplies_by_nothing_has_no_value_to_reverse() -> None:
    with pytest.raises(UnitError):
        Conversion(mdo=Mdo(0, 1)).to_word(1)


@pytest.mark.parametrize(
    ("conversion", "decimals"),
    [
        (_THOUSANDTHS, 3),
        (Conversion(), 0),
        (Conversion(mdo=Mdo(1, 7)), None),
        (Conversion(mdo=Mdo(2, 1000)), None),
        (Conversion(mdo=Mdo(1, 10, 0.5)), None),
        (Conversion(input_unit=Mdo()), None),
    ],
)
def test_decimals_are_those_of_a_power_of_ten(conversion: Conversion, decimals: int | None) -> None:
    assert conversion.decimals == decimals
