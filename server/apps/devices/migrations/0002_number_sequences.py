"""Numbers of projects, and of devices that bring none of their own, come from the database: two
requests at once never get the same one.
"""

from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("devices", "0002_project_gid_sequence"), ("devices", "0004_device_number_sequence")]
    dependencies = [("devices", "0001_tables")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE devices_project_gid", "DROP SEQUENCE devices_project_gid"),
        migrations.RunSQL(
            f"CREATE SEQUENCE devices_device_number AS bigint MINVALUE 1 MAXVALUE {2**48 - 1}",
            "DROP SEQUENCE devices_device_number",
        ),
    ]
