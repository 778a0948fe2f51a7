"""The kinds of quantities that every installation knows, with the units they come in and go out.

A unit is `to = o + from * m / d`: an input unit leads from the raw number to the storage unit, an
output unit from the storage unit to what people read. Slugs, factors and storage units are those of
the original cloud, which clients name in their requests, with one exception (see FLOW_GALLONS).
"""

from django.db import migrations

PER_MINUTE = 65536  # flow meters count in 1/65536 of a unit

# A US gallon has 3.78541 liters here: the volume and the output units of the original cloud say so,
# but its input unit for flow has 3.785, so a flow that came in as gallons went out as 0.014 %
# fewer. We take 3.78541 in all four places.
FLOW_GALLONS = (378541, 100000 * PER_MINUTE)

NUMBER, UPLOADED, ENCODED, WITH_DATA, WITH_SCHEMA = "D0", "E0", "E1", "E2", "E3"

# slug, name, storage unit (full, short), data type
TYPES = (
    ("default", "Default", "Unit", "", NUMBER),
    ("none", "None", "", "", NUMBER),
    ("count", "Count", "", "", NUMBER),
    ("water-meter-volume", "Water meter volume", "Liter", "L", NUMBER),
    ("water-meter-flow", "Water meter flow", "Liter", "L", NUMBER),
    ("temp", "Temp", "Kelvin", "K", NUMBER),
    ("pressure", "Pressure", "Pascal", "Pa", NUMBER),
    ("relative-humidity", "Relative humidity", "% RH", "% RH", NUMBER),
    ("acceleration", "Acceleration", "Gravity", "g", NUMBER),
    ("soil-moisture-percent", "Soil moisture percent", "Percent", "%", NUMBER),
    ("electrical-conductivity", "Electrical conductivity", "uS/cm", "µS/cm", NUMBER),
    ("current", "Current", "Amps", "A", NUMBER),
    ("420-milliamps", "420 milliamps", "mA", "mA", NUMBER),
    ("dust-density", "Dust density", "ug/m^3", "µg/m³", NUMBER),
    ("pulse-rate", "Pulse rate", "ppm", "ppm", NUMBER),
    ("accelerometer-event", "Accelerometer event", "Event", "", ENCODED),
    ("pod-1m-accelerometer", "POD-1M accelerometer", "Event", "", WITH_DATA),
    ("pod-1m-accelerometer-v2", "POD-1M accelerometer v2", "Event", "", WITH_SCHEMA),
    ("saver-event", "Saver event", "Event", "", UPLOADED),
    ("trip-summary", "Trip summary", "Event", "", UPLOADED),
    ("default-event", "Default event", "Event", "", WITH_SCHEMA),
)

# By variable type: slug, full name, short name, m, d, o
INPUT_UNITS = {
    "default": (("unit", "Unit", "", 1, 1, 0),),
    "none": (("na", "n/a", "", 1, 1, 0),),
    "count": (("na", "n/a", "", 1, 1, 0),),
    "water-meter-volume": (
        ("liters", "Liters", "L", 1, 1, 0),
        ("gallons", "Gallons", "gal", 378541, 100000, 0),
        ("cubic-meters", "Cubic meters", "m³", 1000, 1, 0),
        ("acre-feet", "Acre feet", "ac ft", 123348185, 100, 0),
        ("barrels-oil", "Barrels (oil)", "bbl", 158987, 1000, 0),
    ),
    "water-meter-flow": (
        ("liters", "Liters", "L", 1, PER_MINUTE, 0),
        ("gallons", "Gallons", "gal", *FLOW_GALLONS, 0),
        ("cubic-meters", "Cubic meters", "m³", 1000, PER_MINUTE, 0),
        ("acre-feet", "Acre feet", "ac ft", 123348185, 100 * PER_MINUTE, 0),
        ("barrels-oil", "Barrels (oil)", "bbl", 158987, 1000 * PER_MINUTE, 0),
    ),
    "temp": (
        ("lm35", "LM35", "", 280, 4095, 273.15),
        ("tmp36", "TMP36", "", 280, 4095, 223.15),
        ("10k-thermistor", "10k thermistor", "", -2995, 146250, 323.1),
        ("minit-ext-1515c", "MINIT ext 1515C", "", -2943, 146250, 322.43),
        ("minit-ext-1535c", "MINIT ext 1535C", "", -3790, 146250, 331.68),
        ("minit-int-1515c", "MINIT int 1515C", "", -3280, 146250, 324.77),
        ("minit-int-1535c", "MINIT int 1535C", "", -4362, 146250, 336.65),
        ("pod1-m", "POD1-M", "", 1, 100, 273.15),
        ("lansmont-saver", "Lansmont Saver", "", 1, 1000000, 273.15),
        ("gs3-decagon", "GS3 Decagon", "", 1, 1000, 273.15),
        ("millikelvin", "Millikelvin", "mK", 1, 1000, 0),
    ),
    "pressure": (
        ("lansmont-saver", "Lansmont Saver", "", 100, 1000000, 0),
        ("pod1-m", "POD1-M", "", 1, 1, 0),
    ),
    "relative-humidity": (
        ("lansmont-saver", "Lansmont Saver", "", 1, 1000000, 0),
        ("pod1-m", "POD1-M", "", 1, 1024, 0),
    ),
    "acceleration": (("pod1-a", "POD1-A", "", 49, 1000, 0),),
    "soil-moisture-percent": (
        ("percent", "Percent", "%", 100, 4095, 0),
        ("ec-5", "EC-5", "", 4103, 40950, -46.875),
        ("gs3-decagon", "GS3 Decagon", "", 1, 80000, 0),
    ),
    "electrical-conductivity": (("gs3-decagon", "GS3 Decagon", "", 1, 1000, 0),),
    "current": (("amps", "Amps", "A", 1, 1, 0),),
    "420-milliamps": (("milliamps", "Milliamps", "mA", 28, 4095, 0),),
    "dust-density": (("mgm3", "mg/m3", "mg/m³", 2000, 14625, -80),),
    "pulse-rate": (("ppm", "ppm", "ppm", 1, 65536, 0),),
}

