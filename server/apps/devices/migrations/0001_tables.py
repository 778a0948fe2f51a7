import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("devices", "0001_initial"),
        ("devices", "0003_the_whole_domain"),
        ("devices", "0006_health_changed_on"),
    ]
    dependencies = [("accounts", "0001_tables"), ("files", "0001_tables")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="PropertyTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="property_templates",
                                to="accounts.org",
                            ),
                        ),
                        ("name", models.CharField(max_length=48)),
                        (
                            "type",
                            models.CharField(
                                choices=[("int", "Whole number"), ("str", "Text"), ("bool", "Yes or no")],
                                default="str",
                                max_length=4,
                            ),
                        ),
                        ("default", models.CharField(blank=True, max_length=256)),
                        ("extra", models.JSONField(blank=True, default=dict)),
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
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("org", "name"), name="one_property_template_an_org_and_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Property",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        ("target", models.CharField(max_length=24)),
                        ("name", models.CharField(max_length=40)),
                        (
                            "type",
                            models.CharField(
                                choices=[("int", "Whole number"), ("str", "Text"), ("bool", "Yes or no")],
                                default="str",
                                max_length=4,
                            ),
                        ),
                        ("text", models.CharField(blank=True, max_length=256)),
                        ("is_system", models.BooleanField(default=False)),
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
                        "ordering": ["target", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("target", "name"), name="one_property_a_target_and_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConfigName",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=64, unique=True)),
                        ("description", models.TextField(blank=True)),
                        ("tags", models.JSONField(blank=True, default=list)),
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
                        "ordering": ["name"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name__regex", "^:\\S+$")),
                                name="config_name_begins_with_a_colon",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceLocation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        ("target", models.CharField(max_length=24)),
                        ("timestamp", models.DateTimeField()),
                        ("lat", models.DecimalField(decimal_places=6, max_digits=9)),
                        ("lon", models.DecimalField(decimal_places=6, max_digits=9)),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["target", "timestamp", "id"],
                        "indexes": [
                            models.Index(fields=["target", "timestamp"], name="location_by_target_and_time")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProjectTemplate",
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
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: built in.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="project_templates",
                                to="accounts.org",
                            ),
                        ),
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
                                name="one_project_template_a_name_and_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Component",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("external_sku", models.CharField(max_length=40)),
                        ("internal_sku", models.CharField(blank=True, max_length=40)),
                        ("slug", models.SlugField(max_length=80, unique=True)),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("BTC", "Controller"),
                                    ("SEN", "Sensor"),
                                    ("COM", "Communication"),
                                    ("IOT", "IoT device"),
                                ],
                                default="BTC",
                                max_length=3,
                            ),
                        ),
                        ("major_version", models.PositiveSmallIntegerField(default=0)),
                        ("minor_version", models.PositiveSmallIntegerField(default=0)),
                        ("patch_version", models.PositiveSmallIntegerField(default=0)),
                        ("hw_tag", models.CharField(blank=True, max_length=20)),
                        ("hw_name", models.CharField(blank=True, max_length=60)),
                        ("description", models.TextField(blank=True)),
                        ("active", models.BooleanField(default=True)),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: built in.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="components",
                                to="accounts.org",
                            ),
                        ),
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
                                fields=("external_sku", "major_version", "minor_version", "patch_version"),
                                name="one_component_a_sku_and_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceTemplate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("external_sku", models.CharField(max_length=40)),
                        ("internal_sku", models.CharField(blank=True, max_length=40)),
                        ("family", models.CharField(blank=True, max_length=40)),
                        ("slug", models.SlugField(max_length=80, unique=True)),
                        ("major_version", models.PositiveSmallIntegerField(default=0)),
                        ("minor_version", models.PositiveSmallIntegerField(default=0)),
                        ("patch_version", models.PositiveSmallIntegerField(default=0)),
                        ("os_tag", models.PositiveIntegerField(default=0)),
                        ("os_major_version", models.PositiveSmallIntegerField(default=0)),
                        ("os_minor_version", models.PositiveSmallIntegerField(default=0)),
                        ("hw_tag", models.CharField(blank=True, max_length=20)),
                        ("hw_major_version", models.PositiveSmallIntegerField(default=0)),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: built in.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="device_templates",
                                to="accounts.org",
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        ("description", models.TextField(blank=True)),
                        ("released_on", models.DateTimeField(blank=True, null=True)),
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
                        (
                            "components",
                            models.ManyToManyField(
                                related_name="device_templates",
                                through="devices.DeviceSlot",
                                to="devices.component",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["slug"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("external_sku", "major_version", "minor_version", "patch_version"),
                                name="one_device_template_a_sku_and_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PropertyEnum",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="enums",
                                to="devices.propertytemplate",
                            ),
                        ),
                        ("value", models.CharField(max_length=64)),
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
                        "ordering": ["value"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("template", "value"), name="one_enum_a_template_and_value"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConfigAttribute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: an account's own.",
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        ("target", models.CharField(max_length=64)),
                        (
                            "name",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attributes",
                                to="devices.configname",
                            ),
                        ),
                        ("data", models.JSONField(blank=True, default=dict)),
                        ("updated_on", models.DateTimeField(auto_now=True)),
                        (
                            "updated_by",
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
                        "ordering": ["target", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("target", "name"), name="one_config_attribute_a_target_and_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Project",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "gid",
                            models.BigIntegerField(
                                help_text="From the database sequence devices_project_gid.", unique=True
                            ),
                        ),
                        ("slug", models.CharField(max_length=20, unique=True)),
                        ("name", models.CharField(max_length=50)),
                        ("about", models.CharField(blank=True, max_length=400)),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="projects",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "is_template",
                            models.BooleanField(
                                default=False,
                                help_text="The hidden master of its project template: new projects copy its variables.",
                            ),
                        ),
                        (
                            "project_template",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="projects",
                                to="devices.projecttemplate",
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
                        "ordering": ["org__name", "name", "gid"],
                    },
                ),
                migrations.CreateModel(
                    name="SensorGraph",
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
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                help_text="Null: built in.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sensor_graphs",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "project_template",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="sensor_graphs",
                                to="devices.projecttemplate",
                            ),
                        ),
                        (
                            "sgf",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="files.storedfile",
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        ("report_processing_engine_ver", models.PositiveSmallIntegerField(default=2)),
                        ("app_tag", models.PositiveIntegerField(default=0)),
                        ("app_major_version", models.PositiveSmallIntegerField(default=0)),
                        ("app_minor_version", models.PositiveSmallIntegerField(default=0)),
                        ("ui_extra", models.JSONField(blank=True, default=dict)),
                        ("description", models.TextField(blank=True)),
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
                        (
                            "org_properties",
                            models.ManyToManyField(
                                blank=True, related_name="sensor_graphs", to="devices.propertytemplate"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["slug"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("name", "major_version", "minor_version", "patch_version"),
                                name="one_sensor_graph_a_name_and_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceSlot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="slots",
                                to="devices.devicetemplate",
                            ),
                        ),
                        (
                            "component",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slots",
                                to="devices.component",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                    ],
                    options={
                        "ordering": ["template", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("template", "number"), name="one_component_a_template_and_slot"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Device",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("slug", models.CharField(max_length=24, unique=True)),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="devices",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="devices",
                                to="devices.project",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="devices",
                                to="devices.devicetemplate",
                            ),
                        ),
                        (
                            "sg",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="devices",
                                to="devices.sensorgraph",
                            ),
                        ),
                        ("external_id", models.CharField(blank=True, max_length=24)),
                        ("label", models.CharField(blank=True, max_length=100)),
                        ("lat", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                        ("lon", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("N0", "Normal - Inactive"),
                                    ("N1", "Normal - Active"),
                                    ("B0", "Busy - Resetting"),
                                    ("B1", "Busy - Archiving"),
                                ],
                                default="N1",
                                max_length=2,
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        (
                            "claimed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("claimed_on", models.DateTimeField(blank=True, null=True)),
                        (
                            "last_report_on",
                            models.DateTimeField(
                                blank=True,
                                help_text="When an upload was accepted, by our clock: a device's clock may be wrong.",
                                null=True,
                            ),
                        ),
                        (
                            "expected_every_seconds",
                            models.PositiveIntegerField(
                                default=7200, help_text="Silent when nothing came for longer than this."
                            ),
                        ),
                        ("health_check_enabled", models.BooleanField(default=False)),
                        (
                            "last_known_state",
                            models.CharField(
                                choices=[
                                    ("UNK", "Unknown"),
                                    ("FAIL", "Fail"),
                                    ("OK", "OK"),
                                    ("DSBL", "Disabled"),
                                ],
                                default="UNK",
                                max_length=4,
                            ),
                        ),
                        (
                            "health_changed_on",
                            models.DateTimeField(
                                blank=True, help_text="Since when last_known_state is what it is.", null=True
                            ),
                        ),
                        (
                            "notification_recipients",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=254),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
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
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id__gte", 0), ("id__lt", 281474976710656)),
                                name="device_number_has_48_bits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("project__isnull", True), ("org__isnull", False), _connector="OR"
                                ),
                                name="device_in_a_project_has_an_org",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceKey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="keys",
                                to="devices.device",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("UPL", "Upload"),
                                    ("RUK", "Report, user key"),
                                    ("RDK", "Report, device key"),
                                    ("CLM", "Claim code"),
                                    ("AJW", "Device token"),
                                    ("USR", "User"),
                                    ("SSH", "SSH"),
                                    ("XAK", "X-API-KEY"),
                                    ("MQT", "MQTT password"),
                                ],
                                max_length=3,
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(
                                blank=True, help_text="SHA-256 of an upload key, in hex.", max_length=64
                            ),
                        ),
                        (
                            "sealed",
                            models.BinaryField(blank=True, help_text="A report root key, sealed (Fernet)."),
                        ),
                        (
                            "downloadable",
                            models.BooleanField(
                                default=False, help_text="Given out to those who may read the device's keys."
                            ),
                        ),
                        ("revoked_on", models.DateTimeField(blank=True, null=True)),
                        ("last_used_on", models.DateTimeField(blank=True, null=True)),
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
                        "ordering": ["-created_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_on__isnull", True)),
                                fields=("device", "kind"),
                                name="one_valid_key_a_device_and_kind",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("digest", ""), _negated=True),
                                fields=("digest",),
                                name="upload_key_digest_is_unique",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="devices.device",
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[("os", "Operating system"), ("app", "Application")], max_length=3
                            ),
                        ),
                        ("tag", models.PositiveIntegerField()),
                        ("major_version", models.PositiveSmallIntegerField()),
                        ("minor_version", models.PositiveSmallIntegerField()),
                        ("streamer_local_id", models.BigIntegerField(default=1)),
                        ("updated_ts", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["device", "type", "-updated_ts"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "device",
                                    "type",
                                    "tag",
                                    "major_version",
                                    "minor_version",
                                    "streamer_local_id",
                                ),
                                name="one_row_a_version_and_reading",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
