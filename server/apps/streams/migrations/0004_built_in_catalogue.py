"""What the built-in sensor graphs measure, and how the documents of the built-in event types are
read.

Local ids, types, units and formats are those of the original cloud. A variable that it shows in
phones only is the newest value of what another one buffers. What is measured gets a widget: on the
phone for those, on pages for the others.
"""

from django.db import migrations

UNSIGNED, SIGNED = "<L", "<l"
EVERYWHERE, APP, WEB = "", "app", "web"

FLOW, VOLUME = "water-meter-flow", "water-meter-volume"
SOIL, TEMP, RH, PRESSURE = "soil-moisture-percent", "temp", "relative-humidity", "pressure"
POD, SAVER = "pod1-m", "lansmont-saver"

# Local id, label, variable type, input and output unit, shown where, format of the raw word
WATER_METER = (
    (0x100B, "Pulse 1", FLOW, "gallons", "gallons-per-min", APP, UNSIGNED),
    (0x100C, "Pulse 2", FLOW, "gallons", "gallons-per-min", APP, UNSIGNED),
    (0x100D, "Odometer 1", VOLUME, "gallons", "gallons", APP, UNSIGNED),
    (0x100E, "Odometer 2", VOLUME, "gallons", "gallons", APP, UNSIGNED),
    (0x5001, "IO 1", VOLUME, "gallons", "gallons", EVERYWHERE, UNSIGNED),
    (0x5002, "IO 2", VOLUME, "gallons", "gallons", EVERYWHERE, UNSIGNED),
)
SHIPPING = (
    (0x0E00, "Trip Start", "none", "na", "na", EVERYWHERE, UNSIGNED),
    (0x0E01, "Trip End", "none", "na", "na", EVERYWHERE, UNSIGNED),
    (0x0E02, "Trip Pause/Resume", "none", "na", "na", EVERYWHERE, UNSIGNED),
    (0x100F, "RH", RH, POD, "percent", APP, UNSIGNED),
    (0x1012, "Shock Count", "count", "na", "na", APP, UNSIGNED),
    (0x1013, "Peak G", "acceleration", "pod1-a", "gravity", APP, SIGNED),
    (0x1016, "Pressure", PRESSURE, POD, "millibar", APP, SIGNED),
    (0x1019, "Temperature", TEMP, POD, "celsius", APP, SIGNED),
    (0x5020, "Accelerometer", "pod-1m-accelerometer", None, None, WEB, UNSIGNED),
    (0x5021, "Pressure", PRESSURE, POD, "millibar", WEB, SIGNED),
    (0x5022, "RH", RH, POD, "percent", WEB, SIGNED),
    (0x5023, "Temp", TEMP, POD, "celsius", WEB, SIGNED),
    (0x5A07, "Trip Summary", "trip-summary", None, None, EVERYWHERE, UNSIGNED),
    (0x5A08, "Trip Update", "trip-summary", None, None, EVERYWHERE, UNSIGNED),
    (0x5A0C, "Mid-Trip Update", "default", "unit", "unit", EVERYWHERE, UNSIGNED),
)
LANSMONT_SAVER = (
    (0x5020, "Accelerometer", "saver-event", None, None, WEB, UNSIGNED),
    (0x5021, "Pressure", PRESSURE, SAVER, "millibar", WEB, SIGNED),
    (0x5022, "Relative Humidity", RH, SAVER, "percent", WEB, SIGNED),
    (0x5023, "Temperature", TEMP, SAVER, "celsius", WEB, SIGNED),
    (0x5024, "Trip Done", "none", "na", "na", WEB, UNSIGNED),
)
CONDUCTIVITY, CURRENT_LOOP = "electrical-conductivity", "420-milliamps"
DECAGON = "gs3-decagon"
SOIL_1 = (
    (0x100F, "Sensor 1", SOIL, "percent", "percent", APP, UNSIGNED),
    (0x5003, "IO 1", SOIL, "percent", "percent", EVERYWHERE, UNSIGNED),
)
SOIL_2 = (
    (0x1010, "Sensor 2", SOIL, "percent", "percent", APP, UNSIGNED),
    (0x5004, "IO 2", SOIL, "percent", "percent", EVERYWHERE, UNSIGNED),
)
TEMP_1 = (
    (0x1019, "Sensor 1", TEMP, "lm35", "celsius", APP, UNSIGNED),
    (0x500F, "IO 1", TEMP, "lm35", "celsius", EVERYWHERE, UNSIGNED),
)
TEMP_2 = (
    (0x1025, "Sensor 2", TEMP, "lm35", "celsius", APP, UNSIGNED),
    (0x5024, "IO 2", TEMP, "lm35", "celsius", EVERYWHERE, UNSIGNED),
)
SOIL_AND_TEMP = (
    *SOIL_1,
    (0x1019, "Sensor 2", TEMP, "lm35", "celsius", APP, UNSIGNED),
    (0x500F, "IO 2", TEMP, "lm35", "celsius", EVERYWHERE, UNSIGNED),
)
GS3 = (
    (0x100F, "Soil Moisture RT", SOIL, DECAGON, "percent", APP, UNSIGNED),
    (0x1019, "Temperature RT", TEMP, DECAGON, "celsius", APP, UNSIGNED),
    (0x101A, "Conductivity RT", CONDUCTIVITY, DECAGON, "uscm", APP, UNSIGNED),
    (0x5003, "Soil Moisture", SOIL, DECAGON, "percent", EVERYWHERE, UNSIGNED),
    (0x500F, "Temperature", TEMP, DECAGON, "celsius", EVERYWHERE, UNSIGNED),
    (0x5010, "Conductivity", CONDUCTIVITY, DECAGON, "uscm", EVERYWHERE, UNSIGNED),
)
SINGLE_420 = (
    (0x1011, "Sensor 1", CURRENT_LOOP, "milliamps", "milliamps", APP, UNSIGNED),
    (0x5005, "IO 1", CURRENT_LOOP, "milliamps", "milliamps", EVERYWHERE, UNSIGNED),
)
DUST = (
    (0x1015, "Fast Density 1", "default", "unit", "unit", APP, UNSIGNED),
    (0x500B, "IO 1", "default", "unit", "unit", EVERYWHERE, UNSIGNED),
)

