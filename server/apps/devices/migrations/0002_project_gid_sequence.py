"""Project numbers come from the database: two requests at once never get the same one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE devices_project_gid", "DROP SEQUENCE devices_project_gid")
    ]
