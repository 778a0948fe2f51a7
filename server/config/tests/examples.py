"""For every operation one request that succeeds for callers with the right: parameters of the path,
query and body, as small as possible. Each is a function of a SampleOrg, since ids are known only
then."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.core.files.uploadedfile import SimpleUploadedFile

from server.apps.accounts.services.signing import issue_jwt
from server.apps.accounts.tests.factories import PASSWORD
from server.apps.devices.models import DeviceKey
from server.apps.files.models import StoredFile
from server.apps.files.services import file_url, start_upload
from server.apps.ingest.tests.uploads import signed_list
from server.apps.lifecycle.models import Repair
from server.apps.streams.services.payloads import event_token
from server.config.tests.sample_org import SampleOrg
from server.core.storage import put_object

ANOTHER_PASSWORD: Final = "a stapled battery horse"


@dataclass(frozen=True)
class Example:
    """`places`: values of parameters in the path, in addition to those of `places()`."""

    body: Any = None
    query: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    format: str = "json"
    answers: frozenset[int] = frozenset(range(200, 300))
    """The status codes for callers with the right."""


Make: TypeAlias = Callable[[SampleOrg], Example]


def places(home: SampleOrg) -> dict[str, Mapping[str, str]]:
    """Returns values of the parameters of a path, by the path's noun."""
    return {
        "account": {"slug": home.owner.slug},
        "org": {
            "slug": home.org.slug,
            "user": f"{home.word}-deputy",
            "invitation_id": str(home.invitation.pk),
            "domain_id": str(home.domain.pk),
            "key_id": str(home.api_key.pk),
        },
        "project": {"id_or_slug": str(home.project.pk), "slug": home.project.slug},
        "device": {"slug": home.device.slug},
        "streamer": {"slug": home.streamer.slug, "report_id": str(home.report.pk)},
        "variable": {"slug": home.variable.slug},
        "stream": {"slug": home.stream.slug},
        "datablock": {"slug": home.block.slug},
        "component": {"slug": home.component.slug},
        "dt": {"slug": home.template.slug},
        "pt": {"slug": home.project_template.slug},
        "sg": {"slug": home.graph.slug},
        "vartype": {"slug": "water-meter-volume"},
        "vartemplate": {"pk": str(home.variable_template.pk)},
        "widget": {"pk": str(home.widget.pk)},
        "production": {"slug": home.device.slug},
        "alias": {"slug": home.alias.slug},
        "event": {"event_id": home.event_id, "token": event_token(uuid.UUID(home.event_id))},
        "file": {"file_id": str(home.file.pk)},
        "tap": {"pk": str(home.tap.pk), "id": str(home.tap.pk)},
        "ot": {"slug": home.org_template.slug},
        "config": {"pk": str(home.config.pk), "id": str(home.config.pk)},
        "location": {"pk": str(home.location.pk), "id": str(home.location.pk)},
        "note": {"pk": str(home.note.pk), "id": str(home.note.pk)},
        "property": {"pk": str(home.property.pk), "id": str(home.property.pk)},
        "propertytemplate": {"pk": str(home.property_template.pk), "id": str(home.property_template.pk)},
    }


def _sign_up(home: SampleOrg) -> Example:
    new = {"username": "newcomer", "name": "", "email": "newcomer@example.org"}
    return Example({**new, "password": ANOTHER_PASSWORD, "confirm_password": ANOTHER_PASSWORD})


_ACCOUNTS: Final[dict[tuple[str, str], Make]] = {
    ("POST", "auth/login/"): lambda home: Example({"email": home.owner.email, "password": PASSWORD}),
    ("POST", "auth/logout/"): lambda home: Example(),
    # A JWT, with which the walk signs in, makes no token.
    ("GET", "auth/token/"): lambda home: Example(answers=frozenset({403})),
    ("POST", "auth/token/"): lambda home: Example(answers=frozenset({403})),
    ("POST", "auth/password/reset/"): lambda home: Example({"email": home.owner.email}),
    ("POST", "auth/api-jwt-auth/"): lambda home: Example(
        {"username": home.owner.username, "password": PASSWORD}
    ),
    ("POST", "auth/api-jwt-verify/"): lambda home: Example({"token": issue_jwt(user=home.owner)}),
    ("POST", "auth/api-jwt-refresh/"): lambda home: Example({"token": issue_jwt(user=home.owner)}),
    ("POST", "account/"): _sign_up,
    ("PATCH", "account/{slug}/"): lambda home: Example({"tagline": "hello"}),
    ("POST", "account/{slug}/set_password/"): lambda home: Example(
        {
            "current_password": PASSWORD,
            "password": ANOTHER_PASSWORD,
            "confirm_password": ANOTHER_PASSWORD,
        }
    ),
}

