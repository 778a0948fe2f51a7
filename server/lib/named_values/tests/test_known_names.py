"""Units that names say."""

import pytest

from server.lib.named_values import guess


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("temperature", "°C"),
        ("Soil Temperature", "°C"),
        ("boilerTemp2", ""),
        ("boiler_temp_2", "°C"),
        ("humidity", "%"),
        ("batteryVoltage", "V"),
        ("battery_mv", "mV"),
        ("RSSI", "dBm"),
        ("pm25", "µg/m³"),
        ("co2", "ppm"),
        ("temperate", ""),
        ("count", ""),
        ("\u03b1", ""),
    ],
)
def test_the_last_known_word_of_a_name_says_its_unit(name: str, unit: str) -> None:
    assert guess(name).unit == unit
