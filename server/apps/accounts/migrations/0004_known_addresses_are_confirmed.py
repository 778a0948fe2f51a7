"""Accounts that are there already were made by whoever runs the server: their addresses need no confirmation."""

from django.db import migrations


def confirm(apps, schema_editor):
    account, address = apps.get_model("accounts", "Account"), apps.get_model("account", "EmailAddress")
    known = address.objects.values("user")
    address.objects.bulk_create(
        address(user=each, email=each.email, primary=True, verified=True)
        for each in account.objects.exclude(pk__in=known)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_built_in_org_template"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
