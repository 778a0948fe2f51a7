from __future__ import annotations

import pytest
from hypothesis import given

from server.lib.slugs import (
    MOST_NAMED_VARIABLES,
    SlugError,
    StreamType,
    is_named_variable,
    is_system_variable,
    named_variable,
    parse_variable,
    stream_type,
    variable_code,
)
from server.lib.slugs.tests.kinds import unsigned


@pytest.mark.parametrize("variable", [0x5800, 0x5C00, 0x5A05, 0x0E00, 0xFFFF])
def test_bit_11_marks_a_system_variable(variable: int) -> None:
    assert is_system_variable(variable)


@pytest.mark.parametrize("variable", [0x5001, 0x5060, 0x0000, 0x57FF])
def test_other_variables_are_the_users(variable: int) -> None:
    assert not is_system_variable(variable)


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        (0x0E00, StreamType.BUFFERED),
        (0x1001, StreamType.UNBUFFERED),
        (0x5001, StreamType.OUTPUT),
        (0xFFFF, None),
    ],
)
def test_the_top_four_bits_are_the_type(variable: int, kind: StreamType | None) -> None:
    assert stream_type(variable) == kind


@given(unsigned(16))
def test_a_code_reads_back_in_any_case(variable: int) -> None:
    assert parse_variable(variable_code(variable).upper()) == variable


@pytest.mark.parametrize("code", ["", "501", "05001", "0x51", "50g1", "5001\n", "+501"])
def test_a_code_has_exactly_four_hex_digits(code: str) -> None:
    with pytest.raises(SlugError):
        parse_variable(code)


def test_ids_of_names_are_each_another_one_and_no_device_has_them() -> None:
    ids = [named_variable(number) for number in range(MOST_NAMED_VARIABLES)]

    assert len(set(ids)) == MOST_NAMED_VARIABLES
    assert (ids[0], ids[2047], ids[2048], ids[-1]) == (0x6000, 0x67FF, 0x7000, 0x97FF)
    assert all(is_named_variable(each) and stream_type(each) is None for each in ids)
    assert named_variable(MOST_NAMED_VARIABLES) == ids[0]


@pytest.mark.parametrize("variable", [0x5001, 0x5FFF, 0x6800, 0x9FFF, 0xA000, 0xFFFF, 0])
def test_other_ids_are_none_of_names(variable: int) -> None:
    assert not is_named_variable(variable)
