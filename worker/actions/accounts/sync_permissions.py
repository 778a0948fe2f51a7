from server.apps.accounts import jobs
from server.apps.accounts.services.permissions import sync_permissions
from worker.action import Action


class SyncPermissions(Action[jobs.SyncPermissions]):
    """Give memberships the permissions that are newer than they are."""

    max_seconds = 600

    def execute(self, job: jobs.SyncPermissions) -> None:
        sync_permissions(org=job.org)
