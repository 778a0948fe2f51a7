import structlog
from django.utils import timezone

from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.checking_rollups import check_rollups
from worker.action import Action

logger = structlog.get_logger(__name__)


class CheckRollups(Action[jobs.CheckRollups]):
    """See whether hourly sums and latest values tell what the readings tell, and mend those that do
    not."""

    max_seconds = 900

    def execute(self, job: jobs.CheckRollups) -> None:
        checked = check_rollups(now=timezone.now())
        told = {"devices": checked.devices, "streams": checked.streams}
        if checked.hours or checked.latest:
            logger.error("rollups_were_wrong", hours=checked.hours, latest=checked.latest, **told)
        else:
            logger.info("rollups_checked", **told)