# By variable type: decimal places, then slug, full name, short name, m, d, o for each unit
OUTPUT_UNITS = {
    "default": (2, (("unit", "Unit", "", 1, 1, 0),)),
    "none": (0, (("na", "n/a", "", 1, 1, 0),)),
    "count": (0, (("na", "n/a", "", 1, 1, 0),)),
    "water-meter-volume": (
        0,
        (
            ("liters", "Liters", "L", 1, 1, 0),
            ("gallons", "Gallons", "gal", 100000, 378541, 0),
            ("cubic-meters", "Cubic meters", "m³", 1, 1000, 0),
            ("acre-feet", "Acre feet", "ac ft", 100, 123348185, 0),
            ("barrels-oil", "Barrels (oil)", "bbl", 1000, 158987, 0),
        ),
    ),
    "water-meter-flow": (
        2,
        (
            ("liters-per-min", "Liters per min", "L/min", 1, 1, 0),
            ("liters-per-hr", "Liters per hr", "L/h", 60, 1, 0),
            ("gallons-per-min", "Gallons per min", "gpm", 100000, 378541, 0),
            ("gallons-per-hr", "Gallons per hr", "gph", 6000000, 378541, 0),
            ("cubic-meters-per-hr", "Cubic meters per hr", "m³/h", 60, 1000, 0),
            ("barrels-oil-min", "Barrels (oil) min", "bbl/min", 60000, 158987, 0),
        ),
    ),
    "temp": (
        1,
        (
            ("kelvin", "Kelvin", "K", 1, 1, 0),
            ("celsius", "Celsius", "°C", 1, 1, -273.15),
            ("fahrenheit", "Fahrenheit", "°F", 9, 5, -459.67),
        ),
    ),
    "pressure": (
        2,
        (
            ("pascal", "Pascal", "Pa", 1, 1, 0),
            ("hectopascal", "Hectopascal", "hPa", 1, 100, 0),
            ("millibar", "Millibar", "mbar", 1, 100, 0),
            ("psi", "psi", "psi", 145038, 1000000000, 0),
        ),
    ),
    "relative-humidity": (2, (("percent", "Percent", "% RH", 1, 1, 0),)),
    "acceleration": (2, (("gravity", "Gravity", "g", 1, 1, 0),)),
    "soil-moisture-percent": (2, (("percent", "Percent", "%", 1, 1, 0),)),
    "electrical-conductivity": (
        2,
        (
            ("uscm", "uS/cm", "µS/cm", 1, 1, 0),
            ("mscm", "mS/cm", "mS/cm", 1, 1000, 0),
        ),
    ),
    "current": (
        2,
        (
            ("amps", "Amps", "A", 1, 1, 0),
            ("milliamps", "Milliamps", "mA", 1000, 1, 0),
        ),
    ),
    "420-milliamps": (
        2,
        (
            ("milliamps", "Milliamps", "mA", 1, 1, 0),
            ("0-100-psi", "0-100 psi", "psi", 100, 16, -25),
            ("0-200-psi", "0-200 psi", "psi", 200, 16, -50),
            ("0-4000-gpm", "0-4000 gpm", "gpm", 4000, 16, -1000),
        ),
    ),
    "dust-density": (
        2,
        (
            ("ugm3", "ug/m3", "µg/m³", 1, 1, 0),
            ("mgm3", "mg/m3", "mg/m³", 1, 1000, 0),
        ),
    ),
    "pulse-rate": (
        2,
        (
            ("rpm", "rpm", "rpm", 1, 1, 0),
            ("ppm", "ppm", "ppm", 1, 1, 0),
        ),
    ),
}

# What a rate of this unit is called, by kind and name
DERIVED_UNITS = {
    "out--water-meter-volume--gallons": {"rate": {"gph": {"m": 6, "d": 1}, "gpm": {"m": 1, "d": 10}}},
}


def fill(apps, schema_editor):
    """What is there already stays as it is, since the way back leaves everything in place."""
    var_type = apps.get_model("streams", "VarType")
    input_unit = apps.get_model("streams", "VarTypeInputUnit")
    output_unit = apps.get_model("streams", "VarTypeOutputUnit")
    var_type.objects.bulk_create([_type(var_type, row) for row in TYPES], ignore_conflicts=True)
    inputs = [_unit(input_unit, "in", of, row) for of, rows in INPUT_UNITS.items() for row in rows]
    input_unit.objects.bulk_create(inputs, ignore_conflicts=True)
    outputs = [
        _unit(output_unit, "out", of, row, decimal_places=places)
        for of, (places, rows) in OUTPUT_UNITS.items()
        for row in rows
    ]
    for unit in outputs:
        unit.derived_units = DERIVED_UNITS.get(unit.slug, {})
    output_unit.objects.bulk_create(outputs, ignore_conflicts=True)


def _type(model, row):
    slug, name, full, short, data_type = row
    return model(
        slug=slug,
        name=name,
        storage_units_full=full,
        storage_units_short=short,
        stream_data_type=data_type,
        is_encoded=data_type == ENCODED,
        has_schema=data_type == WITH_SCHEMA,
    )


def _unit(model, direction, var_type, row, **more):
    slug, full, short, m, d, o = row
    return model(
        slug=f"{direction}--{var_type}--{slug}",
        var_type_id=var_type,
        unit_full=full,
        unit_short=short,
        m=m,
        d=d,
        o=o,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("streams", "0002_tables")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