VARIABLES = {
    "water-meter-v1-1-0": WATER_METER,
    "water-meter-v1-2-0": WATER_METER,
    "water-meter-v1-2-2": WATER_METER,
    "water-meter-v1-4-0": WATER_METER,
    "shipping-v2-2-0": SHIPPING,
    "shipping-v2-3-0": SHIPPING,
    "shipping-kt-v1-0-0": SHIPPING,
    "saver-v1-0-0": LANSMONT_SAVER,
    "double-soil-moisture-v2-0-0": SOIL_1 + SOIL_2,
    "single-soil-moisture-v2-0-0": SOIL_1,
    "single-soil-moisture-v2-0-1": SOIL_1,
    "single-moisture-single-temp-v1-0-0": SOIL_AND_TEMP,
    "double-temp-sensor-v1-0-0": TEMP_1 + TEMP_2,
    "single-temp-sensor-v1-1-0": TEMP_1,
    "single-temp-sensor-v1-1-1": TEMP_1,
    "single-gs3-decagon-sensor-v1-0-0": GS3,
    "single-4-20-sensor-v1-0-0": SINGLE_420,
    "dust-sensor-v1-1-0": DUST,
}

# Four words a packet. The bit layouts, one after the other, take them apart from the lowest bit on;
# then `map` names numbers and `mdo` (m, d, o) makes quantities of them. A peak is counted in
# 49/1000 g, a change of velocity in 1/65536.
DECODERS = {
    "accelerometer-event": (
        "<LLLL",
        {
            "decoding": ["H{axis:2,peak:14}", "H{duration}", "l{delta_v_x}", "l{delta_v_y}", "l{delta_v_z}"],
            "transform": {
                "axis": {"map": {"0": "x", "1": "y", "2": "z"}},
                "peak": {"mdo": [49, 1000, 0.0]},
                "delta_v_x": {"mdo": [1, 65536, 0.0]},
                "delta_v_y": {"mdo": [1, 65536, 0.0]},
                "delta_v_z": {"mdo": [1, 65536, 0.0]},
            },
        },
    ),
}


def number(label, units, decimal, **output_units):
    """`output_units`: m, d, o by unit; what is stored is `units`."""
    shown = {name: {"mdo": list(mdo)} for name, mdo in output_units.items()}
    return {"type": "float", "label": label, "units": units, "decimal": decimal, "output_units": shown}


def text(label):
    return {"type": "str", "label": label, "units": "", "decimal": 0, "output_units": {}}


def moment(label):
    return {"type": "datetime", "label": label, "units": "", "decimal": 0, "output_units": {}}


def peak(label="Peak"):
    return number(label, "G", 2, **{"G": (1, 1, 0.0), "m/s2": (980665, 100000, 0.0)})


def velocity(label):
    return number(label, "m/s", 3, **{"m/s": (1, 1, 0.0), "in/s": (10000, 254, 0.0)})


def duration(label="Duration"):
    return number(label, "ms", 1, **{"ms": (1, 1, 0.0), "s": (1, 1000, 0.0)})


