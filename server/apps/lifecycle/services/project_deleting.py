"""Delete a project with all its data. Not while a device is in it, nor while an archive needs its
variables."""

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail, mail_creator
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import ReportProgress, start_audited_operation
from server.apps.devices.models import Project
from server.apps.devices.selectors.devices import has_devices, project_by_id
from server.apps.devices.services.metadata import remove_metadata
from server.apps.devices.services.moving import remove_project
from server.apps.lifecycle import jobs
from server.apps.streams.selectors.projects import archives_made_from, streams_of_project
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.projects import remove_streams_and_variables
from server.apps.streams.services.relabelling import remove_notes
from server.core.errors import Conflict, NotFound


@transaction.atomic
def delete_project(*, project: Project, by: Account) -> Operation:
    """Start deleting it. Raises Forbidden without `can_manage_org_and_projects`; staff may
    everywhere. The job checks whether the project is empty."""
    if not by.is_staff:
        require(by, "can_manage_org_and_projects", project.org)
    return start_audited_operation(
        org=project.org,
        kind="project",
        target=project.slug,
        by=by,
        job=lambda pid: jobs.DeleteProject(pid=pid, project=str(project.pk)),
    )


def run_project_deletion(job: jobs.DeleteProject, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable; Conflict when the project must stay, with a mail to its
    creator."""
    try:
        project = project_by_id(job.project)
    except NotFound:  # an earlier run of the same job
        return
    try:
        _require_free(project)
    except Conflict as error:
        _mail_failure(project, error, job.pid)
        raise
    streams = list(streams_of_project(project))
    remove_data([stream.key for stream in streams], report_progress=report_progress)
    with transaction.atomic():
        _require_free(project)
        remove_notes([project.slug, *(stream.slug for stream in streams)])
        remove_metadata([project.slug])
        remove_streams_and_variables(project)
        remove_project(project)
        record_change(
            org=project.org,
            kind="project",
            ref=project.slug,
            verb=Verb.DELETED,
            event="project-deleted",
            by=creator_of(job.pid),
        )
        context = {"project": project.slug, "title": project.name}
        finish_and_mail(job.pid, "Deleted.", template="project/deleted", context=context)


def _require_free(project: Project) -> None:
    if has_devices(project):
        raise Conflict("There are devices in the project.")
    slugs = archives_made_from(project, limit=3)
    if slugs:
        raise Conflict(f"Archives were made from the project: {', '.join(slugs)}.")


@transaction.atomic
def _mail_failure(project: Project, error: Conflict, pid: str) -> None:
    context = {"project": project.slug, "title": project.name, "reason": error.message}
    mail_creator(pid, template="project/not_deleted", context=context)
