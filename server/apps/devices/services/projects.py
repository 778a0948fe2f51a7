"""Use cases of projects."""

from typing import Any

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Project, ProjectTemplate
from server.apps.devices.selectors.catalogue import default_project_template
from server.apps.devices.services.numbers import next_project_number
from server.lib.slugs import ProjectSlug


@transaction.atomic
def create_project(
    *, name: str, org: Org, by: Account, about: str = "", template: ProjectTemplate | None = None
) -> Project:
    """Create a project without variables; `start_project` of `streams` copies those of the
    template. None: the default template."""
    gid = next_project_number()
    project = Project.objects.create(
        name=name,
        about=about,
        org=org,
        project_template=template or default_project_template(),
        created_by=by,
        gid=gid,
        slug=str(ProjectSlug(gid)),
    )
    _record_change(project, Verb.CREATED, "create-project", by)
    return project


@transaction.atomic
def change_project(*, project: Project, by: Account, changes: dict[str, Any], staff: bool = False) -> Project:
    """Name, text and template. Raises Forbidden without `can_manage_org_and_projects`."""
    require(by, "can_manage_org_and_projects", project.org, staff=staff)
    if changes:
        for name, value in changes.items():
            setattr(project, name, value)
        project.save(update_fields=list(changes))
        _record_change(project, Verb.CHANGED, "change-project", by, {"fields": sorted(changes)})
    return project


def _record_change(
    project: Project, verb: Verb, event: str, by: Account, details: dict[str, Any] | None = None
) -> None:
    record_change(
        org=project.org, kind="project", ref=project.slug, verb=verb, event=event, by=by, details=details
    )
