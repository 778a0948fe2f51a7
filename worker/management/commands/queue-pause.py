"""`./inv manage "queue-pause --reason maintenance"`: no worker takes another job until
`queue-resume`."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue.watching.pausing import pause


class Command(BaseCommand):
    help = "Pause the queue: no worker takes another job. Running jobs are finished, and posting still works."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="shown on the worker page and by queue-depth")
        parser.add_argument("--by", default="", help="who pauses it (your user name on this machine)")

    def handle(self, *args: Any, **options: Any) -> None:
        pause(options["by"] or getpass.getuser(), options["reason"])
        self.stdout.write("Paused. Running jobs are finished; ./inv manage queue-resume ends the pause.")
