from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0003_equal_reports_share_bytes")]

    operations = [
        migrations.AddField(
            model_name="streamerreport",
            name="file_deleted_on",
            field=models.DateTimeField(
                blank=True,
                help_text="When its bytes were deleted, because they were older than REPORT_FILES_KEEP_DAYS.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="streamerreport",
            index=models.Index(
                models.F("created_on"),
                name="report_with_file",
                condition=models.Q(("file_deleted_on__isnull", True)),
            ),
        ),
    ]
