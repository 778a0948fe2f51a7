"""Mutated reports end to end: uploaded over HTTP, queued, processed, and compared with what is
stored."""

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from chaos import sums
from chaos.harness.mutations import Mutator
from chaos.harness.queries import query_core, query_stream_data
from chaos.harness.web import MULTIPART, REPORTS, multipart
from chaos.installation import Installation
from chaos.verdict import MARKERS
from server.apps.accounts.models import Account
from server.apps.accounts.services.accounts import create_account, create_org
from server.apps.accounts.services.signing import issue_jwt
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.keys import set_report_key
from server.apps.devices.services.projects import create_project
from server.apps.lifecycle.services.claiming import claim_device
from server.lib.formats import Report, decode, rows_of
from server.lib.formats.selector import takes
from server.lib.formats.tests.vectors import MANIFEST, manifest_keys
from stack.ports import HOST

CLIENTS: Final = 4
ALLOWED: Final = frozenset({201, 400, 404, 413})
NAMELESS: Final = ("", ".")
DRAINED_WITHIN_S: Final = 300.0
POLL_EVERY_S: Final = 0.1


@dataclass
class Outcome:
    """`answers` counts HTTP statuses; `failures` are sentences."""

    cases: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    nameless: int = 0  # a part without a file name is not a file; nothing of it is recorded
    forged: int = 0
    """Readings stored twice because a streamer sent what its own selector does not take."""
    refused: list[tuple[str, int]] = field(default_factory=list)
    reports: list[tuple[str, int]] = field(default_factory=list)
    readings: int = 0
    events: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    failures: list[str] = field(default_factory=list)
    sources: dict[tuple[int, int, int], set[tuple[int, int]]] = field(default_factory=dict)
    """The streamers (device number, index) that sent a reading (device number, local variable id,
    reading id)."""
    selectors: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    forged_marks: set[tuple[int, int, int, int]] = field(default_factory=set)
    """Readings that a device sent on a stream of the server's marks (device number, local variable
    id, reading id, word)."""

    def record_accepted(self, report: Report) -> None:
        streamer = report.header.device_id, report.header.streamer_index
        self.selectors.setdefault(streamer, set()).add(report.header.selector)
        for lid, id, _, word in rows_of(report.readings):
            self.sources.setdefault((streamer[0], lid, id), set()).add(streamer)
            if lid in MARKERS:
                self.forged_marks.add((streamer[0], lid, id, word))

    def is_selected_by_all(self, reading: tuple[int, int, int]) -> bool:
        """Whether all selectors of all streamers that sent the reading take its stream."""
        streamers = self.sources.get(reading, set())
        return all(takes(selector, reading[1]) for each in streamers for selector in self.selectors[each])


def fuzz(installation: Installation, cases: int, seed: int) -> Outcome:
    jwt = _make_devices()
    outcome, lock = Outcome(cases), threading.Lock()
    threads = [
        threading.Thread(
            target=_run_client, args=(installation, jwt, (range(n, cases, CLIENTS), seed), (outcome, lock))
        )
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _inspect_result(outcome)
    return outcome


def table(outcome: Outcome) -> list[str]:
    """Returns the lines of the tables: answers, reasons of refusals, and states of the accepted
    reports."""
    lines = [f"{outcome.cases:,} uploads: {dict(sorted(outcome.answers.items()))}"]
    lines.append(f"slowest answer: {outcome.slowest_s * 1000:.0f} ms, {outcome.slowest}")
    lines.append(f"{outcome.readings:,} readings and {outcome.events:,} events stored")
    lines.append(
        f"{outcome.forged} readings twice, from streamers that sent what their selectors do not take"
    )
    for head, rows in (("refused", outcome.refused), ("report", outcome.reports)):
        lines += [
            "",
            f"| {head} | cases |",
            "|---|---|",
            *(f"| {name} | {count:,} |" for name, count in rows),
        ]
    return lines


def _make_devices() -> str:
    """Make the devices of the vectors as the manifest needs them. Returns the JWT of the uploading
    user."""
    user = create_account(email="fuzz@example.com", username="fuzz")
    other = create_account(email="elsewhere@example.com", username="elsewhere")
    own, foreign = _project(user), _project(other)
    for entry in MANIFEST["devices"]:
        if entry["need"] == "must not exist":
            continue
        device = create_device(number=entry["device_id"], by=user)
        if entry["need"] == "claimed":
            claim_device(device=device, into=own, by=user)
        elif entry["need"] == "claimed by another organisation":
            claim_device(device=device, into=foreign, by=other)
        if "user_key" in entry:
            _set_keys(device, entry)
    return issue_jwt(user=user)


def _project(user: Account) -> Project:
    return create_project(name="Fuzz", org=create_org(name=f"Fuzz {user.username}", by=user), by=user)


def _set_keys(device: Device, entry: dict[str, Any]) -> None:
    kinds = {"user_key": DeviceKey.Kind.REPORT_USER, "device_key": DeviceKey.Kind.REPORT_DEVICE}
    for name, kind in kinds.items():
        set_report_key(device=device, kind=kind, root_key=bytes.fromhex(entry[name]), by=None)


def _run_client(
    installation: Installation, jwt: str, what: tuple[range, int], result: tuple[Outcome, threading.Lock]
) -> None:
    (numbers, seed), (outcome, lock) = what, result
    mutator = Mutator(seed)
    connection = http.client.HTTPConnection(HOST, installation.web_port, timeout=60)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"Authorization": f"JWT {jwt}", "Content-Type": MULTIPART}
    for number in numbers:
        case = mutator.case(number)
        started = time.monotonic()
        try:
            connection.request(
                "POST", f"{REPORTS}?timestamp={stamp}", multipart(case.data, case.name), headers
            )
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            status, text = 0, repr(error).encode()
        took = time.monotonic() - started
        with lock:
            if status == 201:
                outcome.record_accepted(decode(case.data, case.name, manifest_keys))
            outcome.nameless += status == 400 and case.name in NAMELESS
            _record_answer(outcome, f"case {number}, {case.how}, {len(case.data)} bytes", status, text, took)
    connection.close()


