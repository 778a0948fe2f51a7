"""Creating models together."""

from typing import Any

import pytest
from django.db import connections, models
from django.db.migrations import Migration
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from server.core.databases import STREAMDATA
from server.core.migrating import CreateModels

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
