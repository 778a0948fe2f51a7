"""Reports that are nearly right, through the decoder and along the whole way: each is read, or
refused with a name.

`./inv chaos --only fuzz` does the same with a million of them and over a real web process, and
measures how long each takes.
"""

from collections import Counter
from typing import Final

import pytest

from chaos.harness.decoding import READ, DecodingResult
from chaos.harness.mutations import Case, Mutator
from chaos.harness.queries import query_stream_data
from server.apps.accounts.models import Account
from server.apps.devices.models import DeviceKey, Project
from server.apps.devices.services.keys import set_report_key
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.ingest.tests.uploads import as_person, form, post
from server.apps.streams.tests.factories import make_claimed_device
from server.lib.formats.tests.vectors import MANIFEST
from worker.testing import memory_queue, run_pending_jobs

SEED: Final = 20_210_601
DECODED: Final = 20_000
UPLOADED: Final = 500
ALLOWED: Final = {201, 400, 404, 413}


def test_twenty_thousand_mutated_reports_are_read_or_refused_with_a_name() -> None:
    mutator, decoded = Mutator(SEED), DecodingResult()

    for number in range(DECODED):
        decoded.run_case(number, mutator.case(number))

    assert decoded.crashes == []
    assert decoded.outcomes[READ] > DECODED / 10, "hardly any case comes through the outer checks"


@pytest.fixture
def vector_devices(project: Project) -> None:
    for entry in MANIFEST["devices"]:
        if entry["need"] != "claimed":
            continue
        device = make_claimed_device(project=project, number=entry["device_id"])
        for name, kind in (
            ("user_key", DeviceKey.Kind.REPORT_USER),
            ("device_key", DeviceKey.Kind.REPORT_DEVICE),
        ):
            if name in entry:
                set_report_key(device=device, kind=kind, root_key=bytes.fromhex(entry[name]), by=None)


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", "streamdata"])
@pytest.mark.usefixtures("vector_devices")
def test_five_hundred_mutated_uploads_are_stored_or_refused_and_the_loop_lives(alice: Account) -> None:
    mutator, headers = Mutator(SEED), as_person(alice)
    answers: Counter[int] = Counter()
    recorded = 0

    for number in range(UPLOADED):
        case = mutator.case(number)
        status = upload(case, headers)
        assert status in ALLOWED, f"case {number}: {status}"
        answers[status] += 1
        recorded += status == 400 and case.name not in {"", "."}  # a part without a name is no file
    run_pending_jobs()

    ledger = {
        report: counts
        for report, *counts in query_stream_data(
            "SELECT report, received, stored, duplicate, refused FROM report_ledger"
        )
    }
    stored = {report.pk for report in StreamerReport.objects.filter(status=StreamerReport.Status.STORED)}
    assert answers[201] > UPLOADED / 10
    assert StreamerReport.objects.count() == answers[201]
    assert RefusedUpload.objects.count() == recorded
    assert ledger.keys() == stored
    assert all(counts[0] == sum(counts[1:]) for counts in ledger.values())
    assert memory_queue().depth().dead == memory_queue().depth().waiting == 0


def upload(case: Case, headers: dict[str, str]) -> int:
    quoted = case.name.replace("\\", "\\\\").replace('"', '\\"')
    body = form(case.data, disposition=f'name="file"; filename="{quoted}"')
    return post(body, headers).status_code
