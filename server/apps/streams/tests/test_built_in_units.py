"""The units of every installation: those of the original cloud, with factors that a person can
check by hand."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils.text import slugify

from server.apps.streams.models import VarType, VarTypeInputUnit, VarTypeOutputUnit
from server.lib.units import Conversion, RawFormat, output_value

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

EXPECTED_INPUTS = {
    "default": "unit",
    "none": "na",
    "count": "na",
    "water-meter-volume": "acre-feet barrels-oil cubic-meters gallons liters",
    "water-meter-flow": "acre-feet barrels-oil cubic-meters gallons liters",
    "temp": "10k-thermistor gs3-decagon lansmont-saver lm35 millikelvin minit-ext-1515c minit-ext-1535c "
    "minit-int-1515c minit-int-1535c pod1-m tmp36",
    "pressure": "lansmont-saver pod1-m",
    "relative-humidity": "lansmont-saver pod1-m",
    "acceleration": "pod1-a",
    "soil-moisture-percent": "ec-5 gs3-decagon percent",
    "electrical-conductivity": "gs3-decagon",
    "current": "amps",
    "420-milliamps": "milliamps",
    "dust-density": "mgm3",
    "pulse-rate": "ppm",
}
EXPECTED_OUTPUTS = {
    "default": "unit",
    "none": "na",
    "count": "na",
    "water-meter-volume": "acre-feet barrels-oil cubic-meters gallons liters",
    "water-meter-flow": "barrels-oil-min cubic-meters-per-hr gallons-per-hr gallons-per-min liters-per-hr liters-per-min",
    "temp": "celsius fahrenheit kelvin",
    "pressure": "hectopascal millibar pascal psi",
    "relative-humidity": "percent",
    "acceleration": "gravity",
    "soil-moisture-percent": "percent",
    "electrical-conductivity": "mscm uscm",
    "current": "amps milliamps",
    "420-milliamps": "0-100-psi 0-200-psi 0-4000-gpm milliamps",
    "dust-density": "mgm3 ugm3",
    "pulse-rate": "ppm rpm",
}
EVENTS = {
    "accelerometer-event": "E1",
    "pod-1m-accelerometer": "E2",
    "pod-1m-accelerometer-v2": "E3",
    "saver-event": "E0",
    "trip-summary": "E0",
    "default-event": "E3",
}


def stored(unit: str, raw: int, raw_format: RawFormat = RawFormat.UNSIGNED) -> float:
    """Return the stored value of a raw word with this input unit."""
    return Conversion(raw_format, input_unit=VarTypeInputUnit.objects.get(pk=unit).mdo).to_value(raw)


def shown(unit: str, value: float) -> float | None:
    return output_value(value, VarTypeOutputUnit.objects.get(pk=unit).mdo)


@pytest.mark.parametrize(
    ("unit", "raw", "value"),
    [
        ("in--water-meter-volume--liters", 7, 7.0),
        ("in--water-meter-volume--gallons", 10, 37.8541),
        ("in--water-meter-volume--cubic-meters", 3, 3000.0),
        ("in--water-meter-volume--acre-feet", 1, 1233481.85),
        ("in--water-meter-volume--barrels-oil", 2, 317.974),
        ("in--water-meter-flow--liters", 65536, 1.0),
        ("in--water-meter-flow--gallons", 65536, 3.78541),
        ("in--water-meter-flow--cubic-meters", 65536, 1000.0),
        ("in--water-meter-flow--acre-feet", 65536, 1233481.85),
        ("in--water-meter-flow--barrels-oil", 65536, 158.987),
        ("in--temp--lm35", 4095, 553.15),
        ("in--temp--tmp36", 0, 223.15),
        ("in--temp--10k-thermistor", 146250, 323.1 - 2995),
        ("in--temp--minit-ext-1515c", 146250, 322.43 - 2943),
        ("in--temp--minit-ext-1535c", 146250, 331.68 - 3790),
        ("in--temp--minit-int-1515c", 146250, 324.77 - 3280),
        ("in--temp--minit-int-1535c", 146250, 336.65 - 4362),
        ("in--temp--pod1-m", 2150, 294.65),
        ("in--temp--lansmont-saver", 20_000_000, 293.15),
        ("in--temp--gs3-decagon", 1500, 274.65),
        ("in--temp--millikelvin", 293_150, 293.15),
        ("in--pressure--lansmont-saver", 1_000_000, 100.0),
        ("in--pressure--pod1-m", 101_325, 101_325.0),
        ("in--relative-humidity--lansmont-saver", 50_000_000, 50.0),
        ("in--relative-humidity--pod1-m", 51_200, 50.0),
        ("in--acceleration--pod1-a", 1000, 49.0),
        ("in--soil-moisture-percent--percent", 4095, 100.0),
        ("in--soil-moisture-percent--ec-5", 40950, 4103 - 46.875),
        ("in--soil-moisture-percent--gs3-decagon", 80_000, 1.0),
        ("in--electrical-conductivity--gs3-decagon", 2000, 2.0),
        ("in--current--amps", 3, 3.0),
        ("in--420-milliamps--milliamps", 4095, 28.0),
        ("in--dust-density--mgm3", 14625, 1920.0),
        ("in--pulse-rate--ppm", 131_072, 2.0),
    ],
)
def test_a_raw_word_becomes_this_many_storage_units(unit: str, raw: int, value: float) -> None:
    assert stored(unit, raw) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("out--water-meter-volume--gallons", 37.8541, 10.0),
        ("out--water-meter-volume--cubic-meters", 3000.0, 3.0),
        ("out--water-meter-volume--acre-feet", 1233481.85, 1.0),
        ("out--water-meter-volume--barrels-oil", 317.974, 2.0),
        ("out--water-meter-flow--liters-per-hr", 2.0, 120.0),
        ("out--water-meter-flow--gallons-per-min", 3.78541, 1.0),
        ("out--water-meter-flow--gallons-per-hr", 3.78541, 60.0),
        ("out--water-meter-flow--cubic-meters-per-hr", 1000.0, 60.0),
        ("out--water-meter-flow--barrels-oil-min", 158.987, 60.0),
        ("out--temp--celsius", 293.15, 20.0),
        ("out--temp--fahrenheit", 273.15, 32.0),
        ("out--pressure--hectopascal", 101_325.0, 1013.25),
        ("out--pressure--millibar", 101_325.0, 1013.25),
        ("out--pressure--psi", 100_000.0, 14.5038),
        ("out--electrical-conductivity--mscm", 1500.0, 1.5),
        ("out--current--milliamps", 0.02, 20.0),
        ("out--420-milliamps--0-100-psi", 4.0, 0.0),
        ("out--420-milliamps--0-100-psi", 20.0, 100.0),
        ("out--420-milliamps--0-200-psi", 20.0, 200.0),
        ("out--420-milliamps--0-4000-gpm", 20.0, 4000.0),
        ("out--dust-density--mgm3", 1500.0, 1.5),
    ],
)
def test_so_many_storage_units_are_shown_as(unit: str, value: float, expected: float) -> None:
    assert shown(unit, value) == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_gallons_come_out_as_they_went_in() -> None:
    for kind, raw, unit in (("volume", 10, "gallons"), ("flow", 10 * 65536, "gallons-per-min")):
        value = stored(f"in--water-meter-{kind}--gallons", raw)
        assert shown(f"out--water-meter-{kind}--{unit}", value) == pytest.approx(10, rel=1e-14)


def test_every_variable_type_has_its_units_and_no_others() -> None:
    kinds = VarType.objects.prefetch_related("available_input_units", "available_output_units")
    inputs = {k.slug: names(k.available_input_units.all()) for k in kinds if k.available_input_units.all()}
    outputs = {k.slug: names(k.available_output_units.all()) for k in kinds if k.available_output_units.all()}

    assert inputs == EXPECTED_INPUTS
    assert outputs == EXPECTED_OUTPUTS


def names(units: Iterable[VarTypeInputUnit] | Iterable[VarTypeOutputUnit]) -> str:
    return " ".join(sorted(unit.slug.split("--")[2] for unit in units))


def test_events_have_the_data_types_of_the_original_cloud() -> None:
    found = dict(VarType.objects.exclude(stream_data_type="D0").values_list("slug", "stream_data_type"))

    assert found == EVENTS


def test_a_slug_begins_with_the_direction_and_the_variable_type() -> None:
    inputs = [(unit.slug, unit.var_type_id) for unit in VarTypeInputUnit.objects.all()]
    outputs = [(unit.slug, unit.var_type_id) for unit in VarTypeOutputUnit.objects.all()]

    assert all(slug.startswith(f"in--{kind}--") for slug, kind in inputs)
    assert all(slug.startswith(f"out--{kind}--") for slug, kind in outputs)


@pytest.mark.parametrize(
    ("unit", "places"),
    [
        ("out--water-meter-volume--gallons", 0),
        ("out--water-meter-flow--liters-per-min", 1),
        ("out--water-meter-flow--barrels-oil-min", 2),
        ("out--temp--celsius", 1),
        ("out--count--na", 0),
        ("out--none--na", 1),
        ("out--pressure--pascal", 1),
        ("out--pressure--millibar", 0),
        ("out--pressure--psi", 2),
        ("out--electrical-conductivity--mscm", 3),
        ("out--current--milliamps", 0),
        ("out--420-milliamps--milliamps", 1),
        ("out--420-milliamps--0-100-psi", 0),
    ],
)
def test_units_have_their_usual_decimal_places(unit: str, places: int) -> None:
    assert VarTypeOutputUnit.objects.get(pk=unit).decimal_places == places


@pytest.mark.parametrize(
    ("unit", "label"),
    [
        ("in--temp--minit-ext-1515c", "miniT-Ext: -15:15C"),
        ("in--temp--minit-int-1535c", "miniT-Int: 15:35C"),
        ("in--water-meter-flow--barrels-oil", "Barrels (Oil)"),
        ("out--water-meter-flow--barrels-oil-min", "Barrels (Oil) / Min"),
        ("out--dust-density--ugm3", "ug/m^3"),
    ],
)
def test_units_have_the_labels_of_the_original_cloud(unit: str, label: str) -> None:
    model = VarTypeInputUnit if unit.startswith("in") else VarTypeOutputUnit

    assert model._default_manager.get(pk=unit).unit_full == label


def test_every_slug_is_made_from_its_label() -> None:
    """So no sign, capital or word of a label got lost."""
    units = [*VarTypeInputUnit.objects.all(), *VarTypeOutputUnit.objects.all()]

    assert [u.slug for u in units if not u.slug.endswith(f"--{slugify(u.unit_full)}")] == []


def test_units_that_somebody_edited_keep_their_labels() -> None:
    edited = VarTypeOutputUnit.objects.get(pk="out--pressure--psi")
    migration: Any = import_module("server.apps.streams.migrations.0009_original_unit_labels")
    [built_in] = [u for u in migration._built_in_outputs(VarTypeOutputUnit) if u.pk == edited.pk]
    built_in.unit_short = "lbf/in²"
    built_in.save()

    migration.relabel(apps, None)

    edited.refresh_from_db()
    assert (edited.unit_full, edited.decimal_places) == ("psi", 2)


def test_a_count_has_a_rate_in_turns() -> None:
    rates = VarTypeOutputUnit.objects.get(pk="out--count--na").derived_units

    assert rates == {"rate": {"rpm": {"m": 1, "d": 10}}}


def test_a_volume_in_gallons_has_rates() -> None:
    assert VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--gallons").derived_units == {
        "rate": {"gph": {"m": 6, "d": 1}, "gpm": {"m": 1, "d": 10}}
    }
