"""Creating models together, what runs in the stream-data database, and which replacements a
database has half of."""

from typing import Any

import pytest
from django.db import connections, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from server.core.databases import STREAMDATA
from server.core.migrating import CreateModels, StreamDataExecutor, half_applied

TABLES = {"core_hen", "core_egg"}


def hen_and_egg() -> Migration:
    """Two models that refer to each other."""

    class HenAndEgg(Migration):
        operations = [CreateModels([model("Hen", hatched_from="core.Egg"), model("Egg", laid_by="core.Hen")])]

    return HenAndEgg("hen_and_egg", "core")


def model(name: str, **keys: str) -> CreateModel:
    fields: list[tuple[str, models.Field[Any, Any]]] = [("id", models.BigAutoField(primary_key=True))]
    fields += [
        (key, models.ForeignKey(to, models.CASCADE, null=True, related_name="+")) for key, to in keys.items()
    ]
    return CreateModel(name, fields)


def tables(database: str) -> set[str]:
    return TABLES & set(connections[database].introspection.table_names())


def run(migration: Migration, database: str, *, backwards: bool = False) -> None:
    with connections[database].schema_editor() as editor:
        (migration.unapply if backwards else migration.apply)(ProjectState(), editor)


def apply_in_stream_data(operation: Operation) -> None:
    class Hen(Migration):
        operations = [operation]

    StreamDataExecutor(connections[STREAMDATA]).apply_migration(ProjectState(), Hen("hen", "core"))


def database_with(*applied: str, still_there: tuple[str, ...] = ()) -> MigrationLoader:
    """Where core.tables replaces `first` and `second`."""

    class Tables(Migration):
        replaces = [("core", "first"), ("core", "second")]

    loader = MigrationLoader(None, load=False)
    loader.replacements = {("core", "tables"): Tables("tables", "core")}
    loader.applied_migrations = {("core", name): Migration(name, "core") for name in applied}
    loader.disk_migrations = {("core", name): Migration(name, "core") for name in still_there}
    return loader


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
def test_models_that_refer_to_each_other_are_created_together() -> None:
    run(hen_and_egg(), "default")

    assert tables("default") == TABLES


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
def test_models_that_were_created_together_are_deleted_together() -> None:
    run(hen_and_egg(), "default")

    run(hen_and_egg(), "default", backwards=True)

    assert tables("default") == set()


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
def test_no_model_is_created_in_the_stream_data_database() -> None:
    run(hen_and_egg(), STREAMDATA)

    assert tables(STREAMDATA) == set()


@pytest.mark.parametrize("applied", [(), ("first", "second")])
def test_a_replacement_is_whole_where_none_or_all_of_what_it_replaces_was_applied(
    applied: tuple[str, ...],
) -> None:
    assert half_applied(database_with(*applied)) == []


def test_a_replacement_is_half_applied_where_a_part_of_what_it_replaces_was() -> None:
    assert half_applied(database_with("first")) == ["core.tables"]


def test_what_can_still_be_migrated_is_not_called_half_applied() -> None:
    assert half_applied(database_with("first", still_there=("first", "second"))) == []


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_is_for_the_stream_data_database_runs_there(wrapped: bool) -> None:
    create = RunSQL("CREATE TABLE core_hen ()", hints={"database": STREAMDATA})

    apply_in_stream_data(SeparateDatabaseAndState([create]) if wrapped else create)

    assert tables(STREAMDATA) == {"core_hen"}


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
def test_what_is_for_the_core_database_is_only_recorded_in_the_other() -> None:
    apply_in_stream_data(RunSQL("CREATE TABLE core_hen ()"))

    assert tables(STREAMDATA) == set()
    assert ("core", "hen") in MigrationRecorder(connections[STREAMDATA]).applied_migrations()
