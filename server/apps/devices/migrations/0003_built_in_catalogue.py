"""The kinds of projects and devices that every installation knows. They belong to nobody: no
organisation, no creator.

Slugs, report engines and tags are those of the original cloud, which clients compare. The variables
of the sensor graphs follow in a migration of `streams`.
"""

from django.db import migrations

# name, slug, extra data; all 1.0.0
PROJECT_TEMPLATES = (
    (
        "Default Template",
        "default-template-v1-0-0",
        {"web": {"projectTemplateSlug": "default"}, "mobile": {"projectTemplateSlug": "default"}},
    ),
    (
        "Shipping Template",
        "shipping-template-v1-0-0",
        {"web": {"projectTemplateSlug": "shipping"}, "mobile": {"projectTemplateSlug": "shipping"}},
    ),
)

DEFAULT, SHIPPING = "default-template-v1-0-0", "shipping-template-v1-0-0"
NO_APP = (0, 0, 0)

# name, slug without version, version, report engine, application (tag, major, minor), project
# template
SENSOR_GRAPHS = (
    ("Development", "development", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Development", "development", (1, 1, 0), 2, NO_APP, DEFAULT),
    ("Edge", "edge", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Node", "node", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Factory Node", "factory-node", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Gateway", "gateway", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Saver", "saver", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Saver Dock", "saver-dock", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Dust Sensor", "dust-sensor", (1, 1, 0), 0, NO_APP, DEFAULT),
    ("Double Soil Moisture", "double-soil-moisture", (2, 0, 0), 0, NO_APP, DEFAULT),
    ("Double Temp Sensor", "double-temp-sensor", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Single 4-20 Sensor", "single-4-20-sensor", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Single GS3 Decagon Sensor", "single-gs3-decagon-sensor", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Single Moisture Single Temp", "single-moisture-single-temp", (1, 0, 0), 0, NO_APP, DEFAULT),
    ("Single Soil Moisture", "single-soil-moisture", (2, 0, 0), 0, NO_APP, DEFAULT),
    ("Single Soil Moisture", "single-soil-moisture", (2, 0, 1), 2, NO_APP, DEFAULT),
    ("Single Temp Sensor", "single-temp-sensor", (1, 1, 0), 0, NO_APP, DEFAULT),
    ("Single Temp Sensor", "single-temp-sensor", (1, 1, 1), 2, NO_APP, DEFAULT),
    ("Shipping", "shipping", (2, 2, 0), 2, (2049, 1, 2), SHIPPING),
    ("Shipping", "shipping", (2, 3, 0), 2, (2049, 1, 3), SHIPPING),
    ("Shipping KT", "shipping-kt", (1, 0, 0), 2, NO_APP, SHIPPING),
    ("Water Meter", "water-meter", (1, 1, 0), 0, (1027, 0, 0), DEFAULT),
    ("Water Meter", "water-meter", (1, 2, 0), 2, (1027, 0, 0), DEFAULT),
    ("Water Meter", "water-meter", (1, 2, 2), 2, (2048, 1, 2), DEFAULT),
    ("Water Meter", "water-meter", (1, 4, 0), 2, (2048, 1, 4), DEFAULT),
    # Programs that report as devices; with "edge" the sensor graphs of virtual devices.
    ("Broker Worker", "broker-worker", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Connector SMT Generic Machine", "connector-smt-generic-machine", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Connector SMT Generic Insp", "connector-smt-generic-insp", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Connector SMT Generic PnP", "connector-smt-generic-pnp", (1, 0, 0), 2, NO_APP, DEFAULT),
    ("Forwarder Generic", "forwarder-generic", (1, 0, 0), 2, NO_APP, DEFAULT),
)

# name, description, tags
CONFIG_NAMES = (
    (":report:trip_status:config", "How the trip status of a shipment is computed.", ["report", "shipping"]),
    (":report:trip_quality:config", "Limits of the trip quality report.", ["report", "shipping"]),
    (":report:summary:trip:temp:below", "Time below this temperature is summed up.", ["report", "shipping"]),
    (":report:summary:trip:temp:above", "Time above this temperature is summed up.", ["report", "shipping"]),
    (
        ":report:summary:trip:dv:units",
        "The unit of changes of velocity in a summary.",
        ["report", "shipping"],
    ),
    (
        ":webapp:shipping:default_device_name:active",
        "The label of a device whose trip begins.",
        ["webapp", "shipping"],
    ),
    (
        ":webapp:shipping:default_device_name:inactive",
        "The label of a device whose trip is over.",
        ["webapp", "shipping"],
    ),
    (":classic:menus:org:extras", "Further entries of an organisation's menu.", ["classic"]),
    (":classic:menus:project:extras", "Further entries of a project's menu.", ["classic"]),
    (
        ":classic:streamer:forwarder:config",
        "Where reports are forwarded to: enabled, api_url, api_key.",
        ["classic", "streamer"],
    ),
)

VIRTUAL = "virtual-device"


def fill(apps, schema_editor):
    """What is there already stays as it is, since the way back leaves everything in place."""
    templates = _fill_project_templates(apps.get_model("devices", "ProjectTemplate"))
    _fill_sensor_graphs(apps.get_model("devices", "SensorGraph"), templates)
    _fill_config_names(apps.get_model("devices", "ConfigName"))
    _fill_virtual_device(apps)


def _fill_project_templates(model):
    rows = [
        model(name=name, slug=slug, major_version=1, extra_data=extra)
        for name, slug, extra in PROJECT_TEMPLATES
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return {template.slug: template for template in model.objects.filter(org=None)}


def _fill_sensor_graphs(model, templates):
    model.objects.bulk_create(
        [_graph(model, templates, *row) for row in SENSOR_GRAPHS], ignore_conflicts=True
    )


def _graph(model, templates, name, slug, version, engine, app, project_template):
    major, minor, patch = version
    tag, app_major, app_minor = app
    return model(
        name=name,
        slug=f"{slug}-v{major}-{minor}-{patch}",
        major_version=major,
        minor_version=minor,
        patch_version=patch,
        report_processing_engine_ver=engine,
        app_tag=tag,
        app_major_version=app_major,
        app_minor_version=app_minor,
        project_template=templates.get(project_template),
    )


def _fill_config_names(model):
    rows = [model(name=name, description=description, tags=tags) for name, description, tags in CONFIG_NAMES]
    model.objects.bulk_create(rows, ignore_conflicts=True)


def _fill_virtual_device(apps):
    """Hardware of programs that report as devices: a controller and nothing else."""
    component, template = (apps.get_model("devices", name) for name in ("Component", "DeviceTemplate"))
    about = "A program that reports as a device."
    component.objects.bulk_create(
        [
            component(
                external_sku=VIRTUAL,
                slug=f"{VIRTUAL}-1-0-0",
                type="IOT",
                major_version=1,
                hw_name="Virtual device",
                description=about,
            )
        ],
        ignore_conflicts=True,
    )
    template.objects.bulk_create(
        [
            template(
                external_sku=VIRTUAL,
                family="virtual",
                slug=f"{VIRTUAL}-v1-0-0",
                major_version=1,
                description=about,
            )
        ],
        ignore_conflicts=True,
    )
    controller = component.objects.filter(slug=f"{VIRTUAL}-1-0-0", org=None).first()
    for of in template.objects.filter(slug=f"{VIRTUAL}-v1-0-0", org=None):
        if controller is not None:
            of.slots.get_or_create(number=0, defaults={"component": controller})


class Migration(migrations.Migration):
    replaces = [("devices", "0005_built_in_catalogue")]
    dependencies = [("devices", "0002_number_sequences")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
