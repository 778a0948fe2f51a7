"""`./inv manage queue-resume`: let the workers take jobs again."""

from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue.watching.pausing import resume


class Command(BaseCommand):
    help = "End a pause of the queue."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("The workers take jobs again." if resume() else "The queue was not paused.")
