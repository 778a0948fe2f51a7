"""New projects with the variables of another one."""

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.devices.models import Project
from server.apps.devices.services.projects import create_project
from server.apps.streams.models import StreamVariable
from server.apps.streams.services.variables import copy_of_variable


@transaction.atomic
def clone_project(*, project: Project, name: str, into: Org, by: Account) -> Project:
    """Copy a project's variables and units, but no device, into a new one. Raises Forbidden without
    `can_manage_org_and_projects` there.

    Callers check whether `by` may see the project: the hidden masters of templates are visible to
    nobody.
    """
    require(by, "can_manage_org_and_projects", into)
    clone = create_project(name=name, org=into, by=by, about=project.about, template=project.project_template)
    if clone.names_make_variables != project.names_make_variables:
        clone.names_make_variables = project.names_make_variables
        clone.save(update_fields=["names_make_variables"])
    copy_variables(project, clone, by=by)
    return clone


def copy_variables(project: Project, into: Project, *, by: Account) -> None:
    """Copy all variables and their units into a project that has none yet."""
    originals = list(StreamVariable.objects.filter(project=project).order_by("lid"))
    copies = [copy_of_variable(variable, into) for variable in originals]
    for copy in copies:
        copy.created_by = by
    StreamVariable.objects.bulk_create(copies)
    _copy_derivations(originals, copies)


def _copy_derivations(originals: list[StreamVariable], copies: list[StreamVariable]) -> None:
    """Derive each copy from the copy of what its original is derived from."""
    copy_of = {original.pk: copy for original, copy in zip(originals, copies, strict=True)}
    derived = []
    for original, copy in zip(originals, copies, strict=True):
        if original.derived_variable_id in copy_of:
            copy.derived_variable = copy_of[original.derived_variable_id]
            derived.append(copy)
    StreamVariable.objects.bulk_update(derived, ["derived_variable"])