_ORGS: Final[dict[tuple[str, str], Make]] = {
    ("POST", "org/"): lambda home: Example({"name": "A new one"}),
    ("DELETE", "org/{slug}/"): lambda home: Example(places={"slug": home.empty_org.slug}),
    ("PUT", "org/{slug}/"): lambda home: Example({"name": "homestead renamed", "about": "renewed"}),
    ("PATCH", "org/{slug}/"): lambda home: Example({"about": "renewed"}),
    ("PATCH", "org/{slug}/members/{user}/"): lambda home: Example(
        {"role": "m1"}, places={"user": "operator"}
    ),
    ("DELETE", "org/{slug}/members/{user}/"): lambda home: Example(places={"user": "operator"}),
    ("DELETE", "org/{slug}/membership/"): lambda home: Example(),
    ("POST", "org/{slug}/register/"): lambda home: Example({"user": home.newcomer.slug, "role": "m1"}),
    ("POST", "org/{slug}/invite/"): lambda home: Example({"email": "new@example.org"}),
    ("POST", "org/{slug}/pending/{invitation_id}/resend/"): lambda home: Example(),
    ("POST", "org/{slug}/domains/"): lambda home: Example({"name": "new.example"}),
    ("PATCH", "org/{slug}/domains/{domain_id}/"): lambda home: Example({"verified": True}),
    ("POST", "org/{slug}/apikeys/"): lambda home: Example({"name": "new", "scopes": ["catalogue"]}),
    ("POST", "org/{slug}/message/"): lambda home: Example({"subject": "hello", "message": "to all"}),
    ("POST", "invitation/accept/"): lambda home: Example(
        {"secret": "of somebody else"}, answers=frozenset({404})
    ),
    ("POST", "ot/"): lambda home: Example({"name": "new", "major_version": 1}),
    ("PUT", "ot/{slug}/"): lambda home: Example({"extra_data": {}}),
    ("PATCH", "ot/{slug}/"): lambda home: Example({"extra_data": {}}),
    ("GET", "changes/"): lambda home: Example(query=f"org={home.org.slug}"),
    ("POST", "pid/"): lambda home: Example({"pid": str(home.operation.pk)}),
}

_CATALOGUE: Final[dict[tuple[str, str], Make]] = {
    ("POST", "component/"): lambda home: Example({"external_sku": "new part", "major_version": 1}),
    ("PATCH", "component/{slug}/"): lambda home: Example({"description": "better"}),
    ("POST", "dt/"): lambda home: Example({"external_sku": "new model", "major_version": 1}),
    ("PATCH", "dt/{slug}/"): lambda home: Example({"description": "better"}),
    ("POST", "dt/{slug}/slot/"): lambda home: Example({"number": 1, "component": home.component.slug}),
    ("POST", "pt/"): lambda home: Example({"name": "new template", "major_version": 1}),
    ("PATCH", "pt/{slug}/"): lambda home: Example({"extra_data": {"web": {}}}),
    ("POST", "sg/"): lambda home: Example({"name": "new graph", "major_version": 1}),
    ("PATCH", "sg/{slug}/"): lambda home: Example({"ui_extra": {"colour": "blue"}}),
    ("POST", "sg/{slug}/property/"): lambda home: Example(
        {"name": home.property_template.name}, query=f"org={home.org.slug}"
    ),
    ("POST", "vartemplate/"): lambda home: Example(
        {"label": "IO 2", "sg": home.graph.slug, "lid_hex": "5002", "var_type": "water-meter-volume"}
    ),
    ("PATCH", "vartemplate/{pk}/"): lambda home: Example({"label": "IO one"}),
    ("PUT", "vartemplate/{pk}/"): lambda home: Example(
        {"label": "IO 1", "sg": home.graph.slug, "lid_hex": "5001", "var_type": "water-meter-volume"}
    ),
    ("POST", "widget/"): lambda home: Example({"label": "new", "sg": home.graph.slug, "lid_hex": "5001"}),
    ("PATCH", "widget/{pk}/"): lambda home: Example({"label": "another"}),
    ("PUT", "widget/{pk}/"): lambda home: Example(
        {"label": "another", "sg": home.graph.slug, "lid_hex": "5001"}
    ),
    ("POST", "vartype/"): lambda home: Example({"name": "Brightness"}),
    ("PATCH", "vartype/{slug}/"): lambda home: Example({"storage_units_full": "Liters"}),
    ("POST", "key/"): lambda home: Example({"slug": home.device.slug, "type": "SSH", "secret": "hidden"}),
    ("POST", "production/device/create_virtual/"): lambda home: Example(
        {"org": home.org.slug, "user": home.owner.slug, "sg": "edge-v1-0-0"}
    ),
}


