import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from server.core.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("streams", "0001_initial"), ("streams", "0004_the_whole_domain")]
    dependencies = [
        ("streams", "0001_stream_data_tables"),
        ("accounts", "0001_tables"),
        ("devices", "0001_tables"),
        ("files", "0001_tables"),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="DataBlock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.CharField(max_length=24, unique=True)),
                        ("block", models.PositiveIntegerField(help_text="1 is the first of a device.")),
                        (
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="blocks",
                                to="devices.device",
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="blocks",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "sg",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="devices.sensorgraph",
                            ),
                        ),
                        ("title", models.CharField(max_length=100)),
                        ("description", models.TextField(blank=True)),
                        (
                            "pid",
                            models.UUIDField(
                                blank=True, help_text="The operation that archived it.", null=True
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        ("completed_on", models.DateTimeField(blank=True, null=True)),
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
                        "ordering": ["-created_on", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("device", "block"), name="one_data_block_a_device_and_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DataMask",
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
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "target",
                            models.CharField(
                                help_text="The slug of a device or data block.", max_length=24, unique=True
                            ),
                        ),
                        ("start", models.DateTimeField(blank=True, null=True)),
                        ("end", models.DateTimeField(blank=True, null=True)),
                        ("updated_on", models.DateTimeField(auto_now=True)),
                        (
                            "updated_by",
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
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("start__isnull", False), ("end__isnull", False), _connector="OR"
                                ),
                                name="mask_has_a_start_or_an_end",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VarType",
                    fields=[
                        ("slug", models.SlugField(max_length=40, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=40, unique=True)),
                        ("storage_units_full", models.CharField(blank=True, max_length=20)),
                        ("storage_units_short", models.CharField(blank=True, max_length=10)),
                        (
                            "stream_data_type",
                            models.CharField(
                                choices=[
                                    ("00", "Not set"),
                                    ("D0", "Number"),
                                    ("E0", "Event, uploaded"),
                                    ("E1", "Event, in packets"),
                                    ("E2", "Event with a matching reading"),
                                    ("E3", "Event with a schema"),
                                ],
                                default="D0",
                                max_length=2,
                            ),
                        ),
                        ("is_encoded", models.BooleanField(default=False)),
                        ("has_schema", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["slug"],
                    },
                ),
                migrations.CreateModel(
                    name="StreamAlias",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("slug", models.CharField(max_length=24, unique=True)),
                        ("name", models.CharField(max_length=64)),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="aliases",
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
                    },
                ),
                migrations.CreateModel(
                    name="StreamNote",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "org",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        ("target", models.CharField(max_length=42)),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("sc", "System, critical"),
                                    ("si", "System"),
                                    ("fi", "By a filter"),
                                    ("ui", "By a person"),
                                ],
                                default="ui",
                                max_length=2,
                            ),
                        ),
                        ("timestamp", models.DateTimeField()),
                        ("note", models.TextField()),
                        (
                            "attachment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="files.storedfile",
                            ),
                        ),
                        ("created_on", models.DateTimeField(auto_now_add=True)),
                        (
                            "created_by",
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
                            models.Index(fields=["target", "timestamp"], name="note_by_target_and_time")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VarTypeInputUnit",
                    fields=[
                        ("slug", models.SlugField(max_length=80, primary_key=True, serialize=False)),
                        ("unit_full", models.CharField(max_length=20)),
                        ("unit_short", models.CharField(blank=True, max_length=10)),
                        ("m", models.BigIntegerField(default=1)),
                        ("d", models.BigIntegerField(default=1)),
                        ("o", models.FloatField(default=0.0)),
                        (
                            "var_type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="available_input_units",
                                to="streams.vartype",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["slug"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("d", 0), _negated=True),
                                name="vartypeinputunit_divides_by_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("m", 0), _negated=True),
                                name="vartypeinputunit_can_be_reversed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VarTypeOutputUnit",
                    fields=[
                        ("slug", models.SlugField(max_length=80, primary_key=True, serialize=False)),
                        ("unit_full", models.CharField(max_length=20)),
                        ("unit_short", models.CharField(blank=True, max_length=10)),
                        ("m", models.BigIntegerField(default=1)),
                        ("d", models.BigIntegerField(default=1)),
                        ("o", models.FloatField(default=0.0)),
                        (
                            "var_type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="available_output_units",
                                to="streams.vartype",
                            ),
                        ),
                        ("decimal_places", models.PositiveSmallIntegerField(default=2)),
                        ("derived_units", models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        "ordering": ["slug"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("d", 0), _negated=True),
                                name="vartypeoutputunit_divides_by_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("m", 0), _negated=True),
                                name="vartypeoutputunit_can_be_reversed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VarTypeDecoder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "var_type",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="decoder",
                                to="streams.vartype",
                            ),
                        ),
                        (
                            "raw_packet_format",
                            models.CharField(help_text="As Python's struct has it: <LLLL.", max_length=32),
                        ),
                        (
                            "packet_info",
                            models.JSONField(
                                default=dict, help_text="decoding: bit layouts; transform: map or mdo by key."
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="VarTypeSchema",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "var_type",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="schema",
                                to="streams.vartype",
                            ),
                        ),
                        ("keys", models.JSONField(default=dict)),
                        ("display_order", models.JSONField(default=list)),
                    ],
                ),
                migrations.CreateModel(
                    name="DisplayWidgetTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "sg",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="display_widget_templates",
                                to="devices.sensorgraph",
                            ),
                        ),
                        ("label", models.CharField(max_length=60)),
                        ("lid", models.PositiveIntegerField(help_text="The 16-bit local id.")),
                        (
                            "var_type",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="streams.vartype",
                            ),
                        ),
                        ("derived_unit_type", models.CharField(blank=True, max_length=40)),
                        ("show_in_app", models.BooleanField(default=True)),
                        ("show_in_web", models.BooleanField(default=True)),
                        (
                            "type",
                            models.CharField(
                                choices=[("val", "Value"), ("btn", "Button"), ("sbt", "Switch")],
                                default="val",
                                max_length=3,
                            ),
                        ),
                        ("args", models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        "ordering": ["sg", "lid", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="VariableTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "sg",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="variable_templates",
                                to="devices.sensorgraph",
                            ),
                        ),
                        ("label", models.CharField(max_length=60)),
                        (
                            "lid",
                            models.PositiveIntegerField(help_text="The 16-bit local id: 0x5001 is 20481."),
                        ),
                        ("derived_lid", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "var_type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="streams.vartype",
                            ),
                        ),
                        ("m", models.IntegerField(default=1)),
                        ("d", models.IntegerField(default=1)),
                        ("o", models.FloatField(default=0.0)),
                        (
                            "ctype",
                            models.CharField(
                                choices=[("<L", "unsigned int"), ("<l", "int"), ("auto", "auto")],
                                default="<L",
                                max_length=12,
                            ),
                        ),
                        (
                            "default_input_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeinputunit",
                            ),
                        ),
                        (
                            "default_output_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeoutputunit",
                            ),
                        ),
                        ("app_only", models.BooleanField(default=False)),
                        ("web_only", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["sg", "lid"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("sg", "lid"), name="one_variable_template_a_graph_and_lid"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamVariable",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("slug", models.CharField(max_length=24, unique=True)),
                        (
                            "project",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="variables",
                                to="devices.project",
                            ),
                        ),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        ("lid", models.PositiveIntegerField()),
                        ("name", models.CharField(max_length=60)),
                        ("about", models.CharField(blank=True, max_length=400)),
                        ("units", models.CharField(blank=True, max_length=10)),
                        (
                            "var_type",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="streams.vartype",
                            ),
                        ),
                        (
                            "input_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeinputunit",
                            ),
                        ),
                        (
                            "output_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeoutputunit",
                            ),
                        ),
                        (
                            "derived_variable",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.streamvariable",
                            ),
                        ),
                        ("multiplication_factor", models.IntegerField(default=1)),
                        ("division_factor", models.IntegerField(default=1)),
                        ("offset", models.FloatField(default=0.0)),
                        ("decimal_places", models.PositiveSmallIntegerField(default=2)),
                        ("mdo_label", models.CharField(blank=True, max_length=20)),
                        (
                            "raw_value_format",
                            models.CharField(
                                choices=[("<L", "unsigned int"), ("<l", "int"), ("auto", "auto")],
                                default="<L",
                                max_length=12,
                            ),
                        ),
                        ("app_only", models.BooleanField(default=False)),
                        ("web_only", models.BooleanField(default=False)),
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
                        "ordering": ["project", "lid"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("project", "lid"),
                                name="one_variable_a_project_and_lid",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("lid__lt", 65536)), name="variable_lid_has_16_bits"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("division_factor", 0), _negated=True),
                                name="variable_divides_by_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamId",
                    fields=[
                        ("key", models.AutoField(primary_key=True, serialize=False)),
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("slug", models.CharField(max_length=42, unique=True)),
                        (
                            "org",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.org",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="streams",
                                to="devices.project",
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="streams",
                                to="devices.device",
                            ),
                        ),
                        (
                            "block",
                            models.ForeignKey(
                                blank=True,
                                help_text="The archive it is in.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="streams",
                                to="streams.datablock",
                            ),
                        ),
                        (
                            "variable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="streams",
                                to="streams.streamvariable",
                            ),
                        ),
                        ("var_lid", models.PositiveIntegerField()),
                        ("var_name", models.CharField(blank=True, max_length=60)),
                        (
                            "var_type",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="streams.vartype",
                            ),
                        ),
                        (
                            "input_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeinputunit",
                            ),
                        ),
                        (
                            "output_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.vartypeoutputunit",
                            ),
                        ),
                        (
                            "data_type",
                            models.CharField(
                                choices=[
                                    ("00", "Not set"),
                                    ("D0", "Number"),
                                    ("E0", "Event, uploaded"),
                                    ("E1", "Event, in packets"),
                                    ("E2", "Event with a matching reading"),
                                    ("E3", "Event with a schema"),
                                ],
                                default="D0",
                                max_length=2,
                            ),
                        ),
                        ("data_label", models.CharField(blank=True, max_length=100)),
                        (
                            "derived_stream",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="streams.streamid",
                            ),
                        ),
                        ("multiplication_factor", models.IntegerField(blank=True, null=True)),
                        ("division_factor", models.IntegerField(blank=True, null=True)),
                        ("offset", models.FloatField(blank=True, null=True)),
                        (
                            "mdo_type",
                            models.CharField(
                                choices=[("V", "as the variable"), ("S", "its own")],
                                default="V",
                                max_length=2,
                            ),
                        ),
                        ("mdo_label", models.CharField(blank=True, max_length=20)),
                        (
                            "raw_value_format",
                            models.CharField(
                                choices=[("<L", "unsigned int"), ("<l", "int"), ("auto", "auto")],
                                default="<L",
                                max_length=12,
                            ),
                        ),
                        ("is_encoded", models.BooleanField(default=False)),
                        ("enabled", models.BooleanField(default=True)),
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
                        "ordering": ["device", "var_lid"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("project", "device", "variable", "block"),
                                name="one_stream_a_project_device_variable_and_block",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("division_factor__isnull", True),
                                    models.Q(("division_factor", 0), _negated=True),
                                    _connector="OR",
                                ),
                                name="stream_divides_by_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamAliasTap",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "alias",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="taps",
                                to="streams.streamalias",
                            ),
                        ),
                        ("timestamp", models.DateTimeField()),
                        (
                            "stream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="streams.streamid",
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
                        "ordering": ["alias", "timestamp"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("alias", "timestamp"), name="one_tap_an_alias_and_time"
                            )
                        ],
                    },
                ),
            ]
        )
    ]
