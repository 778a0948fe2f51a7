"""Sensor graphs, their variables and widgets over REST: read by those they are for, kept by
staff."""

from typing import Any, Final

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.api.tests.programs import program_client
from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Project, PropertyTemplate, SensorGraph
from server.apps.devices.tests.factories import make_sensor_graph
from server.apps.streams.models import DisplayWidgetTemplate, VariableTemplate, VarType
from server.apps.streams.tests.factories import make_water_meter_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

API: Final = "/api/v1/"
GRAPHS, VARIABLES, WIDGETS, TYPES = f"{API}sg/", f"{API}vartemplate/", f"{API}widget/", f"{API}vartype/"
METER: Final = "water-meter-v1-4-0"


@pytest.fixture
def staff(db: None) -> APIClient:
    return api_client(make_account(username="keeper", is_staff=True))


@pytest.fixture
def graph(acme: Org) -> SensorGraph:
    return make_sensor_graph(org=acme, name="Tank")


def variable(graph: SensorGraph, **more: Any) -> dict[str, Any]:
    return {
        "label": "Level",
        "sg": graph.slug,
        "lid_hex": "5001",
        "var_type": "water-meter-volume",
        "default_output_unit": "out--water-meter-volume--liters",
        **more,
    }


def test_a_sensor_graph_has_the_fields_of_the_original_cloud(charlie: Account) -> None:
    shown = api_client(charlie).get(f"{GRAPHS}{METER}/").json()

    parts = {"variable_templates", "display_widget_templates"}
    assert {key: shown[key] for key in shown if key not in {"id", "created_on", *parts}} == {
        "name": "Water Meter",
        "slug": METER,
        "org": None,
        "project_template": "default-template-v1-0-0",
        "ui_extra": None,
        "report_processing_engine_ver": 2,
        "version": "v1.4.0",
        "major_version": 1,
        "minor_version": 4,
        "patch_version": 0,
        "app_tag": 2048,
        "app_major_version": 1,
        "app_minor_version": 4,
        "app_version": "v1.4",
    }


def test_a_sensor_graph_lists_what_its_devices_measure(charlie: Account) -> None:
    shown = api_client(charlie).get(f"{GRAPHS}{METER}/").json()

    [pulse] = [row for row in shown["variable_templates"] if row["lid_hex"] == "100b"]
    assert isinstance(pulse.pop("id"), int)
    assert pulse == {
        "label": "Pulse 1",
        "sg": METER,
        "lid_hex": "100b",
        "derived_lid_hex": "",
        "var_type": "water-meter-flow",
        "default_input_unit": "in--water-meter-flow--gallons",
        "default_output_unit": "out--water-meter-flow--gallons-per-min",
        "ctype": "unsigned int",
        "m": 1,
        "d": 1,
        "o": 0.0,
        "app_only": True,
        "web_only": False,
    }
    [widget] = [row for row in shown["display_widget_templates"] if row["lid_hex"] == "5001"]
    assert isinstance(widget.pop("id"), int)
    assert widget == {
        "label": "IO 1",
        "sg": METER,
        "lid_hex": "5001",
        "type": "val",
        "args": None,
        "var_type": "water-meter-volume",
        "derived_unit_type": "rate",
        "show_in_app": False,
        "show_in_web": True,
    }


def test_what_is_built_in_or_a_vendors_is_for_everybody_and_the_rest_for_its_organisation(
    alice: Account, acme: Org, charlie: Account
) -> None:
    vendors = make_sensor_graph(org=create_org(name="Vendor", by=alice, is_vendor=True))
    own = make_sensor_graph(org=acme)

    seen = {row["slug"] for row in api_client(charlie).get(GRAPHS).json()["results"]}

    assert {METER, vendors.slug} <= seen
    assert own.slug not in seen
    assert api_client(charlie).get(f"{GRAPHS}{own.slug}/").status_code == 404
    assert api_client(charlie).get(f"{GRAPHS}{own.slug}/property/").status_code == 404
    assert api_client(alice).get(f"{GRAPHS}{own.slug}/").status_code == 200


@pytest.mark.parametrize("path", [GRAPHS, TYPES])
@pytest.mark.parametrize("what", ["no-such-thing", "%00", "x" * 5000])
def test_what_is_not_there_is_not_there(charlie: Account, path: str, what: str) -> None:
    assert api_client(charlie).get(f"{path}{what}/").status_code == 404


