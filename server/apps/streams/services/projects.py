"""The start of a project from its template, and the removal of what it holds."""

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.devices.models import Project, ProjectTemplate
from server.apps.devices.selectors.catalogue import default_project_template, master_of
from server.apps.devices.services.projects import create_project
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.services.project_cloning import copy_variables


@transaction.atomic
def start_project(
    *,
    name: str,
    org: Org,
    by: Account,
    about: str = "",
    template: ProjectTemplate | None = None,
    staff: bool = False,
) -> Project:
    """Create a project with the variables of the template's master project. Raises Forbidden
    without `can_manage_org_and_projects`."""
    require(by, "can_manage_org_and_projects", org, staff=staff)
    template = template or default_project_template()
    project = create_project(name=name, org=org, by=by, about=about, template=template)
    master = master_of(template) if template is not None else None
    if master is not None:
        copy_variables(master, project, by=by)
    return project


def remove_streams_and_variables(project: Project) -> None:
    """A step of deleting a project, after `lifecycle` has removed the data of its streams."""
    StreamId.objects.filter(project=project).delete()
    StreamVariable.objects.filter(project=project).delete()
