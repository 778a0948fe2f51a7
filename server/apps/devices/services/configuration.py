"""Configuration: named documents of an organisation, a person, a project, a device or a data
block."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from server.apps.accounts.models import Account, Org
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import ConfigAttribute, ConfigName
from server.core.errors import Conflict, Forbidden
from server.core.sealed_documents import seal_document


def save_config_name(*, name: ConfigName, by: Account, changes: dict[str, Any]) -> ConfigName:
    """Create or change a name. Staff only. Raises Forbidden, Conflict."""
    if not by.is_staff:
        raise Forbidden()
    if name._state.adding:
        name.created_by = by
    for field, value in changes.items():
        setattr(name, field, value)
    try:
        with transaction.atomic():
            name.save()
    except IntegrityError as error:
        raise Conflict("There is a configuration name like this already.", field="name") from error
    return name


def delete_config_name(*, name: ConfigName, by: Account) -> None:
    """Staff only. Raises Forbidden; Conflict while it is in use."""
    if not by.is_staff:
        raise Forbidden()
    try:
        with transaction.atomic():
            name.delete()
    except ProtectedError as error:
        raise Conflict("There is configuration with this name. Delete that first.") from error


@transaction.atomic
def set_config_attribute(
    *, target: str, org: Org | None, name: ConfigName, data: Any, by: Account
) -> ConfigAttribute:
    """Create or change an attribute; its secrets are sealed. Part of the use case of `streams`,
    which checks rights. Raises Invalid."""
    known = ConfigAttribute.objects.select_for_update().filter(target=target, name=name).first()
    kept = seal_document(data, known.data if known is not None else None)
    attribute, made = ConfigAttribute.objects.update_or_create(
        target=target, name=name, defaults={"org": org, "data": kept, "updated_by": by}
    )
    attribute.name = name
    _record_change(attribute, Verb.CREATED if made else Verb.CHANGED, by)
    return attribute


@transaction.atomic
def delete_config_attribute(*, attribute: ConfigAttribute, by: Account) -> None:
    """Part of the use case of `streams`."""
    _record_change(attribute, Verb.DELETED, by)
    attribute.delete()


def _record_change(attribute: ConfigAttribute, verb: Verb, by: Account) -> None:
    """Not of an account's own configuration, which belongs to no organisation."""
    if attribute.org is not None:
        record_change(
            org=attribute.org,
            kind="configuration",
            ref=attribute.target,
            verb=verb,
            event=f"configuration-{verb}",
            by=by,
            audited=True,
            details={"name": attribute.name.name},
        )