def test_weak_point_8_nobody_but_staff_makes_or_changes_sensor_graphs_and_types(
    alice: Account, acme: Org, graph: SensorGraph
) -> None:
    client = api_client(alice)
    template = VariableTemplate.objects.filter(sg__slug=METER).first()
    widget = DisplayWidgetTemplate.objects.filter(sg__slug=METER).first()
    assert template is not None
    assert widget is not None
    before = (SensorGraph.objects.count(), VariableTemplate.objects.count(), VarType.objects.count())

    answers = [
        client.post(GRAPHS, {"name": "Mine", "org": "acme"}, format="json"),
        client.put(f"{GRAPHS}{graph.slug}/", {"name": "Tank"}, format="json"),
        client.patch(f"{GRAPHS}{METER}/", {"ui_extra": {"mobile": {}}}, format="json"),
        client.post(f"{GRAPHS}{METER}/property/?org=acme", {"name": "x"}, format="json"),
        client.post(VARIABLES, variable(graph), format="json"),
        client.put(f"{VARIABLES}{template.pk}/", variable(graph), format="json"),
        client.patch(f"{VARIABLES}{template.pk}/", {"label": "x"}, format="json"),
        client.post(WIDGETS, {"label": "x", "sg": graph.slug, "lid_hex": "5001"}, format="json"),
        client.patch(f"{WIDGETS}{widget.pk}/", {"label": "x"}, format="json"),
        client.post(TYPES, {"name": "mine"}, format="json"),
        client.patch(f"{TYPES}temp/", {"storage_units_full": "Celsius"}, format="json"),
    ]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    after = (SensorGraph.objects.count(), VariableTemplate.objects.count(), VarType.objects.count())
    assert before == after
    assert SensorGraph.objects.get(slug=METER).ui_extra == {}


def test_staff_make_a_sensor_graph_with_a_variable_and_a_widget(staff: APIClient, acme: Org) -> None:
    body = {"name": "Tank", "major_version": 1, "org": "acme", "app_tag": 3000, "app_major_version": 2}
    graph = staff.post(GRAPHS, body, format="json")
    template = staff.post(
        VARIABLES, variable(SensorGraph.objects.get(name="Tank"), ctype="int", m=-3), format="json"
    )
    widget = staff.post(
        WIDGETS,
        {"label": "Pump", "sg": "tank-v1-0-0", "lid_hex": "5002", "type": "btn", "args": {"rpcId": 1}},
        format="json",
    )

    assert [answer.status_code for answer in (graph, template, widget)] == [201] * 3
    shown = staff.get(f"{GRAPHS}tank-v1-0-0/").json()
    assert shown["variable_templates"] == [template.json()]
    assert shown["display_widget_templates"] == [widget.json()]
    assert template.json()["ctype"] == "int"
    assert VariableTemplate.objects.get(label="Level").ctype == "<l"
    assert [row.event for row in Change.objects.filter(org=acme, kind="sensor-graph")] == [
        "create-sensor-graph",
        "change-sensor-graph",
        "change-sensor-graph",
    ]


def test_variables_and_widgets_cannot_be_read_by_themselves(charlie: Account) -> None:
    client = api_client(charlie)

    assert client.get(VARIABLES).status_code == 405
    assert client.get(f"{VARIABLES}1/").status_code == 405
    assert client.get(WIDGETS).status_code == 405
    assert client.get(f"{WIDGETS}1/").status_code == 405


def test_staff_put_back_what_they_got(staff: APIClient, project: Project) -> None:
    graph = make_water_meter_graph(project=project)
    shown = staff.get(f"{GRAPHS}{graph.slug}/").json()
    [template] = shown["variable_templates"]

    changed = staff.put(f"{GRAPHS}{graph.slug}/", {**shown, "app_tag": 77}, format="json")
    relabelled = staff.put(f"{VARIABLES}{template['id']}/", {**template, "label": "Main"}, format="json")

    assert changed.status_code == 200, changed.content
    assert changed.json() == {**shown, "app_tag": 77}
    assert relabelled.status_code == 200, relabelled.content
    assert relabelled.json() == {**template, "label": "Main"}


def test_a_widget_is_changed(staff: APIClient, graph: SensorGraph) -> None:
    body = {"label": "Pump", "sg": graph.slug, "lid_hex": "5002", "var_type": "temp"}
    pk = staff.post(WIDGETS, body, format="json").json()["id"]

    answer = staff.patch(f"{WIDGETS}{pk}/", {"show_in_app": False, "var_type": None}, format="json")

    assert answer.status_code == 200, answer.content
    assert answer.json()["show_in_app"] is False
    assert answer.json()["var_type"] is None


def test_a_template_goes_to_no_other_graph(staff: APIClient, project: Project, graph: SensorGraph) -> None:
    template = VariableTemplate.objects.get(sg=make_water_meter_graph(project=project))

    answer = staff.patch(f"{VARIABLES}{template.pk}/", {"sg": graph.slug}, format="json")

    assert answer.status_code == 400
    assert [*answer.json()] == ["sg"]


