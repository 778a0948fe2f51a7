"""Each service asks for the right itself, and acts on its target alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import uuid4

import pytest

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import ConfigName, Device, DeviceState, Property, SensorGraph
from server.apps.devices.services.locations import NewLocation, add_locations
from server.apps.devices.services.properties import (
    add_property,
    change_property,
    delete_property,
    set_property,
)
from server.apps.devices.services.states import make_busy
from server.apps.devices.tests.factories import make_project, make_sensor_graph
from server.apps.streams.models import (
    DataBlock,
    DisplayWidgetTemplate,
    StreamId,
    StreamNote,
    StreamVariable,
    VariableTemplate,
    VarType,
)
from server.apps.streams.selectors.notes import note_for
from server.apps.streams.selectors.targets import Target, TargetKind
from server.apps.streams.services.aliases import create_alias
from server.apps.streams.services.blocks import change_block, delete_block, next_block
from server.apps.streams.services.catalogue import (
    VarTypeParts,
    add_variable_template,
    add_widget_template,
    change_var_type,
    change_variable_template,
    change_widget_template,
    create_var_type,
)
from server.apps.streams.services.configuration import configure, remove_configuration
from server.apps.streams.services.editing import (
    add_variable,
    change_stream,
    change_variable,
    delete_stream,
    delete_variable,
)
from server.apps.streams.services.masking import change_mask, delete_mask
from server.apps.streams.services.notes import NewNote, attach, promise_attachment, write_notes
from server.apps.streams.services.projects import start_project
from server.core.errors import Forbidden, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
Call = Callable[[Device, Account], object]


@pytest.fixture
def operator(acme: Org) -> Account:
    """Reads data and changes nothing."""
    user = make_account()
    add_member(org=acme, user=user, role=Role.OPERATOR)
    return user


def target_of(device: Device) -> Target:
    return Target(device.slug, TargetKind.DEVICE, device, device.org)


def org_of(device: Device) -> Org:
    assert device.org is not None
    return device.org


def owner_of(device: Device) -> Account:
    return org_of(device).created_by


def property_of(device: Device) -> Property:
    return add_property(target=target_of(device), name="size", value=1, by=owner_of(device))


def note_on(device: Device) -> StreamNote:
    [note] = write_notes(notes=[NewNote(target_of(device), NOON, "x")], by=owner_of(device))
    return note


def graph_of(device: Device) -> SensorGraph:
    return make_sensor_graph(org=org_of(device))


def variable_of(device: Device) -> StreamVariable:
    return StreamVariable.objects.filter(project=device.project)[0]


def stream_of(device: Device) -> StreamId:
    return StreamId.objects.filter(device=device).exclude(org=None)[0]


def template_in(device: Device) -> VariableTemplate:
    return add_variable_template(
        sg=graph_of(device), lid=0x5002, by=owner_of(device), label="x", var_type=VarType.objects.all()[0]
    )


def widget_in(device: Device) -> DisplayWidgetTemplate:
    return add_widget_template(sg=graph_of(device), by=owner_of(device), label="x", lid=0x5002, type="val")


def config_of(device: Device) -> ConfigName:
    return ConfigName.objects.create(name=":x", created_by=owner_of(device))


def block_of(device: Device) -> DataBlock:
    return next_block(device, org_of(device), title="x", description="", by=owner_of(device))


CHANGES: dict[str, Call] = {
    "new property": lambda device, by: add_property(target=target_of(device), name="x", value=1, by=by),
    "property": lambda device, by: set_property(target=target_of(device), name="x", value=1, by=by),
    "known property": lambda device, by: change_property(
        known=property_of(device), target=target_of(device), by=by, value=2
    ),
    "old property": lambda device, by: delete_property(
        known=property_of(device), target=target_of(device), by=by
    ),
    "location": lambda device, by: add_locations(
        locations=[NewLocation(target_of(device), NOON, Decimal(1), Decimal(1))], by=by
    ),
    "configuration": lambda device, by: configure(
        target=target_of(device), name=config_of(device), data={}, by=by
    ),
    "old configuration": lambda device, by: remove_configuration(
        attribute=configure(target=target_of(device), name=config_of(device), data={}, by=owner_of(device)),
        target=target_of(device),
        by=by,
    ),
    "note": lambda device, by: write_notes(notes=[NewNote(target_of(device), NOON, "x")], by=by),
    "notes": lambda device, by: note_for(by, str(note_on(device).pk), staff=False),
    "attachment": lambda device, by: promise_attachment(
        note=note_on(device), target=target_of(device), name="x.png", content_type="image/png", by=by
    ),
    "attached": lambda device, by: attach(
        note=note_on(device), target=target_of(device), name="x.png", file_id=uuid4(), by=by
    ),
    "alias": lambda device, by: create_alias(name="x", org=org_of(device), by=by),
    "mask": lambda device, by: change_mask(thing=device, changes={"start": NOON}, by=by),
    "old mask": lambda device, by: delete_mask(thing=device, by=by),
    "new variable": lambda device, by: add_variable(
        project=variable_of(device).project or make_project(), by=by, changes={"lid": 0x5003, "name": "x"}
    ),
    "variable": lambda device, by: change_variable(
        variable=variable_of(device), by=by, changes={"name": "x"}
    ),
    "old variable": lambda device, by: delete_variable(variable=variable_of(device), by=by),
    "stream": lambda device, by: change_stream(stream=stream_of(device), by=by, changes={"enabled": False}),
    "old stream": lambda device, by: delete_stream(stream=stream_of(device), by=by),
    "new variable template": lambda device, by: add_variable_template(
        sg=graph_of(device), lid=0x5002, by=by, label="x"
    ),
    "variable template": lambda device, by: change_variable_template(template_in(device), by=by, label="y"),
    "new widget": lambda device, by: add_widget_template(
        sg=graph_of(device), by=by, label="x", lid=0x5002, type="val"
    ),
    "widget": lambda device, by: change_widget_template(widget_in(device), by=by, label="y"),
    "new variable type": lambda device, by: create_var_type(name="x", by=by, parts=VarTypeParts()),
    "variable type": lambda device, by: change_var_type(
        VarType.objects.all()[0], by=by, parts=VarTypeParts()
    ),
    "archive": lambda device, by: change_block(block=block_of(device), by=by, changes={"title": "x"}),
    "old archive": lambda device, by: delete_block(block=block_of(device), by=by),
    "new project": lambda device, by: start_project(name="x", org=org_of(device), by=by),
}


OF_ALL_MEMBERS: Final = ("location", "note", "attachment", "attached")
"""Whoever has the phone app may do these."""


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in OF_ALL_MEMBERS])
def test_a_member_without_the_right_may_not(name: str, device: Device, operator: Account) -> None:
    with pytest.raises(Forbidden):
        CHANGES[name](device, operator)


@pytest.mark.parametrize("name", OF_ALL_MEMBERS)
def test_a_former_member_may_not(name: str, device: Device) -> None:
    former = make_account()
    add_member(org=org_of(device), user=former, role=Role.DEREGISTERED)

    with pytest.raises((Forbidden, NotFound)):
        CHANGES[name](device, former)


@pytest.mark.parametrize("name", CHANGES)
def test_the_owner_of_another_organisation_may_not(name: str, device: Device, charlie: Account) -> None:
    with pytest.raises((Forbidden, NotFound)):
        CHANGES[name](device, charlie)


def test_a_busy_device_gets_no_mask(device: Device, alice: Account) -> None:
    make_busy(device=device, state=DeviceState.RESETTING)

    with pytest.raises(Forbidden):
        change_mask(thing=device, changes={"start": NOON}, by=alice)
