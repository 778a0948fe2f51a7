import structlog
from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.checking import check_stream_data
from worker.action import Action

logger = structlog.get_logger(__name__)


class CheckStreamData(Action[jobs.CheckStreamData]):
    """Find stored data that cannot be true."""

    max_seconds = 300

    def execute(self, job: jobs.CheckStreamData) -> None:
        for anomaly in check_stream_data(now=timezone.now()):
            logger.warning("stream_data_anomaly", target=anomaly.target, what=anomaly.text)