@pytest.mark.parametrize("pk", ["0", "99999999999", "9" * 30, "x", "-1", "%00"])
def test_a_template_that_is_not_there_is_not_changed(staff: APIClient, pk: str) -> None:
    assert staff.patch(f"{VARIABLES}{pk}/", {"label": "x"}, format="json").status_code == 404
    assert staff.patch(f"{WIDGETS}{pk}/", {"label": "x"}, format="json").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lid_hex": "10000"}, "lid_hex"),
        ({"lid_hex": "xyz"}, "lid_hex"),
        ({"lid_hex": 20481.5}, "lid_hex"),
        ({"sg": "no-such-graph"}, "sg"),
        ({"var_type": "no-such-type"}, "var_type"),
        ({"default_output_unit": "out--temp--celsius"}, "default_output_unit"),
        ({"default_input_unit": "nonsense"}, "default_input_unit"),
        ({"d": 0}, "d"),
        ({"m": 2**40}, "m"),
        ({"o": "nan"}, "o"),
        ({"o": "1" + "0" * 400}, "o"),
        ({"o": 10**400}, "o"),
        ({"ctype": "<L"}, "ctype"),
        ({"label": "a\0b"}, "label"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_a_variable_cannot_be_is_named(
    staff: APIClient, graph: SensorGraph, change: dict[str, Any], field: str
) -> None:
    answer = staff.post(VARIABLES, variable(graph, **change), format="json")

    assert answer.status_code == 400, answer.content
    assert [*answer.json()] == [field]


def test_a_local_id_twice_is_refused(staff: APIClient, graph: SensorGraph) -> None:
    answers = [staff.post(VARIABLES, variable(graph), format="json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 400]
    assert [*answers[1].json()] == ["lid_hex"]


def test_an_organisation_wants_a_property_of_devices_with_a_sensor_graph(
    staff: APIClient, alice: Account, acme: Org, charlie: Account
) -> None:
    PropertyTemplate.objects.create(org=acme, name="Site")
    path = f"{GRAPHS}{METER}/property/"

    made = staff.post(f"{path}?org=acme", {"name": "Site"}, format="json")
    unknown = staff.post(f"{path}?org=elsewhere", {"name": "Site"}, format="json")

    assert made.status_code == 201, made.content
    assert unknown.status_code == 400
    own = {"name": "Site", "org": "acme", "type": "str", "default": "", "enums": [], "extra": {}}
    [shown] = api_client(alice).get(f"{path}?org=acme").json()["results"]
    assert {key: shown[key] for key in own} == own
    assert api_client(alice).get(f"{path}?org=elsewhere").json()["count"] == 0
    assert api_client(charlie).get(path).json()["count"] == 0
    assert api_client(charlie).get(f"{path}?org=acme").json()["count"] == 0


def test_a_property_of_a_sensor_graph_is_added_by_the_id_of_its_template(staff: APIClient, acme: Org) -> None:
    template = PropertyTemplate.objects.create(org=acme, name="Site")
    path = f"{GRAPHS}{METER}/property/"

    made = staff.post(path, {"id": template.pk}, format="json")
    unknown = staff.post(path, {"id": template.pk + 1}, format="json")
    of_another = staff.post(f"{path}?org=elsewhere", {"id": template.pk}, format="json")
    neither = staff.post(path, {}, format="json")

    assert made.status_code == 201, made.content
    assert made.json()["id"] == template.pk
    assert [(each.status_code, [*each.json()]) for each in (unknown, of_another, neither)] == [
        (400, ["id"])
    ] * 3
    assert [row["name"] for row in staff.get(path).json()["results"]] == ["Site"]


def test_weak_point_36_the_list_of_sensor_graphs_takes_five_queries_for_any_length(
    alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = api_client(alice)

    with django_assert_num_queries(5):  # who asks, how many, the page; variables, widgets
        shown = client.get(GRAPHS).json()

    assert shown["count"] >= 25
    assert sum(len(row["variable_templates"]) for row in shown["results"]) > 50


def test_a_program_reads_the_catalogue_with_the_scope_only(acme: Org, alice: Account) -> None:
    others = make_sensor_graph(org=create_org(name="Other", by=alice))
    own = make_sensor_graph(org=acme)
    reader = program_client(acme, OrgApiKey.Scope.CATALOGUE)
    other = program_client(acme, OrgApiKey.Scope.PRODUCTION)

    assert reader.get(f"{GRAPHS}{own.slug}/").status_code == 200
    assert reader.get(f"{GRAPHS}{others.slug}/").status_code == 404
    assert reader.get(f"{TYPES}temp/").status_code == 200
    assert reader.post(TYPES, {"name": "x"}, format="json").status_code == 403
    assert [other.get(path).status_code for path in (GRAPHS, TYPES)] == [403, 403]
    assert APIClient().get(GRAPHS).status_code == 401
