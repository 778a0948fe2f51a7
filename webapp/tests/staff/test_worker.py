"""The staff pages of the worker: what they show, and what staff can do on them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from server.apps.devices.models import Device
from server.apps.ingest.models import RefusedUpload
from server.core.queue import Message, Outcome, message_of
from server.core.queue.jobs import SweepOutbox
from server.core.queue.models import DailyCount, JobLog
from server.core.queue.watching import pausing
from webapp.tests.staff.workers import dead_letter, make_run, make_worker, memory_queue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def text(client: Client, path: str) -> str:
    """Returns a page's lines without surrounding spaces."""
    return client.get(path).content.decode()


def test_a_worker_that_was_not_seen_for_long_is_grey(as_staff: Client) -> None:
    make_worker(host="here", in_flight=[{"id": "j-1", "action": "process-report", "since": "2026-01-01"}])
    make_worker(host="lost", seen_ago=timedelta(hours=1))
    make_worker(host="ended", seen_ago=timedelta(hours=2), stopped=True)

    page = text(as_staff, "/staff/worker/")

    assert page.index("here") < page.index("lost") < page.index("ended")
    assert (page.count('class="gone"'), page.count("Stopped"), page.count("Gone")) == (2, 1, 1)
    assert 'href="/staff/worker/job/j-1/"' in page


def test_actions_are_counted_over_the_span_that_was_chosen(as_staff: Client) -> None:
    make_run(action="archive-device", ago=timedelta(minutes=10), duration_ms=83_000.0)
    make_run(action="move-device", ago=timedelta(hours=3), outcome=Outcome.DEAD)
    make_run(action="trim-device", ago=timedelta(days=3))

    pages = {span: text(as_staff, f"/staff/worker/?span={span}") for span in ("hour", "day", "week", "aeon")}

    shown = {
        span: [
            name for name in ("archive-device", "move-device", "trim-device") if f'"action-{name}"' in page
        ]
        for span, page in pages.items()
    }
    assert shown == {
        "hour": ["archive-device"],
        "day": ["archive-device", "move-device"],
        "week": ["archive-device", "move-device", "trim-device"],
        "aeon": ["archive-device"],
    }
    assert "1 min 23 s" in pages["hour"]


def test_what_staff_did_is_no_action(as_staff: Client) -> None:
    as_staff.post("/staff/worker/pause/", {"reason": "a look"})

    assert 'id="action-' not in text(as_staff, "/staff/worker/")
    assert "staff-pause" in text(as_staff, "/staff/worker/log/")


def test_the_fragment_is_the_page_without_its_frame(as_staff: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "worker-now"}

    fragment = as_staff.get("/staff/worker/?span=day", headers=headers).content.decode().strip()

    assert fragment.startswith('<div id="worker-now"')
    assert 'hx-get="/staff/worker/?span=day"' in fragment
    assert "<html" not in fragment


def test_a_pause_shows_who_and_why_until_it_is_over(as_staff: Client) -> None:
    as_staff.post("/staff/worker/pause/", {"reason": "a new disk"})
    during, row = text(as_staff, "/staff/worker/"), pausing.paused()
    as_staff.post("/staff/worker/resume/")

    assert row is not None
    assert (row.paused_by, row.reason) == ("sara", "a new disk")
    assert "The queue is paused" in during
    assert "a new disk" in during
    assert pausing.paused() is None
    assert "The queue is paused" not in text(as_staff, "/staff/worker/")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_pause_needs_a_reason(as_staff: Client, reason: str) -> None:
    answer = as_staff.post("/staff/worker/pause/", {"reason": reason})

    assert answer.status_code == 400
    assert pausing.paused() is None


def test_to_resume_twice_does_no_harm(as_staff: Client) -> None:
    answer = as_staff.post("/staff/worker/resume/", follow=True)

    assert answer.status_code == 200
    assert not JobLog.objects.exists()


