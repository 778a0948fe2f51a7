"""An organisation with one of everything, created as rows and not by use cases, since these are
what the tests of this folder check."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from server.apps.accounts.models import Account, Invitation, Org, OrgApiKey, OrgDomain, OrgTemplate, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import (
    Component,
    ConfigAttribute,
    ConfigName,
    Device,
    DeviceLocation,
    DeviceSlot,
    DeviceTemplate,
    DeviceVersion,
    Project,
    ProjectTemplate,
    Property,
    PropertyEnum,
    PropertyTemplate,
    SensorGraph,
)
from server.apps.devices.services.keys import issue_claim_code
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.files.models import StoredFile
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.streams.models import (
    DataBlock,
    DataMask,
    DisplayWidgetTemplate,
    StreamAlias,
    StreamAliasTap,
    StreamId,
    StreamNote,
    StreamVariable,
    VariableTemplate,
)
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.readings import Given, store_readings
from server.core import credentials
from server.core.storage import put_object

THEN: Final = datetime(2021, 3, 1, 11, 23, 15, tzinfo=UTC)


@dataclass(frozen=True)
class SampleOrg:
    """An organisation with one of everything. Every name in it contains `word`, and no name of
    another organisation does."""

    word: str
    org: Org
    owner: Account
    project: Project
    device: Device
    empty_project: Project
    waiting_device: Device
    """Set aside for the organisation and not claimed; its claim code is `claim_code`."""
    claim_code: str
    graph: SensorGraph
    template: DeviceTemplate
    component: Component
    project_template: ProjectTemplate
    variable: StreamVariable
    stream: StreamId
    block: DataBlock
    block_stream: StreamId
    note: StreamNote
    property: Property
    property_template: PropertyTemplate
    enum: PropertyEnum
    config_name: ConfigName
    spare_name: ConfigName
    config: ConfigAttribute
    location: DeviceLocation
    alias: StreamAlias
    tap: StreamAliasTap
    streamer: Streamer
    report: StreamerReport
    operation: Operation
    invitation: Invitation
    domain: OrgDomain
    api_key: OrgApiKey
    file: StoredFile
    widget: DisplayWidgetTemplate
    variable_template: VariableTemplate
    newcomer: Account
    """In no organisation."""
    org_template: OrgTemplate
    empty_org: Org
    spare_variable: StreamVariable
    event_id: str
    """An event with a large part."""

    def secrets(self) -> set[str]:
        """Returns what no stranger may read: names, slugs and ids of these objects."""
        mine: list[Any] = [
            self.org,
            self.project,
            self.device,
            self.variable,
            self.stream,
            self.block,
            self.alias,
        ]
        slugs = {str(each.slug) for each in mine}
        ids = {str(each.pk) for each in (self.org, self.project, self.variable, self.report, self.operation)}
        return {self.word, *slugs, *ids}


def make_sample_org(word: str) -> SampleOrg:
    owner = make_account(username=f"{word}-owner")
    org = make_org(name=f"{word} org", owner=owner)
    project = make_project(name=f"{word} project", org=org)
    device = make_claimed_device(project=project)
    Device.objects.filter(pk=device.pk).update(label=f"{word} device", external_id=f"{word}-1")
    device.refresh_from_db()
    assert device.sg is not None
    stream = StreamId.objects.select_related("variable").get(device=device)
    store_readings(
        device, [Given(n, THEN + timedelta(minutes=n), n) for n in range(1, 6)], received=timezone.now()
    )
    parts = {
        **_people(word, org, owner),
        **_hardware(word, org, owner),
        **_archive(word, device, stream, owner),
    }
    Device.objects.filter(pk=device.pk).update(template=parts["template"])
    device.refresh_from_db()
    add_member(org=org, user=make_account(username=f"{word}-deputy"), role=Role.OWNER)
    return SampleOrg(
        word=word,
        org=org,
        owner=owner,
        project=project,
        device=device,
        empty_project=make_project(name=f"{word} empty project", org=org),
        graph=device.sg,
        variable=stream.variable,
        stream=stream,
        variable_template=VariableTemplate.objects.get(sg=device.sg),
        widget=DisplayWidgetTemplate.objects.create(sg=device.sg, label=f"{word} widget", lid=0x5001),
        empty_org=make_org(name=f"{word} empty org", owner=make_account(username=f"{word}-founder")),
        spare_variable=_spare_variable(word, project),
        newcomer=make_account(username=f"{word}-newcomer"),
        org_template=_org_template(),
        event_id=_post_event(word, stream, owner),
        **_metadata(word, device, stream, owner),
        **_streamer(word, device, owner),
        **parts,
    )


def _post_event(word: str, stream: StreamId, owner: Account) -> str:
    event = {"stream": stream.slug, "timestamp": "2021-03-01T11:24:00Z", "extra_data": {"of": word}}
    client = api_client(owner)
    answer = client.post("/api/v1/event/", {**event, "data": {"samples": [word]}}, format="json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def _org_template() -> OrgTemplate:
    """Belongs to no organisation."""
    slug = f"shop-v1-0-{OrgTemplate.objects.count()}"
    return OrgTemplate.objects.create(name=slug, slug=slug)


def _spare_variable(word: str, project: Project) -> StreamVariable:
    """A variable without a stream."""
    return StreamVariable.objects.create(
        slug=f"v--{project.slug[3:]}--5009",
        project=project,
        org=project.org,
        lid=0x5009,
        name=f"{word} spare",
    )


def _people(word: str, org: Org, owner: Account) -> dict[str, Any]:
    now = timezone.now()
    put_object(f"files/{word}", word.encode(), overwrite=True)
    record_change(
        org=org, kind="org", ref=org.slug, verb=Verb.CHANGED, event=f"{word} event", by=owner, audited=True
    )
    return {
        "invitation": Invitation.objects.create(
            org=org,
            email=f"invited@{word}.example",
            digest=credentials.digest(f"invitation of {word}"),
            sent_on=now,
            sent_by=owner,
            expires_on=now + timedelta(days=14),
        ),
        "domain": OrgDomain.objects.create(org=org, name=f"{word}.example", created_by=owner),
        "api_key": make_api_key(org, owner, frozenset(), f"{word} key")[0],
        "file": StoredFile.objects.create(
            org=org,
            kind=StoredFile.Kind.NOTE,
            title=f"{word}.txt",
            object_key=f"files/{word}",
            uploaded_on=now,
            created_by=owner,
        ),
        "operation": Operation.objects.create(
            org=org, kind="reset-device", target=f"{word} target", created_by=owner
        ),
    }


def make_api_key(org: Org, owner: Account, scopes: frozenset[str], name: str) -> tuple[OrgApiKey, str]:
    """Returns the row and the key itself."""
    prefix = credentials.digest(f"{org.slug} {name}")[: OrgApiKey.PREFIX_LENGTH]
    whole = f"{prefix}.{'x' * OrgApiKey.SECRET_LENGTH}"
    row = OrgApiKey.objects.create(
        org=org,
        name=name[:50],
        prefix=prefix,
        digest=credentials.digest(whole),
        scopes=sorted(scopes),
        created_by=owner,
    )
    return row, whole


def _hardware(word: str, org: Org, owner: Account) -> dict[str, Any]:
    component = Component.objects.create(external_sku=f"{word} part", slug=f"{word}-part-1-0-0", org=org)
    template = DeviceTemplate.objects.create(
        external_sku=f"{word} model", slug=f"{word}-model-v1-0-0", os_tag=1024, org=org
    )
    DeviceSlot.objects.create(template=template, component=component, number=0)
    waiting = make_device()
    waiting.org = org
    waiting.save()
    return {
        "component": component,
        "template": template,
        "waiting_device": waiting,
        "claim_code": issue_claim_code(device=waiting, by=owner),
        "project_template": ProjectTemplate.objects.create(
            name=f"{word} template", slug=f"{word}-template-v1-0-0", major_version=1, org=org
        ),
    }


def _archive(word: str, device: Device, stream: StreamId, owner: Account) -> dict[str, Any]:
    assert device.org is not None
    block = DataBlock.objects.create(
        slug=f"b--0001-{device.gid[5:]}",
        block=1,
        device=device,
        org=device.org,
        sg=device.sg,
        title=f"{word} block",
        completed_on=timezone.now(),
        created_by=owner,
    )
    DataMask.objects.create(org=block.org, target=block.slug, start=THEN)
    return {
        "block": block,
        "block_stream": StreamId.objects.create(
            slug=f"s--0000-0000--{block.slug[3:]}--5001",
            org=block.org,
            device=device,
            block=block,
            variable=stream.variable,
            var_lid=0x5001,
            var_type=stream.var_type,
            output_unit=stream.output_unit,
        ),
    }


def _metadata(word: str, device: Device, stream: StreamId, owner: Account) -> dict[str, Any]:
    org = device.org
    assert org is not None
    assert device.sg is not None
    wanted = PropertyTemplate.objects.create(org=org, name=f"{word} wanted", created_by=owner)
    device.sg.org_properties.add(wanted)
    name, _ = ConfigName.objects.get_or_create(name=":a:setting")
    spare, _ = ConfigName.objects.get_or_create(name=":a:spare:setting")
    template = PropertyTemplate.objects.create(org=org, name=f"{word} kind", created_by=owner)
    alias = StreamAlias.objects.create(
        slug=f"a--{device.gid}", name=f"{word} alias", org=org, created_by=owner
    )
    return {
        "note": StreamNote.objects.create(
            org=org, target=device.slug, timestamp=THEN, note=f"{word} note", created_by=owner
        ),
        "property": Property.objects.create(
            org=org, target=device.slug, name=f"{word} property", text=word, created_by=owner
        ),
        "property_template": template,
        "enum": PropertyEnum.objects.create(template=template, value=f"{word} value", created_by=owner),
        "config_name": name,
        "spare_name": spare,
        "config": ConfigAttribute.objects.create(
            org=org, target=device.slug, name=name, data={"of": word}, updated_by=owner
        ),
        "location": DeviceLocation.objects.create(
            org=org, target=device.slug, timestamp=THEN, lat="37.5", lon="-122.25", user=owner
        ),
        "alias": alias,
        "tap": StreamAliasTap.objects.create(alias=alias, timestamp=THEN, stream=stream, created_by=owner),
    }


def _streamer(word: str, device: Device, owner: Account) -> dict[str, Any]:
    DeviceVersion.objects.create(
        device=device, type="os", tag=1024, major_version=1, minor_version=2, updated_ts=THEN
    )
    streamer = Streamer.objects.create(
        slug=f"t--{device.gid}--0000", device=device, index=0, selector=0xD7FF, has_stored=True
    )
    return {
        "streamer": streamer,
        "report": StreamerReport.objects.create(
            streamer=streamer,
            status=StreamerReport.Status.STORED,
            sent_timestamp=THEN,
            count=5,
            size_bytes=100,
            file_name=f"{word}.bin",
            object_key=f"reports/{uuid.uuid4()}",
            created_by=owner,
        ),
    }
