"""`python -m server.manage reseal`: after a change of SEAL_KEY (docs/operations/secrets.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from server.apps.devices.services.resealing import reseal_all


class Command(BaseCommand):
    help = "Seal every sealed secret with the present SEAL_KEY, so that the former keys are no longer needed."

    def handle(self, *args: Any, **options: Any) -> None:
        done, failed = reseal_all()
        self.stdout.write(f"{done} rows are sealed with the present SEAL_KEY.")
        if failed:
            raise CommandError(
                f"{failed} rows could not be opened: add the key that sealed them to SEAL_KEY_FALLBACKS."
            )
