"""What the built-in sensor graphs measure, and how the documents of the built-in event types are
read."""

import struct
from importlib import import_module

import pytest
from django.apps import apps

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Project, SensorGraph
from server.apps.devices.services.catalogue import create_sensor_graph
from server.apps.devices.tests.factories import make_device
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    StreamId,
    VariableTemplate,
    VarType,
    VarTypeDecoder,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.apps.streams.tests.factories import enter

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def lids(slug: str) -> list[str]:
    return [template.lid_hex for template in VariableTemplate.objects.filter(sg__slug=slug).order_by("lid")]


@pytest.mark.parametrize("version", ["1-1-0", "1-2-0", "1-2-2", "1-4-0"])
def test_a_water_meter_has_two_counters_with_flow_and_odometer(version: str) -> None:
    assert lids(f"water-meter-v{version}") == ["100b", "100c", "100d", "100e", "5001", "5002"]


def test_a_shipping_device_has_its_trip_and_its_sensors() -> None:
    expected = [
        "0e00",
        "0e01",
        "0e02",
        "100f",
        "1012",
        "1013",
        "1016",
        "1019",
        "5020",
        "5021",
        "5022",
        "5023",
        "5a07",
        "5a08",
        "5a0c",
    ]

    assert lids("shipping-v2-2-0") == lids("shipping-v2-3-0") == expected


@pytest.mark.parametrize(
    ("graph", "lid", "expected"),
    [
        ("shipping-v2-3-0", 0x5021, ("pressure", "pod1-m", "millibar", "<l", False, True)),
        ("shipping-v2-3-0", 0x1013, ("acceleration", "pod1-a", "gravity", "<l", True, False)),
        ("saver-v1-0-0", 0x5023, ("temp", "lansmont-saver", "celsius", "<l", False, True)),
        (
            "double-soil-moisture-v2-0-0",
            0x5004,
            ("soil-moisture-percent", "percent", "percent", "<L", False, False),
        ),
        ("single-temp-sensor-v1-1-1", 0x1019, ("temp", "lm35", "celsius", "<L", True, False)),
        (
            "single-gs3-decagon-sensor-v1-0-0",
            0x5010,
            ("electrical-conductivity", "gs3-decagon", "uscm", "<L", False, False),
        ),
        (
            "single-4-20-sensor-v1-0-0",
            0x5005,
            ("420-milliamps", "milliamps", "milliamps", "<L", False, False),
        ),
    ],
)
def test_variables_come_with_units_and_format(
    graph: str, lid: int, expected: tuple[str, str, str, str, bool, bool]
) -> None:
    row = VariableTemplate.objects.get(sg__slug=graph, lid=lid)

    var_type, input_unit, output_unit, ctype, app_only, web_only = expected
    assert row.var_type_id == var_type
    assert row.default_input_unit_id == f"in--{var_type}--{input_unit}"
    assert row.default_output_unit_id == f"out--{var_type}--{output_unit}"
    assert (row.ctype, row.app_only, row.web_only) == (ctype, app_only, web_only)


def test_units_measure_what_their_variable_does() -> None:
    for row in VariableTemplate.objects.select_related("default_input_unit", "default_output_unit"):
        units = [unit for unit in (row.default_input_unit, row.default_output_unit) if unit is not None]
        assert {unit.var_type_id for unit in units} <= {row.var_type_id}


def test_a_phone_shows_what_is_for_phones_and_pages_the_rest() -> None:
    for widget in DisplayWidgetTemplate.objects.all():
        of = VariableTemplate.objects.get(sg=widget.sg, lid=widget.lid)
        assert (widget.show_in_app, widget.show_in_web) == (of.app_only, not of.app_only)


def test_a_claimed_water_meter_gets_the_streams_of_its_graph(project: Project) -> None:
    device = make_device(sg=SensorGraph.objects.get(slug="water-meter-v1-4-0"))

    enter(device, project)

    assert StreamId.objects.filter(device=device).count() == 6


def test_the_decoder_takes_a_shock_apart() -> None:
    decoder = VarTypeDecoder.objects.get(var_type_id="accelerometer-event")
    layouts = decoder.packet_info["decoding"]

    assert decoder.raw_packet_format == "<LLLL"
    assert layouts == ["H{axis:2,peak:14}", "H{duration}", "l{delta_v_x}", "l{delta_v_y}", "l{delta_v_z}"]
    letters = "".join(layout[0] for layout in layouts)
    assert struct.calcsize("<" + letters) == struct.calcsize(decoder.raw_packet_format)
    transform = decoder.packet_info["transform"]
    assert transform["axis"]["map"] == {"0": "x", "1": "y", "2": "z"}
    assert transform["peak"]["mdo"] == [49, 1000, 0.0]
    assert {transform[f"delta_v_{axis}"]["mdo"][1] for axis in "xyz"} == {65536}


def test_every_other_event_type_has_a_schema() -> None:
    events = VarType.objects.filter(stream_data_type__startswith="E")
    schemas = set(VarTypeSchema.objects.values_list("var_type_id", flat=True))

    assert schemas == {event.slug for event in events} - {"accelerometer-event"}
    assert set(VarType.objects.filter(has_schema=True).values_list("slug", flat=True)) == schemas


def test_a_schema_says_how_each_key_is_shown() -> None:
    for schema in VarTypeSchema.objects.all():
        assert sorted(schema.display_order) == sorted(schema.keys)
        for key in schema.keys.values():
            assert set(key) == {"type", "label", "units", "decimal", "output_units"}
            for unit in key["output_units"].values():
                m, d, o = unit["mdo"]
                assert m * d != 0
                assert isinstance(o, float)


def test_rates_of_volumes_have_names() -> None:
    rates = {
        unit.slug.rpartition("--")[2]: unit.derived_units
        for unit in VarTypeOutputUnit.objects.filter(var_type="water-meter-volume")
        if unit.derived_units
    }

    assert rates == {
        "gallons": {"rate": {"gph": {"m": 6, "d": 1}, "gpm": {"m": 1, "d": 10}}},
        "liters": {"rate": {"lph": {"m": 6, "d": 1}, "lpm": {"m": 1, "d": 10}}},
    }


def test_filling_again_changes_nothing_and_leaves_what_others_have(acme: Org, alice: Account) -> None:
    SensorGraph.objects.filter(slug="saver-v1-0-0").delete()
    own = create_sensor_graph(name="Saver", version=(1, 0, 0), org=acme, by=alice)
    models = (VariableTemplate, DisplayWidgetTemplate, VarTypeSchema, VarTypeDecoder)
    before = [model.objects.count() for model in models]

    import_module("server.apps.streams.migrations.0004_built_in_catalogue").fill(apps, None)

    assert [model.objects.count() for model in models] == before
    assert not VariableTemplate.objects.filter(sg=own).exists()
