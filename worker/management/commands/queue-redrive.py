"""`./inv manage "queue-redrive 17 18"`: send dead letters back to the queue. `--all` sends all of
them, `--action` those of one Action."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from server.core.queue import current_queue

AT_MOST = 10_000


class Command(BaseCommand):
    help = "Send dead letters back to the queue, with their counts at zero. Fix the cause first: queue-dead shows it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("letters", nargs="*", metavar="LETTER", help="from queue-dead")
        parser.add_argument("--all", action="store_true", help=f"all of them, {AT_MOST} at most")
        parser.add_argument("--action", default="", metavar="NAME", help="all jobs of this Action")

    def handle(self, *args: Any, **options: Any) -> None:
        queue = current_queue()
        handles: list[str] = options["letters"]
        if options["all"] or options["action"]:
            letters = queue.dead_letters(most=AT_MOST)
            handles = [each.handle for each in letters if options["action"] in ("", each.action)]
        elif not handles:
            raise CommandError("Name dead letters as queue-dead lists them, or use --all or --action NAME.")
        self.stdout.write(f"Sent back {queue.redrive(handles)} of {len(handles)}.")
