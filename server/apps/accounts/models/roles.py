"""The role matrix: what each role may do in an organisation.

One line per permission, one column per role. A membership has a copy, which may differ for one
person.
"""

from typing import Final

from django.db import models


class Role(models.TextChoices):
    OWNER = "a0", "Owner"
    ADMIN = "a1", "Admin"
    DEVELOPER = "d1", "Developer"
    MEMBER = "m1", "Member"
    OPERATOR = "r1", "Operator"
    DEREGISTERED = "00", "Deregistered"


GIVEN_ROLES: Final = [choice for choice in Role.choices if choice[0] != Role.DEREGISTERED]
"""Roles that members can be given."""

ROLE_NAMES: Final = dict(Role.choices)

_COLUMNS: Final = (Role.OWNER, Role.ADMIN, Role.DEVELOPER, Role.MEMBER, Role.OPERATOR)
_MATRIX: Final = {
    #                                a0 a1 d1 m1 r1
    "can_delete_org": "               Y  -  -  -  -",
    "can_manage_users": "             Y  Y  Y  -  -",
    "can_manage_ota": "               -  -  Y  -  -",
    "can_manage_org_and_projects": "  Y  Y  Y  -  -",
    "can_claim_devices": "            Y  Y  Y  -  -",
    "can_modify_device": "            Y  Y  Y  Y  -",
    "can_read_stream_ids": "          Y  Y  Y  Y  Y",
    "can_modify_stream_ids": "        Y  Y  Y  Y  -",
    "can_create_stream_ids": "        -  -  Y  -  -",
    "can_read_device_properties": "   Y  Y  Y  Y  -",
    "can_modify_device_properties": " Y  Y  Y  Y  -",
    "can_read_notes": "               Y  Y  Y  Y  -",
    "can_read_device_locations": "    Y  Y  Y  Y  -",
    "can_read_stream_data": "         Y  Y  Y  Y  -",
    "can_create_stream_data": "       Y  Y  Y  Y  Y",
    "can_create_datablock": "         Y  Y  Y  -  -",
    "can_access_datablock": "         Y  Y  Y  Y  -",
    "can_delete_datablock": "         Y  -  -  -  -",
    "can_reset_device": "             Y  Y  Y  -  -",
    "can_access_reports": "           Y  Y  Y  Y  -",
    "can_create_reports": "           Y  Y  Y  -  -",
    "can_manage_stream_aliases": "    Y  Y  Y  -  -",
    "can_access_classic": "           Y  Y  Y  -  -",
    "can_access_webapp": "            Y  Y  Y  Y  -",
    "can_access_companion": "         Y  Y  Y  Y  Y",
}
PERMISSIONS: Final = tuple(_MATRIX)


def permissions_of(role: str) -> dict[str, bool]:
    """All permissions by name; a deregistered member has none."""
    if role not in _COLUMNS:
        return dict.fromkeys(PERMISSIONS, False)
    column = _COLUMNS.index(Role(role))
    return {name: row.split()[column] == "Y" for name, row in _MATRIX.items()}
