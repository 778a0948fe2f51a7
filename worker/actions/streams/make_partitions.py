from django.utils import timezone

from server.apps.streams import jobs, services
from worker.action import Action


class MakePartitions(Action[jobs.MakePartitions]):
    """Partitions for the months to come, before the first reading needs them."""

    def execute(self, job: jobs.MakePartitions) -> None:
        services.make_partitions(now=timezone.now())
