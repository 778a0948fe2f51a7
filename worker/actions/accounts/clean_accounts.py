from django.utils import timezone

from server.apps.accounts import jobs
from server.apps.accounts.services.cleaning import clean_accounts
from server.apps.activity.services.cleaning import clean_activity
from server.apps.files.services import clean_files
from server.core.mail.limits import clean_caused_mails
from worker.action import Action


class CleanAccounts(Action[jobs.CleanAccounts]):
    """Delete ended tokens and sessions, old invitations, finished operations, old changes and
    uploads that never came."""

    max_seconds = 600

    def execute(self, job: jobs.CleanAccounts) -> None:
        now = timezone.now()
        clean_accounts(now=now)
        clean_activity(now=now)
        clean_files(now=now)
        clean_caused_mails(now=now)
