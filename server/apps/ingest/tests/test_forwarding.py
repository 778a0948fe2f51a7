"""Forwarding reports to another server: what exactly is sent, and how each response is handled."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

import pytest
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.ingest.jobs import ForwardReport
from server.apps.ingest.models import Forwarding, StreamerReport
from server.apps.ingest.services.forwarding import (
    MAX_ATTEMPTS,
    ForwardingAttempt,
    Outcome,
    forward_if_configured,
    forward_report,
)
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.forwarded import (
    KEY,
    NOW,
    acme_ref,
    carrier,
    configure_forwarding,
    empty_check,
    forward,
    processed_report,
    target,
)
from server.apps.ingest.tests.sent import Carrier, rows, signed_list
from server.core.durable import durable_cache
from server.core.queue import current_queue, enqueue
from server.core.tests.loopback import ReceivedRequest, Script, scripted_server

__all__ = ["acme_ref", "carrier", "empty_check", "target"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def part_of(seen: ReceivedRequest) -> Message:
    """The one part of the form."""
    whole = message_from_bytes(
        b"Content-Type: " + seen.headers["Content-Type"].encode() + b"\r\n\r\n" + seen.body
    )
    payload = whole.get_payload()
    assert isinstance(payload, list)
    (part,) = payload
    assert isinstance(part, Message)
    return part


def test_a_report_is_sent_as_a_client_uploads_it(
    carrier: Carrier, alice: Account, target: Script, acme_ref: str
) -> None:
    configure_forwarding(acme_ref, target.url, alice)
    report = processed_report(carrier)

    assert forward(report).outcome is Outcome.SENT

    (seen,) = target.seen
    part = part_of(seen)
    assert seen.path == "/api/v1/streamer/report/?timestamp=2021-06-01T12:00:00Z"
    assert seen.headers["Authorization"] == f"Api-Key {KEY}"
    assert (part.get_param("name", header="content-disposition"), part.get_filename()) == (
        "file",
        "week 7.bin",
    )
    assert part.get_payload(decode=True) == signed_list(carrier.device, rows(1, 2, 3))


def test_a_path_of_its_own_stays_with_its_query(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, f"{target.url}/in/?to=us", alice)

    forward(processed_report(carrier))

    assert target.seen[0].path == "/in/?to=us&timestamp=2021-06-01T12:00:00Z"


@pytest.mark.parametrize("scheme", ["Token", "JWT", "Bearer", "Api-Key"])
def test_a_key_may_name_its_scheme(carrier: Carrier, alice: Account, target: Script, scheme: str) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice, api_key=f"{scheme} {KEY}")

    forward(processed_report(carrier))

    assert target.seen[0].headers["Authorization"] == f"{scheme} {KEY}"


def test_what_succeeded_is_sent_once(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = processed_report(carrier)

    assert [forward(report).outcome, forward(report).outcome] == [Outcome.SENT, Outcome.NOTHING]

    assert len(target.seen) == 1
    assert Forwarding.objects.get().sent_on == NOW


def test_each_try_sends_the_same_bytes(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(500, {}, b""), (201, {}, b"")]
    report = processed_report(carrier)

    forward(report)
    durable_cache.clear()
    forward(report)

    first, second = target.seen
    assert (first.path, first.body) == (second.path, second.body)
    assert first.headers["Content-Type"] == second.headers["Content-Type"]


def test_working_a_report_off_twice_forwards_it_once(
    carrier: Carrier, alice: Account, target: Script, run_jobs: Callable[[], int]
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = processed_report(carrier)
    again = process_report(report_id=str(report.pk))
    assert again is not None

    forward_if_configured(again)
    run_jobs()

    assert len(target.seen) == 1


def test_a_crash_between_storing_and_planning_loses_nothing(
    carrier: Carrier, alice: Account, target: Script
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = carrier.upload(signed_list(carrier.device, rows(1, 2, 3)))
    process_report(report_id=str(report.pk))
    again = process_report(report_id=str(report.pk))
    assert again is not None
    assert again.stored == 0

    assert forward_if_configured(again)


def test_what_brought_nothing_new_stays_here(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    processed_report(carrier, 1, 2, 3)

    processed_report(carrier, 1, 2, 3)

    assert Forwarding.objects.count() == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_is_final_and_records_the_reason(
    carrier: Carrier, alice: Account, target: Script, status: int
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(status, {}, b'{"detail":\n "No such device."}')]
    report = processed_report(carrier)

    assert forward(report) == ForwardingAttempt(
        Outcome.GIVEN_UP, f'{status}: {{"detail": "No such device."}}'
    )

    kept = Forwarding.objects.get()
    assert (kept.state, kept.answer, kept.attempts) == ("failed", status, 1)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(
    carrier: Carrier, alice: Account, target: Script, status: int
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(status, {}, b"later")]
    report = processed_report(carrier)

    found = forward(report)

    assert (found.outcome, found.delay_seconds) == (Outcome.RETRY, 15)
    assert Forwarding.objects.get().state == "waiting"


def test_a_redirect_is_not_followed(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(302, {"Location": f"{target.url}/elsewhere"}, b"")]

    assert forward(processed_report(carrier)).outcome is Outcome.GIVEN_UP

    assert len(target.seen) == 1


@pytest.mark.parametrize(("header", "delay"), [("120", 120), ("1", 15), ("100000", 900), ("soon", 15)])
def test_the_server_may_choose_when(
    carrier: Carrier, alice: Account, target: Script, header: str, delay: int
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(503, {"Retry-After": header}, b"")]

    assert forward(processed_report(carrier)).delay_seconds == delay


def test_a_server_that_asked_to_wait_gets_no_other_report_either(
    carrier: Carrier, alice: Account, target: Script
) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(429, {"Retry-After": "120"}, b"")]
    first, second = processed_report(carrier, 1, 2), processed_report(carrier, 3, 4)
    forward(first)

    assert forward(second).outcome is Outcome.RETRY

    assert len(target.seen) == 1


def test_an_unreachable_server_is_retried_with_growing_delays(
    carrier: Carrier, alice: Account, settings: Settings
) -> None:
    with scripted_server() as gone:
        settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
        configure_forwarding(carrier.device.slug, gone.url, alice)
        report = processed_report(carrier)

    found = [forward(report) for _ in range(8)]

    assert {each.outcome for each in found} == {Outcome.RETRY}
    assert [each.delay_seconds for each in found] == [15, 30, 60, 120, 240, 480, 900, 900]
    assert "connection refused" in found[0].reason


def test_in_the_end_it_is_given_up(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    target.answers = [(500, {}, b"broken")]
    report = processed_report(carrier)
    Forwarding.objects.update(attempts=MAX_ATTEMPTS - 1)

    found = forward(report)

    assert found == ForwardingAttempt(Outcome.GIVEN_UP, f"500: broken Tried {MAX_ATTEMPTS} times.")


def test_what_an_operator_sends_back_starts_again(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = processed_report(carrier)
    Forwarding.objects.update(state=Forwarding.State.FAILED, attempts=MAX_ATTEMPTS, failure="500: broken")

    assert forward(report).outcome is Outcome.SENT

    kept = Forwarding.objects.get()
    assert (kept.state, kept.attempts, kept.failure) == ("sent", 1, "")


def test_a_report_that_is_gone_is_nothing_to_do(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report_id = str(processed_report(carrier).pk)
    StreamerReport.objects.all().delete()

    assert forward_report(report_id=report_id, now=NOW).outcome is Outcome.NOTHING


class TestTheAction:
    def test_runs_twice_and_posts_once(
        self, carrier: Carrier, alice: Account, target: Script, run_jobs: Callable[[], int]
    ) -> None:
        configure_forwarding(carrier.device.slug, target.url, alice)
        report = processed_report(carrier)
        enqueue(ForwardReport(report_id=str(report.pk)))

        runs = run_jobs()

        assert (runs, len(target.seen)) == (3, 1)  # with the report's own job, which found it stored

    def test_leaves_a_dead_letter_with_the_servers_reason(
        self, carrier: Carrier, alice: Account, target: Script, run_jobs: Callable[..., int]
    ) -> None:
        configure_forwarding(carrier.device.slug, target.url, alice)
        target.answers = [(404, {}, b"no such device")]
        processed_report(carrier)

        run_jobs(raising=False)

        (dead_letter,) = current_queue().dead_letters(most=10)
        assert "404: no such device" in dead_letter.reason

    def test_comes_again_after_a_passing_trouble(
        self, carrier: Carrier, alice: Account, target: Script, run_jobs: Callable[[], int]
    ) -> None:
        configure_forwarding(carrier.device.slug, target.url, alice)
        target.answers = [(503, {}, b"")]
        processed_report(carrier)

        run_jobs()

        assert current_queue().depth().waiting == 1
        assert not current_queue().dead_letters(most=10)
