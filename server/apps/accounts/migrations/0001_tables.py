import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_the_whole_domain"),
        ("accounts", "0004_known_addresses_are_confirmed"),  # gave rows to accounts older than itself
    ]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        ("username", models.CharField(max_length=40, unique=True)),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("slug", models.SlugField(max_length=60, unique=True)),
                        ("name", models.CharField(blank=True, max_length=120)),
                        ("tagline", models.CharField(blank=True, max_length=260)),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                help_text="A name of the IANA time zone database.",
                                max_length=64,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("is_staff", models.BooleanField(default=False)),
                        (
                            "credentials_version",
                            models.PositiveIntegerField(
                                default=1, help_text="Part of every JWT: raising it revokes all of them."
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"),
                                name="account_email_is_unique_in_any_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrgTemplate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("slug", models.SlugField(max_length=80, unique=True)),
                        ("major_version", models.PositiveSmallIntegerField(default=0)),
                        ("minor_version", models.PositiveSmallIntegerField(default=0)),
                        ("patch_version", models.PositiveSmallIntegerField(default=0)),
                        ("active", models.BooleanField(default=True)),
                        ("extra_data", models.JSONField(blank=True, default=dict)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["slug"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("name", "major_version", "minor_version", "patch_version"),
                                name="one_org_template_a_name_and_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, help_text="What it is for, as its owner says.", max_length=50
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("expires_on", models.DateTimeField()),
                        ("revoked_on", models.DateTimeField(blank=True, null=True)),
                        ("last_used_on", models.DateTimeField(blank=True, null=True)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["-created_on"],
                    },
                ),
                migrations.CreateModel(
                    name="Org",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("name", models.CharField(max_length=50, unique=True)),
                        ("slug", models.SlugField(max_length=60, unique=True)),
                        ("about", models.CharField(blank=True, max_length=400)),
                        (
                            "ot",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="orgs",
                                to="accounts.orgtemplate",
                            ),
                        ),
                        (
                            "is_vendor",
                            models.BooleanField(
                                default=False, help_text="Makes devices that other organisations use."
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "users",
                            models.ManyToManyField(
                                related_name="orgs",
                                through="accounts.OrgMembership",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="OrgMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("a0", "Owner"),
                                    ("a1", "Admin"),
                                    ("d1", "Developer"),
                                    ("m1", "Member"),
                                    ("r1", "Operator"),
                                    ("00", "Deregistered"),
                                ],
                                default="m1",
                                max_length=3,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("is_org_admin", models.BooleanField(default=False)),
                        (
                            "permissions",
                            models.JSONField(
                                default=dict,
                                help_text="The role's row of the matrix, with this person's exceptions.",
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["created_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("org", "user"), name="one_membership_a_person_and_org"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="accounts.org",
                            ),
                        ),
                        ("email", models.EmailField(max_length=254)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("a0", "Owner"),
                                    ("a1", "Admin"),
                                    ("d1", "Developer"),
                                    ("m1", "Member"),
                                    ("r1", "Operator"),
                                    ("00", "Deregistered"),
                                ],
                                default="m1",
                                max_length=3,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("sent_on", models.DateTimeField()),
                        (
                            "sent_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("expires_on", models.DateTimeField()),
                        ("accepted_on", models.DateTimeField(blank=True, null=True)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["-sent_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("org"),
                                django.db.models.functions.text.Lower("email"),
                                name="one_invitation_an_org_and_address",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrgDomain",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="domains",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(help_text="Lower case, without @.", max_length=253, unique=True),
                        ),
                        ("verified", models.BooleanField(default=False, help_text="Set by staff.")),
                        (
                            "default_role",
                            models.CharField(
                                choices=[
                                    ("a0", "Owner"),
                                    ("a1", "Admin"),
                                    ("d1", "Developer"),
                                    ("m1", "Member"),
                                    ("r1", "Operator"),
                                    ("00", "Deregistered"),
                                ],
                                default="m1",
                                max_length=3,
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="OrgApiKey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="api_keys",
                                to="accounts.org",
                            ),
                        ),
                        ("name", models.CharField(max_length=50)),
                        ("prefix", models.CharField(max_length=8, unique=True)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("catalogue", "Read the catalogue"),
                                        ("production", "Read devices in production"),
                                        ("production-keys", "Read the keys of devices in production"),
                                        ("virtual-devices", "Make virtual devices"),
                                        ("upload", "Bring reports of the organisation's devices"),
                                    ],
                                    max_length=20,
                                ),
                                default=list,
                                size=None,
                            ),
                        ),
                        ("expires_on", models.DateTimeField(blank=True, null=True)),
                        ("revoked_on", models.DateTimeField(blank=True, null=True)),
                        ("last_used_on", models.DateTimeField(blank=True, null=True)),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_on"],
                    },
                ),
            ]
        )
    ]
