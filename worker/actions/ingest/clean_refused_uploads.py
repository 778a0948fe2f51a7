from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.cleaning import clean_refused_uploads
from worker.action import Action


class CleanRefusedUploads(Action[jobs.CleanRefusedUploads]):
    """Delete refused uploads that are old, or too many."""

    max_seconds = 600

    def execute(self, job: jobs.CleanRefusedUploads) -> None:
        clean_refused_uploads(now=timezone.now())
