from __future__ import annotations

import pytest
from hypothesis import given

from server.lib.slugs import SlugError, variable_code, variable_name
from server.lib.slugs.tests.kinds import unsigned

LONGEST_NAME = 60  # characters that a variable's name may have


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        (0x5C00, "Reboot"),
        (0x5800, "Battery"),
        (0x5C08, "Operating system version"),
        (0x0E01, "Trip end"),
        (0x5023, "Temperature"),
    ],
)
def test_a_variable_that_means_the_same_everywhere_has_its_own_name(variable: int, name: str) -> None:
    assert variable_name(variable) == name


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        (0x5001, "Output 1"),
        (0x3003, "Input 3"),
        (0x0000, "Buffered 0"),
        (0x57FF, "Output 2047"),
        (0x5805, "System output 5"),
        (0x4FFF, "System counter 2047"),
    ],
)
def test_any_other_is_named_by_its_type_and_number(variable: int, name: str) -> None:
    assert variable_name(variable) == name


@pytest.mark.parametrize("variable", [0x6000, 0x9FFF, 0xFFFF])
def test_a_type_that_is_not_defined_leaves_the_code(variable: int) -> None:
    assert variable_name(variable) == f"Variable {variable_code(variable)}"


@given(unsigned(16))
def test_every_name_is_a_short_line_that_begins_like_a_sentence(variable: int) -> None:
    name = variable_name(variable)

    assert name.isprintable()
    assert 0 < len(name) <= LONGEST_NAME
    assert not name[0].islower()


@pytest.mark.parametrize("variable", [-1, 0x1_0000])
def test_a_number_over_16_bits_is_no_variable(variable: int) -> None:
    with pytest.raises(SlugError, match="variable number"):
        variable_name(variable)
