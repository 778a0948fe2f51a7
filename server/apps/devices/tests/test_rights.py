"""Each service asks for the right itself, and acts on its organisation and device alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account, Org, OrgApiKey, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import ConfigName, Device, DeviceKey, Project, PropertyTemplate
from server.apps.devices.selectors.metadata import allowed_values
from server.apps.devices.services.catalogue import change_catalogue, create_component, create_device_template
from server.apps.devices.services.catalogue import fill_slot as fill_one
from server.apps.devices.services.configuration import delete_config_name, save_config_name
from server.apps.devices.services.devices import enter_project, semi_claim
from server.apps.devices.services.health import change_health
from server.apps.devices.services.keys import change_upload_key, disclose_key, issue_device_token
from server.apps.devices.services.production import create_virtual_devices, set_device_key
from server.apps.devices.services.projects import change_project
from server.apps.devices.services.properties import (
    add_enum,
    change_property_template,
    create_property_template,
    delete_property_template,
    remove_enum,
)
from server.apps.devices.tests.factories import make_device, make_project, make_sensor_graph
from server.core.errors import Conflict, Forbidden, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
Call = Callable[[Device, Account], object]


@pytest.fixture
def operator(acme: Org) -> Account:
    """Reads data and changes nothing."""
    user = make_account()
    add_member(org=acme, user=user, role=Role.OPERATOR)
    return user


def org_of(device: Device) -> Org:
    assert device.org is not None
    return device.org


def project_of(device: Device) -> Project:
    assert device.project is not None
    return device.project


def template_of(device: Device) -> PropertyTemplate:
    org = org_of(device)
    template, _ = PropertyTemplate.objects.get_or_create(
        org=org, name="size", defaults={"created_by": org.created_by}
    )
    return template


def component_of(device: Device) -> Any:
    org = org_of(device)
    return create_component(sku="valve", version=(1, 0, 0), org=org, by=org.created_by)


def fill_a_slot(device: Device, by: Account) -> object:
    org = org_of(device)
    template = create_device_template(sku="box", version=(1, 0, 0), org=org, by=org.created_by)
    return fill_one(template=template, number=1, component=component_of(device), by=by)


CHANGES: dict[str, Call] = {
    "health": lambda device, by: change_health(device=device, by=by, enabled=True),
    "upload key": lambda device, by: change_upload_key(device=device, by=by),
    "factory key": lambda device, by: disclose_key(device=device, kind=DeviceKey.Kind.USER, by=by),
    "project": lambda device, by: change_project(project=project_of(device), by=by, changes={"about": "x"}),
    "catalogue": lambda device, by: change_catalogue(component_of(device), by=by, description="x"),
    "slot": fill_a_slot,
    "new template": lambda device, by: create_property_template(
        org=org_of(device), by=by, changes={"name": "size"}
    ),
    "template": lambda device, by: change_property_template(
        template=template_of(device), by=by, changes={"name": "x"}
    ),
    "old template": lambda device, by: delete_property_template(template=template_of(device), by=by),
    "new value": lambda device, by: add_enum(template=template_of(device), value="x", by=by),
    "old value": lambda device, by: remove_enum(template=template_of(device), value="x", by=by),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_member_without_the_right_may_not(name: str, device: Device, operator: Account) -> None:
    with pytest.raises(Forbidden):
        CHANGES[name](device, operator)


@pytest.mark.parametrize("name", CHANGES)
def test_the_owner_of_another_organisation_may_not(name: str, device: Device, charlie: Account) -> None:
    with pytest.raises(Forbidden):
        CHANGES[name](device, charlie)


def test_a_device_token_needs_the_right_to_write(device: Device, charlie: Account) -> None:
    with pytest.raises(Forbidden):
        issue_device_token(device=device, by=charlie)


def test_only_staff_set_a_device_aside(alice: Account, acme: Org) -> None:
    with pytest.raises(Forbidden):
        semi_claim(device=make_device(), org=acme, by=alice)


def test_a_claimed_device_is_not_set_aside(device: Device, other_org: Org) -> None:
    with pytest.raises(Conflict):
        semi_claim(device=device, org=other_org, by=make_account(is_staff=True))


def test_a_claimed_device_enters_no_other_project(device: Device, acme: Org, alice: Account) -> None:
    with pytest.raises(Conflict):
        enter_project(device=device, project=make_project(name="Other", org=acme), by=alice)


def test_only_staff_name_configuration(alice: Account) -> None:
    name = ConfigName.objects.create(name=":x", created_by=alice)

    with pytest.raises(Forbidden):
        save_config_name(name=ConfigName(name=":y"), by=alice, changes={})
    with pytest.raises(Forbidden):
        delete_config_name(name=name, by=alice)


@pytest.mark.parametrize("scope", [OrgApiKey.Scope.VIRTUAL_DEVICES, OrgApiKey.Scope.UPLOAD])
def test_a_key_of_another_organisation_or_purpose_makes_no_devices(
    scope: OrgApiKey.Scope, acme: Org, other_org: Org, alice: Account, charlie: Account
) -> None:
    wrong_org = scope == OrgApiKey.Scope.VIRTUAL_DEVICES
    org, owner = (other_org, charlie) if wrong_org else (acme, alice)
    key, _ = create_org_api_key(org=org, name="line", scopes=[scope], by=owner)

    with pytest.raises(Forbidden):
        create_virtual_devices(
            org=acme, sg=make_sensor_graph(org=acme), count=1, responsible=alice.slug, with_key=key
        )


def test_values_that_another_organisation_allows_are_none_of_ours(
    device: Device, other_org: Org, charlie: Account
) -> None:
    theirs = create_property_template(org=other_org, by=charlie, changes={"name": "size"})
    add_enum(template=theirs, value="huge", by=charlie)

    assert allowed_values(org_of(device), "size") == []


def test_a_key_that_was_revoked_is_not_disclosed(device: Device, alice: Account) -> None:
    key = set_device_key(
        device=device, type="SSH", secret="s" * 32, downloadable=True, by=make_account(is_staff=True)
    )
    assert disclose_key(device=device, kind=DeviceKey.Kind.SSH, by=alice) == "s" * 32
    DeviceKey.objects.filter(pk=key.pk).update(revoked_on=timezone.now())

    with pytest.raises(NotFound):
        disclose_key(device=device, kind=DeviceKey.Kind.SSH, by=alice)
