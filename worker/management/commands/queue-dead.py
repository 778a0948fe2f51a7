"""`./inv manage queue-dead`: list dead letters, the newest first. The first word of each is its
handle for `queue-redrive`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue import current_queue

SHORT = 160


class Command(BaseCommand):
    help = "List dead letters, or delete some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=20, metavar="N", help="how many to list (20)")
        parser.add_argument("--full", action="store_true", help="with their bodies and whole reasons")
        parser.add_argument("--delete", nargs="+", metavar="LETTER", default=(), help="delete these for good")

    def handle(self, *args: Any, **options: Any) -> None:
        queue = current_queue()
        if options["delete"]:
            self.stdout.write(f"Deleted {queue.delete_dead(options['delete'])}.")
            return
        dead_letters = queue.dead_letters(most=options["most"])
        for dead_letter in dead_letters:
            reason = dead_letter.reason if options["full"] else _last_line(dead_letter.reason)
            action = dead_letter.action or "unreadable"
            self.stdout.write(
                f"{dead_letter.handle}  {dead_letter.died_on:%Y-%m-%d %H:%M:%S}  {action}  attempts {dead_letter.attempts}  {reason}"
            )
            if options["full"]:
                self.stdout.write(dead_letter.body)
        if not dead_letters:
            self.stdout.write("No dead letters.")


def _last_line(reason: str) -> str:
    """Returns the line of a traceback that names the error."""
    lines = [line for line in reason.splitlines() if line.strip()]
    return lines[-1].strip()[:SHORT] if lines else ""
