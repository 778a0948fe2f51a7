"""`python -m server.manage prepare`: brings databases, static files and the owner's account to what
this version needs.

Prints a line for each step that was needed, and a new owner's sign-in once, there or to a file.
Quick when nothing is needed.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import first_account
from server.apps.accounts.services.accounts import create_account, create_org
from server.apps.streams.services.partitions import make_partitions
from server.core.databases import STREAMDATA
from server.core.errors import FieldlineError
from server.core.migrating import StreamDataExecutor, half_applied

FIRST_ORG: Final = "My organisation"

_DATABASES: Final = {"default": "core database", STREAMDATA: "stream-data database"}
_NOT_SERVED: Final = ("django_htmx", "redoc", "rest_framework")  # of our dependencies; no page uses them
_PASSWORD_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_PASSWORD_GROUPS: Final = 4  # of five letters: 99 bits


class Command(BaseCommand):
    help = "Migrate both databases, create partitions, collect static files and create the owner's account, where needed."
    requires_system_checks = ()  # they would load every page and URL, which takes longer than all the rest

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign-in-to", type=Path, help="write a new owner's sign-in to this file, not to the terminal"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        executors = {name: _executor_of(database) for database, name in _DATABASES.items()}
        _refuse_before_0_1(executors[_DATABASES["default"]].loader)
        for name, executor in executors.items():
            _refuse_half_migrated(name, executor.loader)
        for name, executor in executors.items():
            self._migrate(executor, name)
        self._make_partitions()
        self._collect_static_files()
        self._make_owner(options["sign_in_to"])

    def _migrate(self, executor: MigrationExecutor, name: str) -> None:
        database = executor.connection.alias
        targets = executor.loader.graph.leaf_nodes()
        plan = executor.migration_plan(targets)
        if not plan:
            executor.check_replacements()  # which an earlier version has under their former names only
            return
        self._print(f"Migrating the {name}.")
        # Stopped in the middle, a first start would otherwise leave a database that the next one
        # refuses.
        with transaction.atomic(using=database) if _can_be_undone(plan) else nullcontext():
            if database == STREAMDATA:
                executor.migrate(targets, plan)
            else:
                call_command("migrate", database=database, verbosity=0, interactive=False)

    def _make_partitions(self) -> None:
        made = make_partitions(now=timezone.now())
        if made:
            self._print(f"Created {len(made)} monthly partitions.")

    def _collect_static_files(self) -> None:
        """Only when something changed: collecting takes seconds."""
        marker = settings.STATIC_ROOT.with_name(f"{settings.STATIC_ROOT.name}.collected")
        state = _state_of_static_files()
        if settings.STATIC_ROOT.is_dir() and marker.is_file() and marker.read_text() == state:
            return
        self._print("Collecting static files.")
        # Without `clear` a changed file whose time stamp is not newer, as after a downgrade, would
        # be passed over.
        options = {"interactive": False, "clear": True, "ignore_patterns": [*_NOT_SERVED]}
        call_command("collectstatic", verbosity=0, **options)
        marker.write_text(state)

    def _make_owner(self, file: Path | None) -> None:
        if first_account() is not None:
            return
        email, password = settings.OWNER_EMAIL, _new_password()
        try:
            with transaction.atomic():
                text = _sign_in_text(_create_owner(email, password), password)
                if file is not None:  # before the commit: without the file nobody would know the password
                    _write_private(file, text)
        except FieldlineError as error:
            raise CommandError(
                f"The owner's account for {email} cannot be created: {error.message}"
            ) from error
        if file is None:
            self._print(text)

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _executor_of(database: str) -> MigrationExecutor:
    kind = StreamDataExecutor if database == STREAMDATA else MigrationExecutor
    return kind(connections[database])


def _refuse_before_0_1(loader: MigrationLoader) -> None:
    """Their changes, operations and files are in tables of `accounts`, and nothing migrates them:
    there was no release."""
    applied = loader.applied_migrations
    if ("accounts", "0001_tables") in applied and ("activity", "0001_tables") not in applied:
        raise CommandError(
            "The core database was made by a version before 0.1.0, which this one does not open: keep that version for it,"
            " or begin with an empty database."
        )


def _refuse_half_migrated(name: str, loader: MigrationLoader) -> None:
    if migrations := half_applied(loader):
        raise CommandError(
            f"The {name} was left in the middle of migrations of an earlier version, now replaced by {', '.join(migrations)}:"
            " start that version until it runs and then this one, or begin with an empty database."
        )


def _can_be_undone(plan: Sequence[tuple[Migration, bool]]) -> bool:
    return all(migration.atomic for migration, _ in plan)


def _state_of_static_files() -> str:
    """Returns a digest that changes when a file is added, removed or written to, or the destination
    changes."""
    lines = [str(settings.STATIC_ROOT), *sorted(_static_files())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _static_files() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list(_NOT_SERVED):
            stat = Path(storage.path(name)).stat()
            yield f"{name} {stat.st_size} {stat.st_mtime_ns}"


def _new_password() -> str:
    groups = ("".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(5)) for _ in range(_PASSWORD_GROUPS))
    return "-".join(groups)


def _create_owner(email: str, password: str) -> Account:
    """With an organisation, since nothing can be done outside of one."""
    owner = create_account(email=email, password=password, is_staff=True)
    create_org(name=FIRST_ORG, by=owner)
    return owner


def _sign_in_text(owner: Account, password: str) -> str:
    rule = "=" * 64
    return "\n".join(
        [
            rule,
            "  Sign in with",
            f"    e-mail    {owner.email}",
            f"    password  {password}",
            "  This is shown once. Change it after signing in, or later with",
            f'    ./inv manage "changepassword {owner.username}"',
            rule,
        ]
    )


def _write_private(file: Path, text: str) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
