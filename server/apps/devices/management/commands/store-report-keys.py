"""`python -m server.manage store-report-keys < keys.csv`: root keys of many devices' reports."""

import sys
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from server.apps.devices.models import DeviceKey
from server.apps.devices.selectors.production import known_device
from server.apps.devices.services.keys import parse_root_key, set_report_key
from server.core.errors import FieldlineError, Invalid
from server.core.rest.tables import Row, read_rows

_KINDS: Final = {"user": DeviceKey.Kind.REPORT_USER, "device": DeviceKey.Kind.REPORT_DEVICE}


class Command(BaseCommand):
    help = (
        "Store root keys from CSV on the standard input, where no list of processes shows them: the columns "
        "slug and root_key (64 hex digits), and kind: user, which is the default, or device. All or none."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = read_rows(
                sys.stdin.buffer.read(), columns=("slug", "kind", "root_key"), needed=("slug", "root_key")
            )
        except FieldlineError as error:
            raise CommandError(error.message) from error
        with transaction.atomic():
            for number, row in enumerate(rows, start=1):
                _store(number, row)
        self.stdout.write(f"{len(rows)} report keys are stored.")


def _store(number: int, row: Row) -> None:
    """Raises CommandError with the number of the row, never with a key."""
    try:
        device, kind = known_device(row["slug"]), _KINDS.get(row.get("kind") or "user")
        if device is None or kind is None:
            raise Invalid("There is no such device." if device is None else "A kind is user or device.")
        set_report_key(device=device, kind=kind, root_key=parse_root_key(row["root_key"]), by=None)
    except FieldlineError as error:
        raise CommandError(f"Row {number}: {error.message} Nothing is stored.") from error
