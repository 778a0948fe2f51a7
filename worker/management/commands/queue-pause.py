"""`./inv manage "queue-pause --reason maintenance"`: no worker takes another job until `queue-resume`."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue.watching.pausing import pause


class Command(BaseCommand):
    help = "Let no worker take another job; what is in hand is finished, and everybody may still post."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="for whoever wonders why nothing happens")
        parser.add_argument("--by", default="", help="whoever you are (your name on this machine)")

    def handle(self, *args: Any, **options: Any) -> None:
        pause(options["by"] or getpass.getuser(), options["reason"])
        self.stdout.write("Paused. Jobs that run are finished; ./inv manage queue-resume goes on.")
