"""Labels, decimal places and derived units of the built-in units as the original cloud has them: they
were made from slugs, where signs and capitals are lost, with two decimal places for most.

Rows that somebody edited stay as they are. Short names stay, too.
"""

from importlib import import_module

from django.db import migrations

# Variable type: name, storage unit
TYPES = {
    "water-meter-volume": ("Water Meter Volume", "Liter"),
    "water-meter-flow": ("Water Meter Flow", "Liter"),
    "relative-humidity": ("Relative Humidity", "Percent RH"),
    "acceleration": ("Acceleration", "gravity"),
    "soil-moisture-percent": ("Soil Moisture Percent", "Percent"),
    "electrical-conductivity": ("Electrical Conductivity", "uS/cm"),
    "420-milliamps": ("420 Milliamps", "Milliamps"),
    "dust-density": ("Dust Density", "ug/m^3"),
    "pulse-rate": ("Pulse Rate", "ppm"),
    "pod-1m-accelerometer": ("POD-1M Accelerometer", "Event"),
    "pod-1m-accelerometer-v2": ("POD-1M Accelerometer V2", "Event"),
}
INPUT_LABELS = {
    "in--none--na": "N/A",
    "in--count--na": "N/A",
    "in--water-meter-volume--cubic-meters": "Cubic Meters",
    "in--water-meter-volume--acre-feet": "Acre Feet",
    "in--water-meter-volume--barrels-oil": "Barrels (Oil)",
    "in--water-meter-flow--cubic-meters": "Cubic Meters",
    "in--water-meter-flow--acre-feet": "Acre Feet",
    "in--water-meter-flow--barrels-oil": "Barrels (Oil)",
    "in--temp--10k-thermistor": "10K-Thermistor",
    "in--temp--minit-ext-1515c": "miniT-Ext: -15:15C",
    "in--temp--minit-ext-1535c": "miniT-Ext: 15:35C",
    "in--temp--minit-int-1515c": "miniT-Int: -15:15C",
    "in--temp--minit-int-1535c": "miniT-Int: 15:35C",
    "in--temp--gs3-decagon": "GS3-Decagon",
    "in--temp--millikelvin": "milliKelvin",
    "in--soil-moisture-percent--gs3-decagon": "GS3-Decagon",
    "in--electrical-conductivity--gs3-decagon": "GS3-Decagon",
    "in--dust-density--mgm3": "mg/m^3",
    "in--pulse-rate--ppm": "PPM",
}
OUTPUT_LABELS = {
    "out--none--na": "N/A",
    "out--count--na": "N/A",
    "out--water-meter-volume--cubic-meters": "Cubic Meters",
    "out--water-meter-volume--acre-feet": "Acre Feet",
    "out--water-meter-volume--barrels-oil": "Barrels (Oil)",
    "out--water-meter-flow--liters-per-min": "Liters per Min",
    "out--water-meter-flow--liters-per-hr": "Liters per Hr",
    "out--water-meter-flow--gallons-per-min": "Gallons per Min",
    "out--water-meter-flow--gallons-per-hr": "Gallons per Hr",
    "out--water-meter-flow--cubic-meters-per-hr": "Cubic Meters per Hr",
    "out--water-meter-flow--barrels-oil-min": "Barrels (Oil) / Min",
    "out--pressure--psi": "PSI",
    "out--acceleration--gravity": "gravity",
    "out--420-milliamps--0-4000-gpm": "0-4000 GPM",
    "out--dust-density--ugm3": "ug/m^3",
    "out--dust-density--mgm3": "mg/m^3",
    "out--pulse-rate--rpm": "RPM",
    "out--pulse-rate--ppm": "PPM",
}
# By output unit, else by variable type
DECIMAL_PLACES = {
    "default": 1,
    "none": 1,
    "water-meter-flow": 1,
    "out--water-meter-flow--barrels-oil-min": 2,
    "pressure": 0,
    "out--pressure--pascal": 1,
    "out--pressure--psi": 2,
    "relative-humidity": 1,
    "acceleration": 1,
    "soil-moisture-percent": 1,
    "electrical-conductivity": 3,
    "current": 1,
    "out--current--milliamps": 0,
    "420-milliamps": 0,
    "out--420-milliamps--milliamps": 1,
    "dust-density": 1,
    "pulse-rate": 0,
}
DERIVED_UNITS = {
    "out--count--na": {"rate": {"rpm": {"m": 1, "d": 10}}},
    "out--water-meter-volume--liters": {"rate": {"lpm": {"m": 1, "d": 10}, "lph": {"m": 6, "d": 1}}},
}
UNIT_FIELDS = ("var_type_id", "unit_full", "unit_short", "m", "d", "o")

built_in = import_module("server.apps.streams.migrations.0003_built_in_units")


def relabel(apps, schema_editor):
    models = {
        name: apps.get_model("streams", name) for name in ("VarType", "VarTypeInputUnit", "VarTypeOutputUnit")
    }
    for row in built_in.TYPES:
        slug, name, full, short, _ = row
        new_name, new_full = TYPES.get(slug, (name, full))
        untouched = models["VarType"].objects.filter(
            pk=slug, name=name, storage_units_full=full, storage_units_short=short
        )
        untouched.update(name=new_name, storage_units_full=new_full)
    for unit in _built_in_inputs(models["VarTypeInputUnit"]):
        label = INPUT_LABELS.get(unit.pk, unit.unit_full)
        _as_built_in(unit).update(unit_full=label)
    for unit in _built_in_outputs(models["VarTypeOutputUnit"]):
        label = OUTPUT_LABELS.get(unit.pk, unit.unit_full)
        places = DECIMAL_PLACES.get(unit.pk, DECIMAL_PLACES.get(unit.var_type_id, unit.decimal_places))
        derived = DERIVED_UNITS.get(unit.pk, unit.derived_units)
        untouched = _as_built_in(unit, decimal_places=unit.decimal_places, derived_units=unit.derived_units)
        untouched.update(unit_full=label, decimal_places=places, derived_units=derived)


def _built_in_inputs(model):
    return [built_in._unit(model, "in", of, row) for of, rows in built_in.INPUT_UNITS.items() for row in rows]


def _built_in_outputs(model):
    units = [
        built_in._unit(model, "out", of, row, decimal_places=places)
        for of, (places, rows) in built_in.OUTPUT_UNITS.items()
        for row in rows
    ]
    for unit in units:
        unit.derived_units = built_in.DERIVED_UNITS.get(unit.pk, {})
    return units


def _as_built_in(unit, **more):
    """The row of a unit, if nobody edited it."""
    fields = {name: getattr(unit, name) for name in UNIT_FIELDS}
    return type(unit).objects.filter(pk=unit.pk, **fields, **more)


class Migration(migrations.Migration):
    dependencies = [("streams", "0008_mark_undeclared_streams")]
    operations = [migrations.RunPython(relabel, migrations.RunPython.noop)]
