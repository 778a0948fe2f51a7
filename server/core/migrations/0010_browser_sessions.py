from datetime import timedelta

import django.db.models.manager
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import migrations, models
from django.utils import timezone

from server.core.sessions import SessionStore


def copy_sessions(apps, schema_editor):
    """From Django's table, so that nobody has to sign in again."""
    former, present = apps.get_model("sessions", "Session"), apps.get_model("core", "BrowserSession")
    now, idle = timezone.now(), timedelta(hours=settings.SESSION_IDLE_HOURS)
    for row in former.objects.filter(expire_date__gt=now).iterator():
        account = SessionStore().decode(row.session_data).get(SESSION_KEY)
        if account is not None:
            present.objects.create(
                session_key=row.session_key,
                session_data=row.session_data,
                expire_date=min(row.expire_date, now + idle),
                account_id=int(account),
                signed_in_on=min(now, row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)),
                last_seen_on=now,
            )
    former.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0009_count_requests_a_day"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("account_id", models.BigIntegerField(null=True)),
                (
                    "address",
                    models.CharField(blank=True, help_text="Where it was used last.", max_length=45),
                ),
                ("user_agent", models.CharField(blank=True, max_length=200)),
                ("signed_in_on", models.DateTimeField(null=True)),
                ("last_seen_on", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
                "indexes": [models.Index("account_id", name="browser_session_by_account")],
            },
        ),
        migrations.RunPython(copy_sessions, migrations.RunPython.noop),
    ]
