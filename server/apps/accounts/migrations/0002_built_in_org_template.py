"""The organisation template that every installation knows. Its slug and `extra_data` are those of
the original cloud."""

from django.db import migrations


def fill(apps, schema_editor):
    """What is there already stays as it is, since the way back leaves everything in place."""
    template = apps.get_model("accounts", "OrgTemplate")
    default = template(
        name="Default",
        slug="default-v1-0-0",
        major_version=1,
        extra_data={"web": {"orgTemplateSlug": "default"}},
    )
    template.objects.bulk_create([default], ignore_conflicts=True)


class Migration(migrations.Migration):
    replaces = [("accounts", "0003_built_in_org_template")]
    dependencies = [("accounts", "0001_tables")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
