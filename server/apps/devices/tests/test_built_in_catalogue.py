"""What every installation has: sensor graphs with the versions and tags that clients compare, and
names of configuration."""

from importlib import import_module

import pytest
from django.apps import apps

from server.apps.accounts.models import Account, Org, OrgTemplate
from server.apps.devices.models import ConfigName, DeviceTemplate, ProjectTemplate, SensorGraph
from server.apps.devices.selectors.production import VIRTUAL_GRAPHS, virtual_graph
from server.apps.devices.services.catalogue import create_sensor_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

# slug: report engine, application tag, application version
EXPECTED = {
    "development-v1-0-0": (0, 0, "0.0"),
    "development-v1-1-0": (2, 0, "0.0"),
    "edge-v1-0-0": (2, 0, "0.0"),
    "node-v1-0-0": (2, 0, "0.0"),
    "factory-node-v1-0-0": (2, 0, "0.0"),
    "gateway-v1-0-0": (0, 0, "0.0"),
    "saver-v1-0-0": (0, 0, "0.0"),
    "saver-dock-v1-0-0": (2, 0, "0.0"),
    "dust-sensor-v1-1-0": (0, 0, "0.0"),
    "double-soil-moisture-v2-0-0": (0, 0, "0.0"),
    "double-temp-sensor-v1-0-0": (2, 0, "0.0"),
    "single-4-20-sensor-v1-0-0": (0, 0, "0.0"),
    "single-gs3-decagon-sensor-v1-0-0": (0, 0, "0.0"),
    "single-moisture-single-temp-v1-0-0": (0, 0, "0.0"),
    "single-soil-moisture-v2-0-0": (0, 0, "0.0"),
    "single-soil-moisture-v2-0-1": (2, 0, "0.0"),
    "single-temp-sensor-v1-1-0": (0, 0, "0.0"),
    "single-temp-sensor-v1-1-1": (2, 0, "0.0"),
    "shipping-v2-2-0": (2, 2049, "1.2"),
    "shipping-v2-3-0": (2, 2049, "1.3"),
    "shipping-kt-v1-0-0": (2, 0, "0.0"),
    "water-meter-v1-1-0": (0, 1027, "0.0"),
    "water-meter-v1-2-0": (2, 1027, "0.0"),
    "water-meter-v1-2-2": (2, 2048, "1.2"),
    "water-meter-v1-4-0": (2, 2048, "1.4"),
    **dict.fromkeys(VIRTUAL_GRAPHS, (2, 0, "0.0")),
}


def test_the_sensor_graphs_are_those_of_the_original_cloud() -> None:
    found = {
        graph.slug: (
            graph.report_processing_engine_ver,
            graph.app_tag,
            f"{graph.app_major_version}.{graph.app_minor_version}",
        )
        for graph in SensorGraph.objects.filter(org=None)
    }

    assert found == EXPECTED


def test_a_slug_names_the_version() -> None:
    for graph in SensorGraph.objects.filter(org=None):
        version = f"-v{graph.major_version}-{graph.minor_version}-{graph.patch_version}"
        assert graph.slug.endswith(version)


def test_every_kind_of_virtual_device_is_there() -> None:
    assert [slug for slug in VIRTUAL_GRAPHS if virtual_graph(slug) is None] == []
    assert DeviceTemplate.objects.get(slug="virtual-device-v1-0-0").slots.get().number == 0


def test_only_the_shipping_ones_start_shipping_projects() -> None:
    shipping = SensorGraph.objects.filter(project_template__slug="shipping-template-v1-0-0")

    assert {graph.slug for graph in shipping} == {slug for slug in EXPECTED if slug.startswith("shipping")}


def test_templates_of_projects_and_organisations_are_there() -> None:
    slugs = set(ProjectTemplate.objects.filter(org=None).values_list("slug", flat=True))

    assert slugs == {"default-template-v1-0-0", "shipping-template-v1-0-0"}
    assert OrgTemplate.objects.get(slug="default-v1-0-0").extra_data == {
        "web": {"orgTemplateSlug": "default"}
    }


def test_the_names_of_configuration_are_known() -> None:
    names = set(ConfigName.objects.values_list("name", flat=True))

    assert len(names) == 10
    assert {":report:trip_status:config", ":classic:streamer:forwarder:config"} <= names


def test_filling_again_changes_nothing_and_leaves_what_others_have(acme: Org, alice: Account) -> None:
    SensorGraph.objects.filter(slug="node-v1-0-0").delete()
    own = create_sensor_graph(name="Node", version=(1, 0, 0), org=acme, by=alice)
    before = SensorGraph.objects.count()

    import_module("server.apps.devices.migrations.0003_built_in_catalogue").fill(apps, None)

    assert SensorGraph.objects.count() == before
    assert SensorGraph.objects.get(slug="node-v1-0-0") == own
    assert DeviceTemplate.objects.get(slug="virtual-device-v1-0-0").slots.count() == 1
