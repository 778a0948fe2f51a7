"""`python -m server.manage demo-data`: creates what is missing of the demo's organisation, projects
and devices, and writes the devices' credentials to `demo/devices.json` in the folder of the stack.
"""

import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import first_account, org_for
from server.apps.accounts.services.accounts import create_org
from server.apps.devices.models import Device, DeviceKey, DeviceTemplate, Project, SensorGraph
from server.apps.devices.selectors.devices import device_for, device_template_of, projects_of, sensor_graph_of
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.services.authentication import authenticate_device_token, authenticate_upload_key
from server.apps.devices.services.catalogue import create_device_template, create_sensor_graph
from server.apps.devices.services.devices import create_device, expect_reports
from server.apps.devices.services.keys import issue_device_token, issue_upload_key, set_report_key
from server.apps.devices.services.projects import create_project
from server.apps.lifecycle.management.demo_fleet import (
    DEMO_ORG,
    DEVICES,
    KINDS,
    SILENT_EXPECTED_EVERY_S,
    DemoDevice,
    Kind,
    Variable,
)
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.streams.selectors import data
from server.apps.streams.selectors.data import output_unit
from server.apps.streams.services.variables import create_variable_template
from server.core.errors import FieldlineError, NotFound
from server.lib.slugs import DeviceSlug, name_slug, versioned_slug

Credentials = dict[str, Any]

_ROOT_KEY_BYTES: Final = 32


class Command(BaseCommand):
    help = "Make the demo's organisation, projects and devices, and write the devices' keys for `python -m demo`."
    requires_system_checks = ()  # they would load every page and URL, which takes longer than all the rest

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.VAR_DIR / "demo" / "devices.json"
        known = _read(path)
        try:
            owner, devices = _make_everything()
            written = [_credentials_of(entry, devices[entry.number], known, owner) for entry in DEVICES]
        except FieldlineError as error:
            raise CommandError(f"The demo cannot be created: {error.message}") from error
        if {entry["slug"]: entry for entry in written} != known:
            _write(path, written)
            self.stdout.write(f"Wrote the keys of {len(written)} devices to {path}.")


@transaction.atomic
def _make_everything() -> tuple[Account, dict[int, Device]]:
    """All of it or nothing. Returns the owner, and the devices by number."""
    owner = _owner()
    org = _org(owner)
    kinds = {kind.name: (kind, _project(kind, org, owner), _graph(kind, org, owner)) for kind in KINDS}
    return owner, {entry.number: _device(entry, *kinds[entry.kind], owner) for entry in DEVICES}


def _owner() -> Account:
    owner = first_account()
    if owner is None:
        raise CommandError('There is no account yet: run "prepare" first.')
    return owner


def _org(owner: Account) -> Org:
    try:
        return org_for(owner, name_slug(DEMO_ORG))
    except NotFound:
        return create_org(name=DEMO_ORG, by=owner)


def _project(kind: Kind, org: Org, owner: Account) -> Project:
    project = projects_of(owner).filter(org=org, name=kind.project).first()
    return project or create_project(name=kind.project, about=kind.about, org=org, by=owner)


def _graph(kind: Kind, org: Org, owner: Account) -> SensorGraph:
    graph = sensor_graph_of(org, versioned_slug(kind.name, *kind.version))
    if graph is not None:
        return graph
    graph = create_sensor_graph(name=kind.name, version=kind.version, org=org, by=owner)
    for variable in kind.variables:
        _variable_template(graph, variable)
    return graph


def _variable_template(graph: SensorGraph, variable: Variable) -> None:
    input_unit = variable.input_unit
    create_variable_template(
        sg=graph,
        label=variable.label,
        lid=variable.lid,
        input_unit=data.input_unit(f"in--{input_unit}") if input_unit else None,
        output_unit=output_unit(f"out--{variable.output_unit}"),
        ctype="<l" if variable.is_signed else "<L",
    )


def _template(kind: Kind, org: Org, owner: Account) -> DeviceTemplate:
    template = device_template_of(org, versioned_slug(kind.sku, 1, 0, 0))
    return template or create_device_template(sku=kind.sku, version=(1, 0, 0), org=org, by=owner)


def _device(entry: DemoDevice, kind: Kind, project: Project, graph: SensorGraph, owner: Account) -> Device:
    try:
        return device_for(owner, str(DeviceSlug(entry.number)))
    except NotFound:
        device = create_device(
            number=entry.number,
            by=owner,
            template=_template(kind, project.org, owner),
            sg=graph,
            label=entry.label,
        )
    claim_device(device=device, into=project, by=owner)
    every_s = SILENT_EXPECTED_EVERY_S if entry.goes_silent else kind.expected_every_s
    expect_reports(device=device, every_seconds=every_s)
    return device


def _credentials_of(
    entry: DemoDevice, device: Device, known: dict[str, Credentials], owner: Account
) -> Credentials:
    """Returns those of the file that the server still accepts, and new ones for the others: the
    database has only digests."""
    held = known.get(device.slug, {})
    return {
        "slug": device.slug,
        "kind": entry.kind,
        "upload_key": _upload_key(device, str(held.get("upload_key"))),
        "user_key": _user_key(device, str(held.get("user_key"))) if entry.user_key else None,
        "read_token": _read_token(device, str(held.get("read_token")), owner) if entry.read_token else None,
        "goes_silent": entry.goes_silent,
    }


def _upload_key(device: Device, held: str) -> str:
    if authenticate_upload_key(held) == device:
        return held
    return issue_upload_key(device=device, by=None)


def _user_key(device: Device, held: str) -> str:
    """In hex."""
    key = report_keys_of(device.pk).user
    if key is None or key.hex() != held:
        key = secrets.token_bytes(_ROOT_KEY_BYTES)
        set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=key, by=None)
    return key.hex()


def _read_token(device: Device, held: str, owner: Account) -> str | None:
    """For reading, which an upload key does not allow. Returns None for a device that was switched
    off or unclaimed since."""
    caller = authenticate_device_token(held)
    if caller is not None and caller.device == device and caller.may_read:
        return held
    if not (device.active and device.claimed):
        return None
    return issue_device_token(device=device, by=owner)


def _read(path: Path) -> dict[str, Credentials]:
    """Returns credentials by slug; nothing for a file that is missing or unreadable, so that all
    are created again."""
    try:
        return {entry["slug"]: entry for entry in json.loads(path.read_text())["devices"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, devices: list[Credentials]) -> None:
    """Readable by its owner only, and replaced in one step."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".devices.")
    with os.fdopen(handle, "w") as file:
        json.dump({"devices": devices}, file, indent=2)
    Path(part).replace(path)
