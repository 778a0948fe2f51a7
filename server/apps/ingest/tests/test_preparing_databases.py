"""`manage.py prepare` on databases that are empty, or of an earlier version. All it creates is
rolled back in the end."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from pytest_django.fixtures import Settings

from server.apps.accounts.models import OrgTemplate
from server.apps.devices.models import ConfigName, DeviceSlot, ProjectTemplate, SensorGraph
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    VariableTemplate,
    VarType,
    VarTypeDecoder,
    VarTypeInputUnit,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.core.databases import STREAMDATA

DATABASES = ("default", STREAMDATA)
BUILT_IN: tuple[type[Model], ...] = (
    *(ContentType, Permission, OrgTemplate, ProjectTemplate, SensorGraph, ConfigName, DeviceSlot),
    *(VarType, VarTypeInputUnit, VarTypeOutputUnit, VarTypeDecoder, VarTypeSchema),
    *(VariableTemplate, DisplayWidgetTemplate),
)

# The partitions apart, which `prepare` makes after it has migrated.
_TABLES = "(SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND NOT relispartition)"
CATALOGUES = (
    f"SELECT relname, relkind, reloptions FROM pg_class WHERE oid IN {_TABLES}",
    f"""
    SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attidentity, pg_get_expr(adbin, adrelid)
    FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum) WHERE attnum > 0 AND attrelid IN {_TABLES}
    """,
    f"SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN {_TABLES}",
    f"SELECT indrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN {_TABLES}",
    "SELECT sequencename, data_type, min_value, max_value FROM pg_sequences WHERE schemaname = 'public'",
)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(databases=DATABASES),
    pytest.mark.usefixtures("no_static_files"),
]


@pytest.fixture
def no_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = []
    settings.STATIC_ROOT = tmp_path / "static"


@pytest.fixture
def made_by_migrate() -> dict[str, set[tuple[str, ...]]]:
    return schemas()


@pytest.fixture
def built_in_counts() -> dict[type[Model], int]:
    return count_built_in()


@pytest.fixture
def empty_databases() -> Iterator[None]:
    for database in DATABASES:
        with connections[database].cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    ContentType.objects.clear_cache()
    yield
    ContentType.objects.clear_cache()


def prepare() -> str:
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def schemas() -> dict[str, set[tuple[str, ...]]]:
    """All that PostgreSQL knows of the tables, but for the order of columns."""
    return {database: _schema(database) for database in DATABASES}


def _schema(database: str) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    with connections[database].cursor() as cursor:
        for catalogue in CATALOGUES:
            cursor.execute(catalogue)
            found |= {tuple(map(str, row)) for row in cursor.fetchall()}
    return found


def count_built_in() -> dict[type[Model], int]:
    return {model: model._default_manager.count() for model in BUILT_IN}


def to_migrate(database: str) -> list[str]:
    executor = MigrationExecutor(connections[database])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def forget(database: str, app: str, name: str) -> None:
    MigrationRecorder(connections[database]).record_unapplied(app, name)


def test_empty_databases_get_the_tables_that_migrate_makes(
    made_by_migrate: dict[str, set[tuple[str, ...]]], empty_databases: None
) -> None:
    prepare()

    assert schemas() == made_by_migrate


def test_empty_databases_get_the_built_in_rows(
    built_in_counts: dict[type[Model], int], empty_databases: None
) -> None:
    prepare()

    assert count_built_in() == built_in_counts
    assert all(built_in_counts.values())


def test_nothing_is_left_to_migrate_in_databases_that_were_empty(empty_databases: None) -> None:
    prepare()

    assert [to_migrate(database) for database in DATABASES] == [[], []]


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_that_has_all_that_was_replaced_is_up_to_date(database: str) -> None:
    forget(database, "devices", "0001_tables")

    output = prepare()

    assert "Migrating" not in output
    assert ("devices", "0001_tables") in MigrationRecorder(connections[database]).applied_migrations()


@pytest.mark.parametrize(("database", "name"), [("default", "core"), (STREAMDATA, "stream-data")])
def test_a_database_in_the_middle_of_what_was_replaced_is_refused(database: str, name: str) -> None:
    forget(database, "devices", "0006_health_changed_on")

    with pytest.raises(
        CommandError, match=rf"The {name} database was left in the middle .* devices\.0001_tables"
    ):
        prepare()


def test_a_database_of_before_the_first_release_is_refused() -> None:
    forget("default", "activity", "0001_tables")

    with pytest.raises(CommandError, match=r"made by a version before 0\.1\.0"):
        prepare()
