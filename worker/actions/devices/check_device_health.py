import structlog
from django.utils import timezone

from server.apps.devices import jobs
from server.apps.devices.services.health_checks import check_device_health
from worker.action import Action

logger = structlog.get_logger(__name__)


class CheckDeviceHealth(Action[jobs.CheckDeviceHealth]):
    """Mail people which devices fell silent, and which report again."""

    max_seconds = 300

    def execute(self, job: jobs.CheckDeviceHealth) -> None:
        changed = check_device_health(now=timezone.now())
        if changed:
            logger.info("device_health_changed", devices=changed)
