"""All report vectors and sequences over HTTP, through the queue and the worker, against what their
manifest expects."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.keys import set_report_key
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.streams.selectors.data import ledger_of
from server.apps.streams.tests.factories import make_claimed_device
from worker.testing import run_pending_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

VECTORS = Path(settings.ROOT) / "docs" / "protocol" / "vectors" / "reports"
Json = dict[str, Any]


@cache
def manifest() -> Json:
    loaded: Json = json.loads((VECTORS / "manifest.json").read_text())
    return loaded


def reports() -> dict[str, Json]:
    return {report["id"]: report for report in manifest()["reports"]}


@dataclass
class Carrier:
    """A phone that brings reports, and looks what became of them."""

    client: APIClient

    def upload(self, report: Json) -> tuple[int, Json]:
        part = SimpleUploadedFile("report.bin", (VECTORS / report["file"]).read_bytes())
        part._name = report["upload_filename"]  # type: ignore[attr-defined]  # the setter would cut the path away
        answer = self.client.post(
            f"/api/v1/streamer/report/?timestamp={report['received_time']}",
            {"file": part},
            format="multipart",
        )
        run_pending_jobs()
        return answer.status_code, answer.json()

    def acknowledged(self, streamer_slug: str) -> int:
        answer = self.client.get(f"/api/v1/streamer/{streamer_slug}/")
        return int(answer.json()["last_id"]) if answer.status_code == 200 else 0


@pytest.fixture
def carrier(alice: Account) -> Carrier:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"JWT {issue_jwt(user=alice)}")
    return Carrier(client)


@pytest.fixture
def vector_devices(project: Project, charlie: Account) -> None:
    """Creates the devices of the manifest, in the state that it names."""
    elsewhere = make_project(org=charlie.orgs.get())
    for entry in manifest()["devices"]:
        need, number = entry["need"], entry["device_id"]
        if need == "exists, not claimed":
            Device.objects.filter(pk=make_device(number=number).pk).update(org=project.org)
        elif need == "claimed by another organisation":
            make_claimed_device(project=elsewhere, number=number)
        elif need == "claimed":
            device = make_claimed_device(project=project, number=number)
            if "user_key" in entry:
                _set_key(device, DeviceKey.Kind.REPORT_USER, entry["user_key"])
                _set_key(device, DeviceKey.Kind.REPORT_DEVICE, entry["device_key"])


def _set_key(device: Device, kind: DeviceKey.Kind, root_key: str) -> None:
    set_report_key(device=device, kind=kind, root_key=bytes.fromhex(root_key), by=None)


def is_within(value: int, expected: int | list[int]) -> bool:
    return expected[0] <= value <= expected[1] if isinstance(expected, list) else value == expected


def stored_by(report: StreamerReport) -> int:
    ledger = ledger_of([report.pk])[report.pk]
    assert ledger.received == ledger.stored + ledger.duplicate + ledger.refused
    return ledger.stored


SINGLE = [report_id for report_id in reports() if not report_id.startswith(("seq_", "emu_"))]


def test_every_vector_of_the_manifest_is_used() -> None:
    in_sequences = {step["report"] for sequence in manifest()["sequences"] for step in sequence["steps"]}

    assert {*SINGLE, *in_sequences} == reports().keys()
    assert len(reports()) == 77


@pytest.mark.parametrize("report_id", SINGLE)
def test_a_vector_is_answered_stored_and_acknowledged(
    report_id: str, carrier: Carrier, vector_devices: None
) -> None:
    report = reports()[report_id]
    expected = report["expected"]

    status, body = carrier.upload(report)

    assert status in expected["http"], body
    if status == 201:
        assert body == {"count": expected["count"]}
        assert is_within(stored_by(StreamerReport.objects.get()), expected["stored"])
        assert is_within(carrier.acknowledged(report["streamer_slug"]), expected["ack"])
    else:
        assert body["detail"]
        assert not StreamerReport.objects.exists()
        assert RefusedUpload.objects.count() == (0 if status == 404 else 1)


@pytest.mark.parametrize("sequence", manifest()["sequences"], ids=lambda sequence: str(sequence["id"]))
def test_a_sequence_is_stored_once_and_its_acknowledgement_never_goes_back(
    sequence: Json, carrier: Carrier, vector_devices: None
) -> None:
    for step in sequence["steps"]:
        report = reports()[step["report"]]

        status, body = carrier.upload(report)

        assert (status, body) == (step["http"], {"count": step["count"]}), step
        newest = StreamerReport.objects.order_by("created_on").last()
        assert newest is not None
        assert is_within(stored_by(newest), step["stored_new"]), step
        assert carrier.acknowledged(report["streamer_slug"]) == step["ack_after"], step


def times_are_certain(report: Json) -> bool:
    """Every reading is stored, and nothing about its time is an estimate."""
    kinds = {kind for _, kind in report.get("utc") or []}
    return bool(kinds) and kinds <= {"uptime", "rtc", "given"} and 201 in report["expected"]["http"]


NOT_KEPT = {"sl_no_ids", "odd_json_format_tag"}  # a server may keep them or not; this one does not
TIMED = [each for each in SINGLE if times_are_certain(reports()[each]) and each not in NOT_KEPT]


@pytest.mark.parametrize("report_id", TIMED)
def test_readings_come_back_with_the_times_and_words_of_the_manifest(
    report_id: str, carrier: Carrier, vector_devices: None
) -> None:
    report = reports()[report_id]
    carrier.upload(report)

    answer = carrier.client.get(f"/api/v1/data/?filter={report['device_slug']}&page_size=1000").json()

    expected = sorted(
        (f"{time[:19]}Z", reading_id, value)  # the API cuts fractions, as the original cloud does
        for (time, _), (_, reading_id, _, value) in zip(report["utc"], report["readings"], strict=True)
    )
    rows = [row for row in answer["results"] if not row["variable"].endswith(("--5a05", "--5a06"))]
    assert sorted((row["timestamp"], row["streamer_local_id"], row["int_value"]) for row in rows) == expected


def test_a_foreign_report_is_like_one_of_a_device_that_is_not_there(
    carrier: Carrier, vector_devices: None
) -> None:
    foreign = next(d for d in manifest()["devices"] if d["need"] == "claimed by another organisation")
    data = (VECTORS / "dev_unknown.bin").read_bytes()
    answers = []
    for number in (828078324, foreign["device_id"]):
        part = SimpleUploadedFile("report.bin", _as_device(data, number))
        answer = carrier.client.post(
            "/api/v1/streamer/report/?timestamp=2021-01-01T00:00:00Z", {"file": part}, format="multipart"
        )
        answers.append((answer.status_code, answer.json()))

    assert answers[0] == answers[1] == (404, {"detail": "Not found."})


def _as_device(data: bytes, number: int) -> bytes:
    """The same report of another device, with a hash that fits."""
    body = data[:4] + number.to_bytes(4, "little") + data[8:-16]
    return body + hashlib.sha256(body).digest()[:16]