def _upload(home: SampleOrg) -> Example:
    report = signed_list(home.device, (101, 102))
    file = SimpleUploadedFile("report.bin", report)
    return Example({"file": file}, query="timestamp=2021-03-01T11:23:15Z", format="multipart")


def _event_upload(home: SampleOrg) -> Example:
    file = SimpleUploadedFile("event.json", b'{"samples": [1, 2, 3]}')
    return Example(
        {"file": file, "stream": home.stream.slug, "timestamp": "2021-03-01T11:25:00Z"}, format="multipart"
    )


def _file_upload(home: SampleOrg) -> Example:
    promised = start_upload(
        kind=StoredFile.Kind.NOTE, title="picture.png", content_type="image/png", org=home.org, by=home.owner
    )
    return Example({**promised.fields, "file": SimpleUploadedFile("picture.png", b"x")}, format="multipart")


def _table(name: str, text: str, query: str = "") -> Example:
    return Example({"file": SimpleUploadedFile(name, text.encode())}, query=query, format="multipart")


def _key_id(home: SampleOrg) -> str:
    """The tests that send this have made the key."""
    keys = DeviceKey.objects.filter(device=home.device, kind=DeviceKey.Kind.UPLOAD, revoked_on=None)
    return str(keys.get().pk)


def _with_filter(home: SampleOrg) -> Example:
    return Example(query=f"filter={home.stream.slug}")


_DEVICES: Final[dict[tuple[str, str], Make]] = {
    ("POST", "project/"): lambda home: Example({"name": "new project", "org": home.org.slug}),
    ("POST", "project/new/"): lambda home: Example({"name": "new project", "org": home.org.slug}),
    ("PATCH", "project/{id_or_slug}/"): lambda home: Example({"about": "renewed"}),
    ("DELETE", "project/{id_or_slug}/"): lambda home: Example(
        places={"id_or_slug": str(home.empty_project.pk)}
    ),
    ("POST", "device/"): lambda home: Example({"label": "new device", "sg": home.graph.slug}),
    ("POST", "device/http/"): lambda home: Example({"project": str(home.project.pk), "label": "new board"}),
    ("POST", "device/claim/"): lambda home: Example(
        {
            "device": home.waiting_device.slug,
            "project": str(home.project.pk),
            "claim_code": home.claim_code,
        }
    ),
    ("POST", "device/claimable/"): lambda home: Example({"slugs": [home.waiting_device.slug]}),
    ("POST", "device/bulk/claim/"): lambda home: _table(
        "claim.csv",
        f"slug,claim_code,label\n{home.waiting_device.slug},{home.claim_code},north\n",
        f"project={home.project.pk}",
    ),
    ("POST", "device/bulk/create/"): lambda home: _table("new.csv", "label\nfirst\nsecond\n"),
    ("PATCH", "device/{slug}/"): lambda home: Example({"label": "renamed"}),
    ("DELETE", "device/{slug}/"): lambda home: Example(places={"slug": home.waiting_device.slug}),
    ("POST", "device/{slug}/semiclaim/"): lambda home: Example(
        {"org": home.org.slug}, places={"slug": home.waiting_device.slug}
    ),
    ("POST", "device/{slug}/upgrade/"): lambda home: Example({"firmware": "1.2.3"}),
    ("GET", "device/{slug}/key/"): lambda home: Example(query="type=a-jwt"),
    ("POST", "device/{slug}/key/"): lambda home: Example(),
    ("POST", "device/{slug}/report-key/"): lambda home: Example({"kind": "user", "root_key": "0f" * 32}),
    ("POST", "device/{slug}/move/"): lambda home: Example({"project": home.empty_project.slug}),
    ("POST", "device/{slug}/reset/"): lambda home: Example({}),
    ("POST", "device/{slug}/repair/"): lambda home: Example({"kind": "remove-duplicates"}),
    ("GET", "device/{slug}/repair/{repair_id}/"): lambda home: _repair(home),
    ("DELETE", "device/{slug}/repair/{repair_id}/"): lambda home: _repair(home),
    ("POST", "device/{slug}/repair/{repair_id}/carry-out/"): lambda home: _repair(home),
    ("POST", "device/{slug}/repair/{repair_id}/undo/"): lambda home: _repair(home, state=Repair.State.DONE),
    ("POST", "device/{slug}/trim/"): lambda home: Example({"start": "2021-03-01T11:24:00Z"}),
    ("POST", "device/{slug}/unclaim/"): lambda home: Example({}),
    ("PATCH", "device/{slug}/mask/"): lambda home: Example({"start": "2021-03-01T11:24:00Z"}),
    ("PATCH", "device/{slug}/health/"): lambda home: Example({"health_check_enabled": True}),
    ("POST", "datablock/"): lambda home: Example({"title": "spring", "device": home.device.slug}),
    ("PATCH", "datablock/{slug}/"): lambda home: Example({"description": "what was before"}),
    ("PUT", "datablock/{slug}/"): lambda home: Example({"title": "summer"}),
    ("PATCH", "datablock/{slug}/mask/"): lambda home: Example({"start": "2021-03-01T11:24:00Z"}),
}


