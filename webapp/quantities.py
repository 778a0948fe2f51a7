"""A stream's values as people read them: in its output unit, with that unit's decimal places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import Latest
from server.lib.units import VERSION_STREAMS, Mdo, VersionWord, output_value

NO_VALUE = "\N{EN DASH}"
NO_UNIT = "n/a"  # the name of the unit of things that have none


@dataclass(frozen=True, slots=True)
class Quantity:
    label: str
    unit: str
    decimals: int
    output: Mdo | None

    def convert(self, value: float) -> float:
        return value if self.output is None else self.output.forward(value)

    def text(self, value: float | None) -> str:
        """Returns a stored value as text, without its unit; thousands are grouped."""
        shown = output_value(value, self.output)
        return NO_VALUE if shown is None else f"{shown:z,.{self.decimals}f}"


def quantity_of(stream: StreamId) -> Quantity:
    """Uses the stream's own unit, else its variable's. The stream must be loaded with its variable
    and units."""
    unit = stream.output_unit or stream.variable.output_unit
    if unit is None:
        return Quantity(stream.label, stream.variable.units, stream.variable.decimal_places, None)
    name = unit.unit_short or unit.unit_full
    return Quantity(stream.label, "" if name == NO_UNIT else name, unit.decimal_places, unit.mdo)


@dataclass(frozen=True, slots=True)
class LatestValue:
    """One tile: a stream and its latest value, `text` without its unit."""

    slug: str
    label: str
    text: str
    unit: str
    ts: datetime | None


def latest_values(streams: Iterable[StreamId], latest: dict[int, Latest]) -> list[LatestValue]:
    return [_latest_value(stream, latest.get(stream.key)) for stream in streams]


def _latest_value(stream: StreamId, latest: Latest | None) -> LatestValue:
    quantity = quantity_of(stream)
    return LatestValue(
        slug=stream.slug,
        label=quantity.label,
        text=_text(stream, quantity, latest),
        unit="" if latest is None else quantity.unit,
        ts=None if latest is None else latest.ts,
    )


def _text(stream: StreamId, quantity: Quantity, latest: Latest | None) -> str:
    if latest is None:
        return NO_VALUE
    if stream.var_lid in VERSION_STREAMS and latest.int_value is not None:
        return str(VersionWord.parse(latest.int_value))
    return quantity.text(latest.value)
