"""Migrating without building unneeded model classes: that, not SQL, is most of the cost of a
migration."""

from collections.abc import Sequence

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Creates several models at once; they may refer to each other in a circle.

    With one operation per model, Django would rebuild the classes of nearly all models for each of
    them.
    """

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # the cached model classes; Django rebuilds them on demand
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self._models_of(schema_editor, app_label):
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(self._models_of(schema_editor, app_label)):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(model.name for model in self.models)}"

    def _models_of(self, schema_editor: BaseDatabaseSchemaEditor, app_label: str) -> list[CreateModel]:
        """Returns the models whose tables are in this database, without building their classes."""
        alias = schema_editor.connection.alias
        return [
            model
            for model in self.models
            if router.allow_migrate(alias, app_label, model_name=model.name_lower)
        ]


class StreamDataExecutor(MigrationExecutor):
    """Runs the operations of a migration that belong to the stream-data database. Most migrations
    have none and are only recorded.

    Django's `migrate` has the same outcome, but builds model classes for every migration. Without
    them, a migration of this database can contain SQL only.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        nothing = not _has_operations_in(self.connection.alias, migration)
        return super().apply_migration(state, migration, fake=fake or nothing, fake_initial=fake_initial)


def half_applied(loader: MigrationLoader) -> list[str]:
    """Returns the squashed migrations of which a database has applied some of the replaced ones,
    while the missing ones no longer exist.

    Django leaves such a migration out of its plan, and still runs those that depend on it.
    """
    return sorted(
        ".".join(key) for key, migration in loader.replacements.items() if _is_half_applied(migration, loader)
    )


def _is_half_applied(migration: Migration, loader: MigrationLoader) -> bool:
    missing = [key for key in migration.replaces if key not in loader.applied_migrations]
    gone = [key for key in missing if key not in loader.disk_migrations]
    return bool(gone) and len(missing) < len(migration.replaces)


def _has_operations_in(database: str, migration: Migration) -> bool:
    operations = [each for operation in migration.operations for each in (operation, *_wrapped_in(operation))]
    return any(
        router.allow_migrate(database, migration.app_label, **getattr(operation, "hints", {}))
        for operation in operations
    )


def _wrapped_in(operation: Operation) -> Sequence[Operation]:
    return operation.database_operations if isinstance(operation, SeparateDatabaseAndState) else ()
