import structlog

from server.apps.devices import jobs
from server.apps.devices.services.states import free_stuck_devices
from worker.action import Action

logger = structlog.get_logger(__name__)


class FreeStuckDevices(Action[jobs.FreeStuckDevices]):
    """Make devices idle whose operation has failed for good."""

    max_seconds = 60

    def execute(self, job: jobs.FreeStuckDevices) -> None:
        for slug in free_stuck_devices():
            logger.warning("device_freed", device=slug)