def test_a_dead_letter_shows_its_reason_and_no_secrets(as_staff: Client) -> None:
    arguments = {
        "text": "hello <b>",
        "api_key": "hunter2",
        "inner": {"token": "hunter2", "list": [{"password": "hunter2"}]},
    }
    dead_letter(
        message=Message("j-1", "note", arguments),
        reason="Traceback (most recent call last):\n  File “x”, line 1\nValueError: no",
    )

    page = text(as_staff, "/staff/worker/dead/")

    assert "hello &lt;b&gt;" in page
    assert "hunter2" not in page
    assert 'reason">ValueError: no<' in page
    assert "Full reason" in page
    assert 'href="/staff/worker/job/j-1/"' in page


def test_an_unreadable_message_is_shown_as_it_came(as_staff: Client) -> None:
    dead_letter(body="<not a message>")

    page = text(as_staff, "/staff/worker/dead/")

    assert "Unreadable message" in page
    assert "&lt;not a message&gt;" in page


def test_nothing_is_done_before_it_is_confirmed(as_staff: Client) -> None:
    chosen, _ = dead_letter(reason="the first"), dead_letter(reason="the second")

    answer = as_staff.post("/staff/worker/dead/", {"act": "delete", "handle": chosen}).content.decode()

    assert "Delete 1 dead letter?" in answer
    assert "the first" in answer
    assert "the second" not in answer
    assert memory_queue().depth().dead == 2


def test_all_that_are_shown_can_be_chosen(as_staff: Client) -> None:
    shown = [dead_letter(), dead_letter()]
    dead_letter()  # since the page was opened

    answer = as_staff.post("/staff/worker/dead/", {"act": "redrive", "which": "all", "shown": shown})

    page = answer.content.decode()
    assert "Send 2 dead letters back" in page
    assert page.count('name="handle"') == 2


@pytest.mark.parametrize(("act", "waiting"), [("redrive", 1), ("delete", 0)])
def test_a_confirmed_act_is_done_to_what_was_chosen(as_staff: Client, act: str, waiting: int) -> None:
    chosen, other = dead_letter(message=message_of(SweepOutbox())), dead_letter()

    answer = as_staff.post(
        "/staff/worker/dead/", {"act": act, "handle": chosen, "confirmed": "yes"}, follow=True
    )

    assert "1 dead letter " in answer.content.decode()
    assert [letter.handle for letter in memory_queue().dead_letters(most=9)] == [other]
    assert memory_queue().depth().waiting == waiting


def test_the_second_to_act_sees_that_it_was_gone(as_staff: Client) -> None:
    chosen = dead_letter()
    body = {"act": "delete", "handle": chosen, "confirmed": "yes"}
    as_staff.post("/staff/worker/dead/", body)

    again = as_staff.post("/staff/worker/dead/", body, follow=True)

    assert "1 of 1 were no longer there." in again.content.decode()


@pytest.mark.parametrize(
    "body", [{}, {"act": "delete"}, {"act": "burn", "handle": "1"}, {"act": "delete", "handle": "9"}]
)
def test_an_empty_selection_is_refused(as_staff: Client, body: dict[str, str]) -> None:
    dead_letter()

    answer = as_staff.post("/staff/worker/dead/", body)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert memory_queue().depth().dead == 1


def test_the_page_shows_how_many_more_there_are(as_staff: Client) -> None:
    for _ in range(102):
        dead_letter()

    page = text(as_staff, "/staff/worker/dead/")

    assert page.count('name="handle"') == 100
    assert "The newest 100 of 102." in page


def test_pages_say_so_when_the_queue_is_unavailable(as_staff: Client, settings: Settings) -> None:
    settings.QUEUE_BACKEND, settings.SQS_URL = "sqs", "http://127.0.0.1:9"

    pages = {path: text(as_staff, path) for path in ("/staff/", "/staff/worker/", "/staff/worker/dead/")}

    assert [path for path, page in pages.items() if "The job queue is unavailable" not in page] == []
    assert "No dead letters" not in pages["/staff/worker/dead/"]


