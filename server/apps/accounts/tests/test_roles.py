"""The role matrix, compared with that of the original cloud as people there knew it."""

from typing import Final

import pytest

from server.apps.accounts.models import PERMISSIONS, Role, permissions_of

MATRIX: Final = {
    "can_delete_org": "a0",
    "can_manage_users": "a0 a1 d1",
    "can_manage_ota": "d1",
    "can_manage_org_and_projects": "a0 a1 d1",
    "can_claim_devices": "a0 a1 d1",
    "can_modify_device": "a0 a1 d1 m1",
    "can_read_stream_ids": "a0 a1 d1 m1 r1",
    "can_modify_stream_ids": "a0 a1 d1 m1",
    "can_create_stream_ids": "d1",
    "can_read_device_properties": "a0 a1 d1 m1",
    "can_modify_device_properties": "a0 a1 d1 m1",
    "can_read_notes": "a0 a1 d1 m1",
    "can_read_device_locations": "a0 a1 d1 m1",
    "can_read_stream_data": "a0 a1 d1 m1",
    "can_create_stream_data": "a0 a1 d1 m1 r1",
    "can_create_datablock": "a0 a1 d1",
    "can_access_datablock": "a0 a1 d1 m1",
    "can_delete_datablock": "a0",
    "can_reset_device": "a0 a1 d1",
    "can_access_reports": "a0 a1 d1 m1",
    "can_create_reports": "a0 a1 d1",
    "can_manage_stream_aliases": "a0 a1 d1",
    "can_access_classic": "a0 a1 d1",
    "can_access_webapp": "a0 a1 d1 m1",
    "can_access_companion": "a0 a1 d1 m1 r1",
}


@pytest.mark.parametrize("role", ["a0", "a1", "d1", "m1", "r1"])
def test_a_role_may_do_what_its_column_lists(role: str) -> None:
    expected = {permission for permission, roles in MATRIX.items() if role in roles.split()}

    assert {permission for permission, granted in permissions_of(role).items() if granted} == expected


def test_there_are_no_other_permissions() -> None:
    assert set(PERMISSIONS) == set(MATRIX)


@pytest.mark.parametrize("role", ["00", "s0", "", "owner"])
def test_the_deregistered_and_unknown_roles_may_nothing(role: str) -> None:
    assert not any(permissions_of(role).values())


@pytest.mark.parametrize("role", [*Role.values, "zz"])
def test_every_role_has_a_word_on_every_permission(role: str) -> None:
    assert set(permissions_of(role)) == set(MATRIX)


def test_the_codes_of_the_roles_are_those_of_the_original_cloud() -> None:
    assert dict(Role.choices) == {
        "a0": "Owner",
        "a1": "Admin",
        "d1": "Developer",
        "m1": "Member",
        "r1": "Operator",
        "00": "Deregistered",
    }
