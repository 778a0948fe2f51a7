from django.utils import timezone

from server.apps.streams import jobs
from server.apps.streams.services.partitions import make_partitions
from worker.action import Action


class MakePartitions(Action[jobs.MakePartitions]):
    """Partitions for the months to come, before the first reading needs them."""

    def execute(self, job: jobs.MakePartitions) -> None:
        make_partitions(now=timezone.now())
