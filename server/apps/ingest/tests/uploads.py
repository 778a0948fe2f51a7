"""Reports as devices build them, and uploads as clients send them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device
from server.apps.devices.services.keys import issue_upload_key
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.lib.formats import Row, encode_signed_list

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse  # a type that django-stubs made up

Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"

REPORTS: Final = "/api/v1/streamer/report/"
RECEIVED: Final = datetime(2021, 3, 1, 11, 23, 15, tzinfo=UTC)
SENT_S: Final = 1000
IO_1: Final = 0x5001
_BOUNDARY: Final = "a-line-that-no-report-has"


def signed_list(
    device: Device, ids: Sequence[int] = (1, 2, 3), *, streamer_index: int = 0, selector: int = 0xD7FF
) -> bytes:
    """A report with these reading ids, one a second until it was sent, and the id as raw word."""
    rows: list[Row] = [(IO_1, at, SENT_S - len(ids) + n, at) for n, at in enumerate(ids)]
    return encode_signed_list(
        device_id=device.pk,
        report_id=1,
        sent_s=SENT_S,
        streamer_index=streamer_index,
        selector=selector,
        readings=rows,
    )


def as_person(user: Account) -> dict[str, str]:
    return {"Authorization": f"JWT {issue_jwt(user=user)}"}


def as_device(device: Device) -> dict[str, str]:
    return {"Authorization": f"Device-Key {issue_upload_key(device=device, by=None)}"}


def form(
    data: bytes, *, disposition: str = 'name="file"; filename="report.bin"', part_type: str = ""
) -> bytes:
    """A multipart body, byte by byte: clients differ in what they put into it."""
    kind = f"Content-Type: {part_type}\r\n" if part_type else ""
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n"
    return head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


def post(
    body: bytes,
    headers: dict[str, str],
    *,
    query: str = "?timestamp=2021-03-01T11:23:15Z",
    content_type: str = f"multipart/form-data; boundary={_BOUNDARY}",
) -> Answer:
    return Client().generic("POST", REPORTS + query, body, content_type=content_type, headers=headers)


def upload(data: bytes, headers: dict[str, str]) -> Answer:
    return post(form(data), headers)


def store(device: Device, user: Account, data: bytes | None = None) -> StreamerReport:
    """Upload a report and process it."""
    answer = upload(signed_list(device) if data is None else data, as_person(user))
    assert answer.status_code == 201, answer.content
    report = StreamerReport.objects.filter(streamer__device=device).latest("created_on")
    process_report(report_id=str(report.pk))
    return report
