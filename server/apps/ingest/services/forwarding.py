"""Forward reports to another server, uploaded there as a client would.
docs/operations/forwarding.md is for operators."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from urllib3.filepost import encode_multipart_formdata

from server.apps.devices.selectors.configuration import configuration_of_device, is_configured_anywhere
from server.apps.ingest import jobs
from server.apps.ingest.models import Forwarding, StreamerReport
from server.apps.ingest.services.processing import StoredReport
from server.apps.streams.selectors.data import ledger_of
from server.core import credentials, sealed_documents
from server.core.durable import durable_cache
from server.core.outbound import (
    Answer,
    Destination,
    OutboundDown,
    OutboundRefused,
    destination,
    post,
)
from server.core.queue import MAX_DELAY_SECONDS, enqueue
from server.core.storage import get_object

CONFIGURATION: Final = ":classic:streamer:forwarder:config"
"""Of a device, its project or organisation: `{"enabled": true, "api_url": "https://…", "api_key":
"…"}`."""
MAX_ATTEMPTS: Final = 100
"""About a day, at the maximum delay."""
_FIRST_DELAY_S: Final = 15
_MAX_WAIT_S: Final = 3600
"""The longest `Retry-After` that is obeyed."""
_PAUSE_S: Final = 60
"""After no answer, no report goes to this server for so long."""
_UPLOAD_PATH: Final = "/api/v1/streamer/report/"
_STALE_AFTER_S: Final = 1.0


class RecentCheck:
    """Whether any forwarding is configured, as of at most a second ago. Mostly none is, and then a
    report costs no query."""

    def __init__(self) -> None:
        self._checked_at_s = -_STALE_AFTER_S
        self._any_forwarder = False

    def is_forwarding_configured(self) -> bool:
        now = time.monotonic()
        if now - self._checked_at_s >= _STALE_AFTER_S:
            self._any_forwarder = is_configured_anywhere(CONFIGURATION)
            self._checked_at_s = now
        return self._any_forwarder


_recent_check = RecentCheck()


class Outcome(Enum):
    NOTHING = "nothing to do"
    SENT = "sent"
    RETRY = "again"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class ForwardingAttempt:
    outcome: Outcome
    reason: str = ""
    delay_seconds: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    to: Destination
    authorization: str
    key: str


def forward_if_configured(stored: StoredReport) -> bool:
    """Forward a processed report. Returns whether a job was posted. Idempotent.

    A report that brought nothing new is not forwarded: two servers that forward to each other would
    never stop.
    """
    if not _recent_check.is_forwarding_configured():
        return False
    document = configuration_of_device(stored.device_slug, CONFIGURATION)
    if not _is_enabled(document) or not _stored_something(stored):
        return False
    with transaction.atomic():
        _, new = Forwarding.objects.get_or_create(
            report_id=stored.report_id, defaults={"url": _public_url(document)}
        )
        if new:
            enqueue(jobs.ForwardReport(report_id=str(stored.report_id)), org=stored.org_id)
    return new


def _is_enabled(document: Any) -> bool:
    return isinstance(document, dict) and document.get("enabled") is True


def _stored_something(stored: StoredReport) -> bool:
    """Asks the ledger too: when this run stored nothing new, an earlier run of the same job may
    have."""
    if stored.stored:
        return True
    ledger = ledger_of([stored.report_id]).get(stored.report_id)
    return ledger is not None and ledger.stored > 0


def _public_url(document: dict[str, Any]) -> str:
    try:
        return str(_destination(document))
    except OutboundRefused:
        return ""


def _destination(document: dict[str, Any]) -> Destination:
    """A URL without a path is a server like this one."""
    url = document.get("api_url")
    if not isinstance(url, str):
        raise OutboundRefused("The configuration has no api_url.")
    found = destination(url)
    if found.target == "/":
        return Destination(found.scheme, found.host, found.port, _UPLOAD_PATH)
    return found


def forward_report(*, report_id: str, now: datetime) -> ForwardingAttempt:
    """One attempt. The configuration is read each time, so that switching it off or correcting it
    takes effect at once.

    A report that was given up and comes again was redriven by an operator: it starts again.
    """
    forwarding = (
        Forwarding.objects.select_related("report__streamer__device")
        .filter(report_id=UUID(report_id))
        .first()
    )
    if forwarding is None or forwarding.state == Forwarding.State.SENT:
        return ForwardingAttempt(Outcome.NOTHING)
    if forwarding.state == Forwarding.State.FAILED:
        forwarding.attempts = 0
    forwarding.attempts += 1
    attempt = _attempt(forwarding, now)
    return _record_attempt(forwarding, attempt, now)


def _attempt(forwarding: Forwarding, now: datetime) -> ForwardingAttempt:
    report = forwarding.report
    document = configuration_of_device(report.streamer.device.slug, CONFIGURATION)
    if not _is_enabled(document):
        return ForwardingAttempt(Outcome.GIVEN_UP, "Forwarding was switched off.")
    try:
        target = _target(sealed_documents.unseal_document(document))
        forwarding.url = str(target.to)
        data = get_object(report.object_key)
    except OutboundRefused as error:
        return ForwardingAttempt(Outcome.GIVEN_UP, error.message)
    except FileNotFoundError:
        return ForwardingAttempt(Outcome.GIVEN_UP, "The bytes of the report are not on the object store.")
    return _send(forwarding, target, data, now)


def _target(document: dict[str, Any]) -> _Target:
    """A key alone is an organisation API key; a word before it is the scheme: `Token …`, `JWT
    …`."""
    to, key = _destination(document), document.get("api_key") or ""
    if not isinstance(key, str) or not key.strip():
        raise OutboundRefused("The configuration has no api_key.")
    scheme, blank, rest = key.strip().rpartition(" ")
    return _Target(to, f"{scheme} {rest}" if blank else f"Api-Key {rest}", rest)


def _send(forwarding: Forwarding, target: _Target, data: bytes, now: datetime) -> ForwardingAttempt:
    pause_key = f"forwarding-rests:{credentials.digest(f'{target.to} {target.authorization}')}"
    if durable_cache.get(pause_key):
        return ForwardingAttempt(Outcome.RETRY, "The server did not answer a moment ago.", _delay(forwarding))
    try:
        answer = _post(forwarding.report, target, data)
    except OutboundRefused as error:
        return ForwardingAttempt(Outcome.GIVEN_UP, error.message)
    except OutboundDown as error:
        forwarding.answer = None
        durable_cache.set(pause_key, True, timeout=_PAUSE_S)
        return ForwardingAttempt(Outcome.RETRY, str(error), _delay(forwarding))
    forwarding.answer = answer.status
    attempt = _attempt_from_answer(forwarding, answer, target, now)
    if attempt.outcome is Outcome.RETRY:
        wait_s = _requested_wait_s(answer, now) or (_PAUSE_S if answer.status >= 500 else 0)
        if wait_s:
            durable_cache.set(pause_key, True, timeout=wait_s)
    return attempt


def _post(report: StreamerReport, target: _Target, data: bytes) -> Answer:
    """The same bytes, name and time at each attempt, so that the other server recognizes a
    repetition."""
    name = report.file_name or f"{report.pk}.{report.object_key.rpartition('.')[2]}"
    body, content_type = encode_multipart_formdata(
        {"file": (name, data, "application/octet-stream")}, boundary=f"report-{report.pk}"
    )
    received = report.sent_timestamp.astimezone(UTC).isoformat().replace("+00:00", "Z")
    to = target.to
    joint = "&" if "?" in to.target else "?"
    headers = {"Authorization": target.authorization, "Content-Type": content_type}
    there = Destination(to.scheme, to.host, to.port, f"{to.target}{joint}timestamp={received}")
    return post(there, headers=headers, body=body)


def _attempt_from_answer(
    forwarding: Forwarding, answer: Answer, target: _Target, now: datetime
) -> ForwardingAttempt:
    status = answer.status
    reason = _reason(answer, target)
    if 200 <= status < 300:
        return ForwardingAttempt(Outcome.SENT)
    if status >= 500 or status in {408, 425, 429}:
        requested_s = min(_requested_wait_s(answer, now), MAX_DELAY_SECONDS)
        return ForwardingAttempt(Outcome.RETRY, reason, max(requested_s, _delay(forwarding)))
    if 300 <= status < 400:
        return ForwardingAttempt(Outcome.GIVEN_UP, f"{status}: redirects are not followed.")
    return ForwardingAttempt(Outcome.GIVEN_UP, reason)


def _requested_wait_s(answer: Answer, now: datetime) -> int:
    return min(answer.retry_after_seconds(now=now) or 0, _MAX_WAIT_S)


def _reason(answer: Answer, target: _Target) -> str:
    """Returns the other server's own words, without the key if it sent that back."""
    text = answer.text.replace(target.key, sealed_documents.STARS)
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"{answer.status}: {words}" if words else f"The server answered {answer.status}."


def _delay(forwarding: Forwarding) -> int:
    delay_s: int = _FIRST_DELAY_S << min(forwarding.attempts - 1, 10)
    return min(delay_s, MAX_DELAY_SECONDS)


def _record_attempt(forwarding: Forwarding, attempt: ForwardingAttempt, now: datetime) -> ForwardingAttempt:
    if attempt.outcome is Outcome.RETRY and forwarding.attempts >= MAX_ATTEMPTS:
        attempt = ForwardingAttempt(Outcome.GIVEN_UP, f"{attempt.reason} Tried {forwarding.attempts} times.")
    forwarding.failure = attempt.reason[:300]
    forwarding.state = {
        Outcome.SENT: Forwarding.State.SENT,
        Outcome.GIVEN_UP: Forwarding.State.FAILED,
    }.get(attempt.outcome, Forwarding.State.WAITING)
    forwarding.sent_on = now if attempt.outcome is Outcome.SENT else None
    forwarding.save(update_fields=["url", "state", "attempts", "answer", "failure", "sent_on"])
    return attempt
