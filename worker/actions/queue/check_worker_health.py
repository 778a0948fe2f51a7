import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server.apps.accounts.selectors.addresses import addresses_of_staff
from server.core.mail.sending import mail
from server.core.metrics import WORKER_INCIDENTS
from server.core.queue import jobs
from server.core.queue.watching.checking import check_worker
from worker.action import Action

log = structlog.get_logger(__name__)


class CheckWorkerHealth(Action[jobs.CheckWorkerHealth]):
    """Look for new dead letters and for jobs that wait too long; mail staff once for each
    incident."""

    max_seconds = 60

    @transaction.atomic
    def execute(self, job: jobs.CheckWorkerHealth) -> None:
        found = check_worker(now=timezone.now(), longest_wait_minutes=settings.LONGEST_WAIT_MINUTES)
        for finding in found:
            WORKER_INCIDENTS.labels(finding.name).inc()
            log.error("worker is not well", about=finding.about, since=finding.bad_since.isoformat())
        if new := [finding for finding in found if finding.is_new]:
            about = "\n".join(finding.about for finding in new)
            mail(to=addresses_of_staff(), template="worker/not_well", context={"about": about})
