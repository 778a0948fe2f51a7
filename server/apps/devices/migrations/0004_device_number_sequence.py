"""Numbers for devices that bring none of their own: two requests at once never get the same one.

It begins above the numbers given so far. Numbers of 2^40 and above are left out of account: such a device brought its own.
"""

from django.db import migrations

CREATE = """
DO $$
BEGIN
  EXECUTE format(
    'CREATE SEQUENCE devices_device_number AS bigint MINVALUE 1 MAXVALUE %s START %s',
    (1::bigint << 48) - 1,
    (SELECT coalesce(max(id), 0) + 1 FROM devices_device WHERE id < (1::bigint << 40) - 1)
  );
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0003_the_whole_domain")]
    operations = [migrations.RunSQL(CREATE, "DROP SEQUENCE devices_device_number")]