def temperature(label):
    return number(label, "C", 1, **{"C": (1, 1, 0.0), "F": (9, 5, 32.0)})


SHOCK = {
    "axis": text("Axis of the peak"),
    "peak": peak(),
    "duration": duration(),
    "delta_v_x": velocity("Delta V, X"),
    "delta_v_y": velocity("Delta V, Y"),
    "delta_v_z": velocity("Delta V, Z"),
}
MEASURED_SHOCK = {
    "max_peak": peak("Highest peak"),
    "peak_x": peak("Peak, X"),
    "peak_y": peak("Peak, Y"),
    "peak_z": peak("Peak, Z"),
    "delta_v": velocity("Delta V"),
    "duration": duration(),
}
TRIP = {
    "trip_start": moment("Start"),
    "trip_end": moment("End"),
    "event_count": number("Shocks", "", 0),
    "max_peak": peak("Highest peak"),
    "delta_v_at_max_peak": velocity("Delta V at the highest peak"),
    "max_delta_v": velocity("Highest delta V"),
    "max_temp": temperature("Highest temperature"),
    "min_temp": temperature("Lowest temperature"),
    "median_temp": temperature("Median temperature"),
    "max_humidity": number("Highest humidity", "% RH", 1),
    "min_humidity": number("Lowest humidity", "% RH", 1),
    "max_pressure": number("Highest pressure", "mbar", 1),
    "min_pressure": number("Lowest pressure", "mbar", 1),
}

# What a rate of this unit is called, by kind and name; gallons have theirs already
DERIVED_UNITS = {
    "out--water-meter-volume--liters": {"rate": {"lph": {"m": 6, "d": 1}, "lpm": {"m": 1, "d": 10}}},
}

# By variable type; keys are shown in this order
SCHEMAS = {
    "pod-1m-accelerometer": SHOCK,
    "pod-1m-accelerometer-v2": MEASURED_SHOCK,
    "saver-event": MEASURED_SHOCK,
    "trip-summary": TRIP,
    "default-event": {"value": number("Value", "", 2)},
}


def fill(apps, schema_editor):
    """What is there already stays as it is, since the way back leaves everything in place."""
    graphs = apps.get_model("devices", "SensorGraph").objects.filter(org=None, slug__in=VARIABLES)
    for graph in graphs:
        _fill_graph(apps, graph, VARIABLES[graph.slug])
    decoder = apps.get_model("streams", "VarTypeDecoder")
    schema = apps.get_model("streams", "VarTypeSchema")
    decoder.objects.bulk_create(
        [
            decoder(var_type_id=slug, raw_packet_format=raw, packet_info=info)
            for slug, (raw, info) in DECODERS.items()
        ],
        ignore_conflicts=True,
    )
    schema.objects.bulk_create(
        [schema(var_type_id=slug, keys=keys, display_order=list(keys)) for slug, keys in SCHEMAS.items()],
        ignore_conflicts=True,
    )
    for slug, derived in DERIVED_UNITS.items():
        apps.get_model("streams", "VarTypeOutputUnit").objects.filter(slug=slug, derived_units={}).update(
            derived_units=derived
        )
    apps.get_model("streams", "VarType").objects.filter(slug__in=SCHEMAS).update(has_schema=True)


def _fill_graph(apps, graph, rows):
    variable = apps.get_model("streams", "VariableTemplate")
    widget = apps.get_model("streams", "DisplayWidgetTemplate")
    if variable.objects.filter(sg=graph).exists():
        return
    variable.objects.bulk_create([_variable(variable, graph, *row) for row in rows])
    widget.objects.bulk_create(
        [
            widget(
                sg=graph,
                lid=lid,
                label=label,
                var_type_id=var_type,
                type="val",
                derived_unit_type="rate" if var_type == VOLUME and where != APP else "",
                show_in_app=where == APP,
                show_in_web=where != APP,
            )
            for lid, label, var_type, input_unit, _, where, _ in rows
            if input_unit not in (None, "na")
        ]
    )


def _variable(model, graph, lid, label, var_type, input_unit, output_unit, where, ctype):
    return model(
        sg=graph,
        lid=lid,
        label=label,
        var_type_id=var_type,
        default_input_unit_id=f"in--{var_type}--{input_unit}" if input_unit else None,
        default_output_unit_id=f"out--{var_type}--{output_unit}" if output_unit else None,
        app_only=where == APP,
        web_only=where == WEB,
        ctype=ctype,
    )


class Migration(migrations.Migration):
    replaces = [("streams", "0005_built_in_catalogue")]
    dependencies = [
        ("streams", "0003_built_in_units"),
        ("devices", "0003_built_in_catalogue"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