def test_a_job_shows_each_of_its_runs(as_staff: Client) -> None:
    first = make_run(
        message_id="j-1", outcome=Outcome.RETRIED, detail="ValueError: no", ago=timedelta(hours=1)
    )
    make_run(message_id="j-1", attempt=2, duration_ms=2500.0)

    page = text(as_staff, f"/staff/worker/job/{first.message_id}/")

    assert page.index("Failed, retried") > page.index("2.5 s")
    assert "ValueError: no" in page
    assert "&quot;report_id&quot;: &quot;r-1&quot;" in page
    assert "hx-trigger" not in page  # it has ended, so the page does not refresh


def test_a_job_among_the_dead_letters_can_be_sent_back(as_staff: Client) -> None:
    handle = dead_letter(message=Message("j-1", "note", {"api_key": "hunter2"}), reason="it never could")
    make_run(message_id="j-1", action="note", outcome=Outcome.DEAD)

    page = text(as_staff, "/staff/worker/job/pid:j-1/")

    assert "Among the dead letters" in page
    assert f'name="handle" value="{handle}"' in page
    assert "it never could" in page
    assert "hunter2" not in page


def test_a_job_that_is_in_neither_queue_nor_log_is_unknown(as_staff: Client) -> None:
    page = text(as_staff, "/staff/worker/job/5e6b0a3e-0000-4000-8000-000000000001/")

    assert "Unknown" in page
    assert 'hx-trigger="every 3s"' in page  # it may still come


def test_a_job_that_waits_and_one_in_flight(as_staff: Client) -> None:
    make_run(message_id="j-1", outcome=Outcome.DEFERRED)
    make_worker(in_flight=[{"id": "j-2", "action": "note", "since": "2026-01-01"}])

    assert "Waiting</span>" in text(as_staff, "/staff/worker/job/j-1/")
    assert "Running</span>" in text(as_staff, "/staff/worker/job/j-2/")


def test_the_log_is_filtered(as_staff: Client) -> None:
    make_run(message_id="j-1", action="note", outcome=Outcome.DEAD)
    make_run(message_id="j-2", action="note")
    make_run(message_id="j-3", action="trip", outcome=Outcome.DEAD)

    found = {
        query: [
            name
            for name in ("j-1", "j-2", "j-3")
            if f"/job/{name}/" in text(as_staff, f"/staff/worker/log/?{query}")
        ]
        for query in (
            "",
            "action=note",
            "outcome=dead",
            "action=note&outcome=dead",
            "action=none",
            "outcome=burned",
        )
    }

    assert found == {
        "": ["j-1", "j-2", "j-3"],
        "action=note": ["j-1", "j-2"],
        "outcome=dead": ["j-1", "j-3"],
        "action=note&outcome=dead": ["j-1"],
        "action=none": [],
        "outcome=burned": ["j-1", "j-2", "j-3"],
    }


def test_the_log_goes_back_page_by_page(as_staff: Client) -> None:
    for number in range(51):
        make_run(message_id=f"j-{number}", ago=timedelta(minutes=number))
    first = as_staff.get("/staff/worker/log/?action=process-report")
    older = as_staff.get(
        "/staff/worker/log/", {"action": "process-report", "before": first.context["next"].isoformat()}
    ).content.decode()

    assert "/job/j-50/" not in first.content.decode()
    assert "/job/j-50/" in older
    assert "/job/j-49/" not in older


def test_the_installation_shows_what_was_counted(as_staff: Client, device: Device) -> None:
    today = datetime.now(UTC).date()
    DailyCount.objects.create(day=today, name="StreamerReports*", count=1_234_567)
    DailyCount.objects.create(day=today - timedelta(days=1), name="devices", count=42)
    DailyCount.objects.create(day=today - timedelta(days=30), name="Forgotten", count=1)
    RefusedUpload.objects.create(reason="bad-hash", message="No.")
    old = RefusedUpload.objects.create(reason="bad-size", message="No.")
    RefusedUpload.objects.filter(pk=old.pk).update(created_on=timezone.now() - timedelta(days=2))

    page = text(as_staff, "/staff/")

    assert "Streamer reports" in page
    assert "1,234,567" in page
    assert "Forgotten" not in page
    assert ("bad-hash" in page, "bad-size" in page) == (True, False)
    assert device.slug in page  # another organisation's, and silent
    assert "No worker is alive." in page
