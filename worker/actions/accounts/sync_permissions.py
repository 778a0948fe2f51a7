from server.apps.accounts import jobs, services
from worker.action import Action


class SyncPermissions(Action[jobs.SyncPermissions]):
    """Give memberships the permissions that came to be after them, as their roles have them."""

    max_seconds = 600

    def execute(self, job: jobs.SyncPermissions) -> None:
        services.sync_permissions(org=job.org)
