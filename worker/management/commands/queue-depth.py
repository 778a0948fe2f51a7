"""`./inv manage queue-depth`: how many jobs wait, run, are dead or still in the outbox, and whether
the queue is paused."""

from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue import current_queue
from server.core.queue.models import OutboxMessage
from server.core.queue.watching.pausing import paused


class Command(BaseCommand):
    help = "Show how long the queue is."

    def handle(self, *args: Any, **options: Any) -> None:
        depth, pause = current_queue().depth(), paused()
        oldest = "" if depth.oldest_waiting_s is None else f", the oldest for {depth.oldest_waiting_s:.0f} s"
        self.stdout.write(f"waiting       {depth.waiting}{oldest}")
        self.stdout.write(f"in flight     {depth.in_flight}")
        self.stdout.write(f"dead letters  {depth.dead}")
        self.stdout.write(f"outbox        {OutboxMessage.objects.filter(sent_on=None).count()}")
        if pause is not None:
            self.stdout.write(
                f"PAUSED by {pause.paused_by} on {pause.paused_on:%Y-%m-%d %H:%M} UTC: {pause.reason}"
            )
