"""The people, projects and devices of the tests' installation, made by the product's own services.

The demo's owner has ten devices with a history, which no test changes. Alice has a device for each
test that needs its own. Charlie is a stranger to both. Mina is on Alice's team, in a distant time
zone.
"""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core.management import call_command

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.selectors.accounts import first_account
from server.apps.accounts.services.accounts import add_member, change_profile, create_account, create_org
from server.apps.accounts.services.invitations import invite
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.devices.models import Project, SensorGraph
from server.apps.devices.selectors.devices import device_for
from server.apps.devices.services.catalogue import create_sensor_graph
from server.apps.devices.services.devices import create_device, expect_reports
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.services.projects import create_project
from server.apps.lifecycle.management.demo_fleet import DEVICES
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.streams.selectors.data import input_unit, output_unit, streams_of_device
from server.apps.streams.services.variables import create_variable_template
from server.lib.slugs import DeviceSlug

PASSWORD: Final = "correct horse battery"
FAR_ZONE: Final = "Asia/Kathmandu"  # UTC+5:45, not a whole number of hours
VOLUME: Final = 0x5001  # liters; what the tests report
TEMPERATURE: Final = 0x500F  # Celsius; reported only by tests that need it
_MARK: Final = "sample data: "
_FIRST_NUMBER: Final = 0xB001


@dataclass(frozen=True)
class Person:
    email: str
    password: str = PASSWORD


@dataclass(frozen=True)
class SampleDevice:
    """A claimed device without reports. `volume` and `temperature` are the slugs of its streams."""

    number: int
    slug: str
    upload_key: str
    volume: str
    temperature: str


@dataclass(frozen=True)
class SampleData:
    """`project` and `devices` are Alice's; the demo's devices are in the roster of the demo."""

    project: str
    devices: list[SampleDevice]
    demo_project: str
    demo_org: str
    owner: Person
    alice: Person
    charlie: Person
    mina: Person


def parse_sample_data(printed: str) -> SampleData:
    """Read the output of `print_sample_data`, which may have other lines."""
    line = next(line for line in printed.splitlines() if line.startswith(_MARK))
    values: dict[str, Any] = json.loads(line.removeprefix(_MARK))
    for name in ("owner", "alice", "charlie", "mina"):
        values[name] = Person(**values[name])
    values["devices"] = [SampleDevice(**each) for each in values["devices"]]
    return SampleData(**values)


def print_sample_data(count: int) -> None:
    """Make the sample data, with `count` devices for Alice, and print it as JSON."""
    call_command("demo-data", verbosity=0)
    alice, charlie, mina = (_account(name) for name in ("alice", "charlie", "mina"))
    acme = create_org(name="Acme", by=alice)
    create_org(name="Elsewhere", by=charlie)
    add_member(org=acme, user=mina, role=Role.MEMBER)
    change_profile(user=mina, name="Mina", time_zone=FAR_ZONE)
    project = create_project(name="Bench", org=acme, by=alice)
    graph = _graph(acme, alice)
    owner, demo_project, demo_org = _demo()
    sample = SampleData(
        project=project.slug,
        devices=[_device(_FIRST_NUMBER + at, graph, project, alice) for at in range(count)],
        demo_project=demo_project,
        demo_org=demo_org,
        owner=owner,
        alice=Person(alice.email),
        charlie=Person(charlie.email),
        mina=Person(mina.email),
    )
    sys.stdout.write(f"{_MARK}{json.dumps(asdict(sample))}\n")


def _account(name: str) -> Account:
    return create_account(email=f"{name}@example.com", password=PASSWORD, name=name.title())


def _demo() -> tuple[Person, str, str]:
    """Give the demo's owner a known password, and invite somebody. Returns the owner, and the slugs
    of project and organisation."""
    owner = first_account()
    assert owner is not None
    owner.set_password(PASSWORD)
    owner.save()
    for entry in DEVICES:
        if entry.goes_silent:
            missed = device_for(owner, str(DeviceSlug(entry.number)))
            expect_reports(device=missed, every_seconds=1)
    first = device_for(owner, str(DeviceSlug(DEVICES[0].number)))
    assert first.project is not None
    invite(org=first.project.org, email="guest@example.com", role=Role.MEMBER, by=owner)
    create_org_api_key(org=first.project.org, name="Line 1", scopes=["production", "upload"], by=owner)
    return Person(owner.email), first.project.slug, first.project.org.slug


def _graph(org: Org, by: Account) -> SensorGraph:
    graph = create_sensor_graph(name="bench-meter", version=(1, 0, 0), org=org, by=by)
    for lid, label, unit_in, unit_out in (
        (VOLUME, "Volume", "water-meter-volume--liters", "water-meter-volume--liters"),
        (TEMPERATURE, "Air temperature", "temp--millikelvin", "temp--celsius"),
    ):
        create_variable_template(
            sg=graph,
            label=label,
            lid=lid,
            input_unit=input_unit(f"in--{unit_in}"),
            output_unit=output_unit(f"out--{unit_out}"),
        )
    return graph


def _device(number: int, graph: SensorGraph, project: Project, by: Account) -> SampleDevice:
    device = create_device(number=number, by=by, sg=graph, label=f"Meter {number:x}")
    claim_device(device=device, into=project, by=by)
    slugs = {stream.var_lid: stream.slug for stream in streams_of_device(by, device)}
    key = issue_upload_key(device=device, by=by)
    return SampleDevice(number, device.slug, key, slugs[VOLUME], slugs[TEMPERATURE])
