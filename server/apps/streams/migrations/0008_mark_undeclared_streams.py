"""System streams that only reports made are not in the lists of the API, as in the original cloud."""

from django.db import migrations, models

MARK = """
UPDATE streams_streamid AS s SET declared = false
WHERE created_by_id IS NULL AND (var_lid & 2048) <> 0
AND NOT EXISTS (
    SELECT FROM devices_device d JOIN streams_variabletemplate t ON t.sg_id = d.sg_id
    WHERE d.id = s.device_id AND t.lid = s.var_lid
);
UPDATE streams_streamvariable AS v SET declared = false
WHERE created_by_id IS NULL AND project_id IS NOT NULL AND var_type_id IS NULL AND (lid & 2048) <> 0
AND NOT EXISTS (SELECT FROM streams_streamid s WHERE s.variable_id = v.id AND s.declared);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0004_outside_recipients"),
        ("streams", "0007_released_ids"),
    ]

    operations = [
        migrations.AddField(
            model_name="streamid",
            name="declared",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="False: a system stream that only reports made, and nobody named.",
            ),
        ),
        migrations.AddField(
            model_name="streamvariable",
            name="declared",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="False: a system variable that only reports made, and nobody named.",
            ),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
