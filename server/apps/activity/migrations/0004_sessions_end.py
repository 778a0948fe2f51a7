from django.db import migrations, models

KINDS = [
    ("sign-in", "Sign-in"),
    ("second-factor", "Second factor"),
    ("token-created", "Token created"),
    ("token-revoked", "Token revoked"),
    ("session-ended", "Session ended"),
    ("credentials-revoked", "All tokens revoked"),
    ("factor-changed", "Second factors changed"),
    ("password-changed", "Password changed"),
    ("address-changed", "E-mail address changed"),
    ("other-site", "Other site connected or removed"),
    ("account-erased", "Account erased"),
    ("staff-read", "Staff read"),
    ("org-deleted", "Organisation deleted"),
]


class Migration(migrations.Migration):
    dependencies = [("activity", "0003_security_events_are_append_only")]

    operations = [
        migrations.AlterField("securityevent", "kind", models.CharField(choices=KINDS, max_length=24)),
    ]
