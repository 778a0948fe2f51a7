"""Configuration of any target, with the permission that its kind requires."""

from typing import Any, Final

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.devices.models import ConfigAttribute, ConfigName
from server.apps.devices.services.configuration import delete_config_attribute, set_config_attribute
from server.apps.streams.models import StreamNote
from server.apps.streams.selectors.targets import Target, TargetKind
from server.apps.streams.services.relabelling import add_note
from server.core.errors import Invalid

_PERMISSIONS: Final = {
    TargetKind.ORG: "can_manage_org_and_projects",
    TargetKind.PROJECT: "can_modify_device",
    TargetKind.DEVICE: "can_modify_device",
    TargetKind.BLOCK: "can_modify_device",
}
"""Accounts need no permission: the gate lets in only the person themselves."""


@transaction.atomic
def configure(
    *, target: Target, name: ConfigName, data: Any, by: Account, log_as_note: bool = False
) -> ConfigAttribute:
    """Create or replace a configuration. Raises Forbidden; Invalid for `log_as_note` on anything
    but a device."""
    _require_permission(target, by)
    if log_as_note and target.kind is not TargetKind.DEVICE:
        raise Invalid("Only the configuration of a device can be logged as a note.", field="log_as_note")
    attribute = set_config_attribute(target=target.slug, org=target.owner, name=name, data=data, by=by)
    if log_as_note:
        add_note(
            target.slug,
            target.org,
            f"Configuration {name.name} changed.",
            by=by,
            type=StreamNote.Type.SYSTEM_INFO,
        )
    return attribute


def remove_configuration(*, attribute: ConfigAttribute, target: Target, by: Account) -> None:
    """Raises Forbidden."""
    _require_permission(target, by)
    delete_config_attribute(attribute=attribute, by=by)


def _require_permission(target: Target, by: Account) -> None:
    permission = _PERMISSIONS.get(target.kind)
    if permission is not None:
        target.require(by, permission)