def _repair(home: SampleOrg, state: Repair.State = Repair.State.PLANNED) -> Example:
    counts = {"changed": 1, "added": 0, "removed": 0}
    repair = Repair.objects.create(
        device=home.device,
        org=home.org,
        kind=Repair.Kind.REMOVE_DUPLICATES,
        plan={"readings": counts, "events": counts, "hours": 0, "latest": 0, "fingerprint": ""},
        state=state,
    )
    return Example(places={"slug": home.device.slug, "repair_id": str(repair.pk)})


def _payload(home: SampleOrg) -> Example:
    """Files know no transaction: other examples, undone since, have deleted this one."""
    put_object(f"events/posted/{home.event_id}.json", b'{"samples": [1]}', overwrite=True)
    return Example()


_STREAMS: Final[dict[tuple[str, str], Make]] = {
    ("POST", "variable/"): lambda home: Example(
        {"name": "IO 3", "lid": 0x5003, "project": str(home.project.pk)}
    ),
    ("DELETE", "variable/{slug}/"): lambda home: Example(places={"slug": home.spare_variable.slug}),
    ("PATCH", "variable/{slug}/"): lambda home: Example({"name": "another"}),
    ("POST", "stream/"): lambda home: Example({"variable": home.variable.slug}),
    ("PATCH", "stream/{slug}/"): lambda home: Example({"data_label": "another"}),
    ("GET", "data/"): _with_filter,
    ("GET", "df/"): _with_filter,
    ("GET", "event/"): _with_filter,
    ("POST", "data/"): lambda home: Example(
        {
            "stream": home.stream.slug,
            "timestamp": "2021-03-01T12:00:00Z",
            "int_value": 7,
            "type": "Num",
        }
    ),
    ("POST", "in/"): lambda home: Example({"temperature": 21.5, "rssi": -61}),
    ("POST", "in/{key_id}/"): lambda home: Example({"temperature": 21.5}, places={"key_id": _key_id(home)}),
    ("POST", "event/"): lambda home: Example(
        {
            "stream": home.stream.slug,
            "timestamp": "2021-03-01T12:00:00Z",
            "extra_data": {"peak": 7},
        }
    ),
    ("PATCH", "event/{event_id}/"): lambda home: Example({"extra_data": {"peak": 8}}),
    ("GET", "event/{event_id}/data/"): _payload,
    ("GET", "event/file/{token}/"): _payload,
    ("POST", "event/upload/"): _event_upload,
    ("GET", "stream/{slug}/aggregate/"): lambda home: Example(query="bucket=1h"),
    ("POST", "streamer/report/"): _upload,
}


def _attachment(home: SampleOrg) -> Example:
    """A file exists only for the caller who requested its form, so other members get an error for
    its id."""
    return Example({"name": "picture.png", "uuid": "none"}, answers=frozenset({400}))


