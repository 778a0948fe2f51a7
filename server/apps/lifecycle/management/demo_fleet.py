"""What `demo-data` creates: four projects, four kinds of devices, eleven devices.

Local variable ids and raw numbers are those of the package `demo`; the two sides share only the
names of the kinds.
"""

from dataclasses import dataclass
from typing import Final

DEMO_ORG: Final = "Fieldline demo"


@dataclass(frozen=True, slots=True)
class Variable:
    """Units by the part of their slug behind `in--` and `out--`; without an input unit the raw
    number is the value."""

    lid: int
    label: str
    output_unit: str
    input_unit: str | None = None
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is also the sensor graph's; `sku` is the hardware."""

    name: str
    version: tuple[int, int, int]
    sku: str
    project: str
    about: str
    expected_every_s: int
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """`user_key`: its reports are signed and encrypted. `read_token`: it may read its own data.
    `goes_silent`: it stops by itself, so it counts as silent early.
    """

    number: int
    kind: str
    label: str
    user_key: bool = False
    read_token: bool = False
    goes_silent: bool = False


SILENT_EXPECTED_EVERY_S: Final = 60

_BATTERY: Final = Variable(0x5800, "Battery (mV)", "none--na")

KINDS: Final = (
    Kind(
        name="water-meter",
        version=(2, 0, 0),  # the built-in ones measure in gallons
        sku="WM-20",
        project="Water metering",
        about="What the village draws, and what it loses at night.",
        expected_every_s=300,
        variables=(
            Variable(0x5001, "Volume", "water-meter-volume--liters", "water-meter-volume--liters"),
            Variable(0x5002, "Flow", "water-meter-flow--liters-per-min", "water-meter-flow--liters"),
            _BATTERY,
        ),
    ),
    Kind(
        name="soil-temp",
        version=(1, 0, 0),
        sku="GH-3",
        project="Greenhouse",
        about="Soil moisture at two depths, and the air above.",
        expected_every_s=300,
        variables=(
            Variable(
                0x5003, "Soil moisture", "soil-moisture-percent--percent", "soil-moisture-percent--percent"
            ),
            Variable(
                0x5004,
                "Soil moisture, roots",
                "soil-moisture-percent--percent",
                "soil-moisture-percent--percent",
            ),
            Variable(0x500F, "Air temperature", "temp--celsius", "temp--millikelvin"),
            _BATTERY,
        ),
    ),
    Kind(
        name="shipping-logger",
        version=(1, 3, 0),
        sku="POD-1",
        project="Cold chain",
        about="Boxes that must stay between 2 and 8 °C.",
        expected_every_s=600,
        variables=(
            Variable(0x5021, "Air pressure", "pressure--millibar", "pressure--pod1-m", is_signed=True),
            Variable(0x5022, "Relative humidity", "relative-humidity--percent", "relative-humidity--pod1-m"),
            Variable(0x5023, "Temperature", "temp--celsius", "temp--pod1-m", is_signed=True),
            Variable(0x5025, "Peak acceleration", "acceleration--gravity", "acceleration--pod1-a"),
            _BATTERY,
        ),
    ),
    Kind(
        name="board",
        version=(1, 0, 0),
        sku="DESK-1",
        project="On your desk",
        about="What you send yourself, with ./inv send-report.",
        expected_every_s=365 * 24 * 3600,  # it reports when somebody likes, and is not missed
        variables=(Variable(0x500F, "Room temperature", "temp--celsius", "temp--millikelvin"),),
    ),
)

DEVICES: Final = (
    DemoDevice(0xD01, "water-meter", "North well"),
    DemoDevice(0xD02, "water-meter", "Mill Lane 12"),
    DemoDevice(0xD03, "water-meter", "School"),
    DemoDevice(0xD04, "water-meter", "Sports ground"),
    DemoDevice(0xD05, "soil-temp", "Bench 1, tomatoes"),
    DemoDevice(0xD06, "soil-temp", "Bench 2, basil"),
    DemoDevice(0xD07, "soil-temp", "Bench 3, seedlings", goes_silent=True),
    DemoDevice(0xD08, "shipping-logger", "Vaccines to Lyon", user_key=True),
    DemoDevice(0xD09, "shipping-logger", "Salmon to Vienna"),
    DemoDevice(0xD0A, "shipping-logger", "Insulin to Oslo", user_key=True),
    DemoDevice(0xD0B, "board", "Your board", read_token=True),
)