def _record_answer(outcome: Outcome, case: str, status: int, text: bytes, took: float) -> None:
    outcome.answers[status] += 1
    if status not in ALLOWED:
        outcome.failures.append(f"{case}: {status} {text[:200]!r}")
    if took > outcome.slowest_s:
        outcome.slowest_s, outcome.slowest = took, case


def _inspect_result(outcome: Outcome) -> None:
    """Wait until the queue is empty, then check that each accepted report is stored or failed with
    a reason, and nothing else."""
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while query_core("SELECT 1 FROM core_job LIMIT 1"):
        if time.monotonic() > deadline:
            outcome.failures.append("the queue was not emptied")
            break
        time.sleep(POLL_EVERY_S)
    outcome.refused = query_core(
        "SELECT reason, count(*) FROM ingest_refusedupload GROUP BY 1 ORDER BY 2 DESC"
    )
    outcome.reports = query_core(
        "SELECT status || CASE WHEN failure = '' THEN '' ELSE ': ' || failure END, count(*)"
        " FROM ingest_streamerreport GROUP BY 1 ORDER BY 2 DESC"
    )
    [(outcome.readings,)] = query_stream_data(
        "SELECT count(*) FROM reading WHERE stream_key = ANY(%s)", [_keys()]
    )
    [(outcome.events,)] = query_stream_data("SELECT count(*) FROM event")
    outcome.failures += [f"dead letter: {row}" for row in query_core("SELECT reason, body FROM core_deadjob")]
    outcome.failures += _find_discrepancies(outcome)


def _find_discrepancies(outcome: Outcome) -> list[str]:
    reports = {key for (key,) in query_core("SELECT id FROM ingest_streamerreport")}
    stored = {key for (key,) in query_core("SELECT id FROM ingest_streamerreport WHERE status = 'stored'")}
    ledger = {
        key: counts
        for key, *counts in query_stream_data(
            "SELECT report, received, stored, duplicate, refused FROM report_ledger"
        )
    }
    doubled, outcome.forged = _find_doubled(outcome)
    kept = sum(counts[1] for counts in ledger.values()) - _count_forged_marks(outcome)
    found = {
        "reports without a 201, or the other way round": len(reports) - outcome.answers[201],
        "refused uploads without a row": outcome.answers[400]
        - outcome.nameless
        - sum(n for _, n in outcome.refused),
        "stored reports without a ledger, or the other way round": len(stored ^ ledger.keys()),
        "ledgers that do not add up": sum(counts[0] != sum(counts[1:]) for counts in ledger.values()),
        "rows that no ledger counts": outcome.readings + outcome.events - kept,
        "doubled readings": len(doubled),
    }
    discrepancies = [f"{what}: {count}" for what, count in found.items() if count]
    return discrepancies + [f"{what}: {rows[:3]}" for what, rows in sums.differences(_keys()) if rows]


def _keys() -> list[int]:
    """Returns the keys of the streams that devices sent. Marks are left out: those of fuzzed
    reports may share id and time."""
    lids = list(MARKERS)
    return [key for (key,) in query_core("SELECT key FROM streams_streamid WHERE var_lid <> ALL(%s)", [lids])]


def _count_forged_marks(outcome: Outcome) -> int:
    """Returns how many rows of the streams of marks came from devices. The ledgers count these, and
    not the server's own."""
    streams = {
        key: (device, lid)
        for key, device, lid in query_core(
            "SELECT key, device_id, var_lid FROM streams_streamid WHERE var_lid = ANY(%s)", [list(MARKERS)]
        )
    }
    stored = query_stream_data(
        "SELECT stream_key, seq, int_value::bigint & 4294967295 FROM reading WHERE stream_key = ANY(%s)",
        [list(streams)],
    )
    return sum((*streams[key], id, word) in outcome.forged_marks for key, id, word in stored)


def _find_doubled(outcome: Outcome) -> tuple[list[tuple[Any, ...]], int]:
    """Returns the readings stored twice, and the number of further ones that a selector explains.

    Deduplication looks only where the selectors say that a reading can come from.
    """
    streams = {
        key: (device, lid)
        for key, device, lid in query_core("SELECT key, device_id, var_lid FROM streams_streamid")
    }
    twice = query_stream_data(
        "SELECT stream_key, seq FROM reading WHERE stream_key = ANY(%s) GROUP BY 1, 2 HAVING count(*) > 1",
        [_keys()],
    )
    unexplained = [each for each in twice if outcome.is_selected_by_all((*streams[each[0]], each[1]))]
    return unexplained, len(twice) - len(unexplained)