def _of_device(home: SampleOrg) -> Example:
    return Example(query=f"target={home.device.slug}")


_SAID: Final[dict[tuple[str, str], Make]] = {
    ("GET", "note/"): _of_device,
    ("GET", "location/"): _of_device,
    ("GET", "property/"): _of_device,
    ("GET", "config/attr/"): _of_device,
    ("POST", "note/"): lambda home: Example(
        {"target": home.device.slug, "timestamp": "2021-03-01T11:24:00Z", "note": "seen"}
    ),
    ("POST", "location/"): lambda home: Example(
        {"target": home.device.slug, "timestamp": "2021-03-01T11:24:00Z", "lat": "37.5", "lon": "-122.0"}
    ),
    ("POST", "property/"): lambda home: Example(
        {"target": home.device.slug, "name": "colour", "str_value": "blue"}
    ),
    ("POST", "propertytemplate/"): lambda home: Example({"org": home.org.slug, "name": "colour"}),
    ("POST", "device/{slug}/new_property/"): lambda home: Example({"name": "colour", "str_value": "blue"}),
    ("POST", "project/{slug}/new_property/"): lambda home: Example({"name": "colour", "int_value": 3}),
    ("POST", "datablock/{slug}/new_property/"): lambda home: Example({"name": "ripe", "bool_value": True}),
    ("PUT", "property/{pk}/"): lambda home: Example(
        {"target": home.device.slug, "name": home.property.name, "str_value": "green"}
    ),
    ("PATCH", "property/{pk}/"): lambda home: Example({"str_value": "green"}),
    ("PATCH", "propertytemplate/{pk}/"): lambda home: Example({"default": home.enum.value}),
    ("POST", "propertytemplate/{pk}/enum/"): lambda home: Example({"value": "blue"}),
    ("DELETE", "propertytemplate/{pk}/enum/"): lambda home: Example({"value": home.enum.value}),
    ("POST", "note/{pk}/uploadurl/"): lambda home: Example({"name": "picture.png"}),
    ("POST", "note/{pk}/uploadsuccess/"): _attachment,
    ("PATCH", "alias/{slug}/"): lambda home: Example({"name": "other well"}),
    ("PATCH", "tap/{pk}/"): lambda home: Example({"timestamp": "2021-03-01T11:25:00Z"}),
    ("GET", "config/name/{pk}/"): lambda home: Example(places={"pk": str(home.config_name.pk)}),
    ("PUT", "config/name/{pk}/"): lambda home: Example(
        {"name": home.config_name.name}, places={"pk": str(home.config_name.pk)}
    ),
    # One that nothing has.
    ("DELETE", "config/name/{pk}/"): lambda home: Example(places={"pk": str(home.spare_name.pk)}),
    ("PATCH", "config/name/{pk}/"): lambda home: Example(
        {"description": "what it is for"}, places={"pk": str(home.config_name.pk)}
    ),
    ("PATCH", "config/attr/{pk}/"): lambda home: Example({"data": {}}, answers=frozenset({400})),
    ("PUT", "config/attr/{pk}/"): lambda home: Example({"data": {}}, answers=frozenset({400})),
    ("GET", "config/attr/search/"): lambda home: Example(
        query=f"target={home.device.slug}&name={home.config_name.name}"
    ),
    ("POST", "alias/"): lambda home: Example({"org": home.org.slug, "name": "well"}),
    ("POST", "tap/"): lambda home: Example(
        {"alias": home.alias.slug, "timestamp": "2021-03-01T11:24:00Z", "stream": home.stream.slug}
    ),
    ("POST", "config/name/"): lambda home: Example({"name": ":new:name"}),
    ("POST", "config/attr/"): lambda home: Example(
        {"target": home.device.slug, "name": home.config_name.name, "data": {"x": 1}}
    ),
}

_FILES: Final[dict[tuple[str, str], Make]] = {
    ("POST", "file/upload/"): _file_upload,
    ("GET", "file/{file_id}/"): lambda home: Example(query=file_url(home.file).partition("?")[2]),
    ("POST", "s3file/sign/"): lambda home: Example({}, answers=frozenset({400})),
}

EXAMPLES: Final[dict[tuple[str, str], Make]] = {
    **_ACCOUNTS,
    **_ORGS,
    **_CATALOGUE,
    **_SAID,
    **_DEVICES,
    **_STREAMS,
    **_FILES,
}
