"""Values in the unit that people read."""

from datetime import UTC, datetime

import pytest

from server.apps.streams.models import StreamId, StreamVariable, VarTypeOutputUnit
from server.apps.streams.selectors.data import Latest
from webapp.quantities import Quantity, latest_values, quantity_of

CELSIUS = VarTypeOutputUnit(unit_full="Celsius", unit_short="°C", m=1, d=1, o=-273.15, decimal_places=1)
KELVIN = VarTypeOutputUnit(unit_full="Kelvin", unit_short="", decimal_places=2)


def test_a_stream_is_shown_in_its_own_output_unit() -> None:
    stream = StreamId(var_name="Air", variable=StreamVariable(output_unit=KELVIN), output_unit=CELSIUS)

    quantity = quantity_of(stream)

    assert (quantity.label, quantity.unit, quantity.text(294.65)) == ("Air", "°C", "21.5")


def test_a_stream_without_a_unit_takes_that_of_its_variable() -> None:
    stream = StreamId(variable=StreamVariable(output_unit=KELVIN))

    quantity = quantity_of(stream)

    assert (quantity.unit, quantity.text(294.654)) == ("Kelvin", "294.65")


def test_without_any_unit_the_variable_says_how_many_decimals() -> None:
    stream = StreamId(variable=StreamVariable(units="ppm", decimal_places=3))

    quantity = quantity_of(stream)

    assert (quantity.unit, quantity.text(1.5)) == ("ppm", "1.500")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\N{EN DASH}"), (0.0, "0"), (-0.2, "0"), (1234567.4, "1,234,567"), (-12.6, "-13")],
)
def test_a_value_is_rounded_and_grouped(value: float | None, text: str) -> None:
    assert Quantity("Volume", "L", 0, None).text(value) == text


def test_a_thing_without_a_unit_is_shown_without_one() -> None:
    none = VarTypeOutputUnit(unit_full="n/a", unit_short="")

    assert quantity_of(StreamId(variable=StreamVariable(output_unit=none))).unit == ""


def test_a_version_is_shown_as_tag_and_version() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    stream = StreamId(key=1, var_lid=0x5C09, variable=StreamVariable())
    newest = Latest(now, 1, 67110912.0, 0x04000800, 1, 0, now, 1)

    [shown] = latest_values([stream], {1: newest})

    assert shown.text == "2048 v1.0"
