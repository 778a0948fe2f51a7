"""Built-in hardware of boards that their owners add: what they are is not known, only that they send
values over HTTP."""

from django.db import migrations

HTTP = "http-device"


def fill(apps, schema_editor):
    """What is there already stays as it is, since the way back leaves everything in place."""
    component, template = (apps.get_model("devices", name) for name in ("Component", "DeviceTemplate"))
    about = "A board that sends values over HTTP."
    component.objects.bulk_create(
        [
            component(
                external_sku=HTTP,
                slug=f"{HTTP}-1-0-0",
                type="IOT",
                major_version=1,
                hw_name="HTTP device",
                description=about,
            )
        ],
        ignore_conflicts=True,
    )
    template.objects.bulk_create(
        [
            template(
                external_sku=HTTP,
                family="http",
                slug=f"{HTTP}-v1-0-0",
                major_version=1,
                description=about,
            )
        ],
        ignore_conflicts=True,
    )
    controller = component.objects.filter(slug=f"{HTTP}-1-0-0", org=None).first()
    for of in template.objects.filter(slug=f"{HTTP}-v1-0-0", org=None):
        if controller is not None:
            of.slots.get_or_create(number=0, defaults={"component": controller})


class Migration(migrations.Migration):
    dependencies = [("devices", "0006_names_make_variables")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
