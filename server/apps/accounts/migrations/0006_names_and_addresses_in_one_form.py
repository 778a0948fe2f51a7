"""User names that differ in case only get a number, and addresses with an international domain
their one form. Of two accounts of one mailbox the older one gets it; the other keeps its spelling
and signs in with its user name.
"""

from django.db import migrations

from server.lib.mailboxes import mailbox

NUMBER_NAMES = """
    UPDATE accounts_account AS later SET username = left(username, 28) || '-' || id
    WHERE EXISTS (
        SELECT FROM accounts_account AS earlier
        WHERE lower(earlier.username) = lower(later.username) AND earlier.id < later.id
    )
"""


def spell_addresses(apps, schema_editor):
    for name in ("accounts.Account", "account.EmailAddress", "accounts.Invitation"):
        model = apps.get_model(name)
        # The domain can have other letters; before the @ the forms took ASCII only.
        for row in model.objects.filter(email__regex=r"[^\x01-\x7F]").order_by("pk"):
            email = mailbox(row.email)
            same = model.objects.filter(email__iexact=email)
            if name == "accounts.Invitation":
                same = same.filter(org=row.org_id)
            if len(email) <= 254 and not same.exists():
                model.objects.filter(pk=row.pk).update(email=email)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_verified_domains_are_unique"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunSQL(NUMBER_NAMES, migrations.RunSQL.noop),
        migrations.RunPython(spell_addresses, migrations.RunPython.noop),
    ]
