"""Organisation templates, which staff manage."""

from typing import Any

from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account, OrgTemplate
from server.apps.accounts.services.accounts import org_slug
from server.core.errors import Conflict, Forbidden, Invalid


@transaction.atomic
def create_org_template(
    *, name: str, version: tuple[int, int, int], extra_data: dict[str, Any], by: Account
) -> OrgTemplate:
    """Staff only. Raises Forbidden, Invalid, Conflict."""
    _require_staff(by)
    stem = org_slug(name)
    major, minor, patch = version
    try:
        with transaction.atomic():
            return OrgTemplate.objects.create(
                name=name,
                slug=f"{stem}-v{major}-{minor}-{patch}",
                major_version=major,
                minor_version=minor,
                patch_version=patch,
                extra_data=extra_data,
                created_by=by,
            )
    except IntegrityError as error:
        raise Conflict("There is an organisation template with this name and version.") from error


def change_org_template(*, template: OrgTemplate, changes: dict[str, Any], by: Account) -> OrgTemplate:
    """Name and version stay: a new version is a new template. Raises Forbidden, Invalid."""
    _require_staff(by)
    fixed = {
        "name": template.name,
        "major_version": template.major_version,
        "minor_version": template.minor_version,
        "patch_version": template.patch_version,
    }
    for field, value in fixed.items():
        if changes.get(field, value) != value:
            raise Invalid("This cannot be changed: make a new version.", field=field)
    template.extra_data = changes.get("extra_data", template.extra_data)
    template.save(update_fields=["extra_data"])
    return template


def _require_staff(by: Account) -> None:
    if not by.is_staff:
        raise Forbidden()
