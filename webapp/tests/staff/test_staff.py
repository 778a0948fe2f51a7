"""Who may open the staff pages, and that each of them opens."""

from typing import Final

import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.core.queue import message_of
from server.core.queue.jobs import SweepOutbox
from server.core.queue.models import JobLog, QueuePause
from webapp.tests.conftest import signed_in
from webapp.tests.queries import counted
from webapp.tests.staff.workers import dead_letter, make_everything, make_run, make_worker, memory_queue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

JOB: Final = "5e6b0a3e-0000-4000-8000-000000000001"
READ: Final = [
    "/staff/",
    "/staff/worker/",
    "/staff/worker/?span=week",
    "/staff/worker/dead/",
    "/staff/worker/log/",
    f"/staff/worker/job/{JOB}/",
    "/staff/worker/schedule/",
    "/staff/worker/schedule/?action=delete-project",
]
WRITE: Final = {
    "/staff/worker/pause/": {"reason": "a look"},
    "/staff/worker/resume/": {},
    "/staff/worker/dead/": {"act": "delete", "which": "all", "shown": "1", "confirmed": "yes"},
    "/staff/worker/schedule/?action=sweep-outbox": {},
}
BOTH: Final = [*READ, *WRITE, "/staff/mail/", "/staff/mail/20260101-000000-1.log/0/"]


def test_staff_sees_every_page_empty_and_full(as_staff: Client) -> None:
    empty = {path: as_staff.get(path).status_code for path in READ}
    make_everything(1)
    full = {path: as_staff.get(path).status_code for path in READ}

    assert empty == full == dict.fromkeys(READ, 200)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_owner_member_and_stranger_get_a_404(
    who: str, alice: Account, bob: Account, charlie: Account
) -> None:
    dead_letter()
    client = signed_in({"alice": alice, "bob": bob, "charlie": charlie}[who])

    read = {path: client.get(path).status_code for path in BOTH}
    written = {path: client.post(path, WRITE.get(path, {})).status_code for path in BOTH}

    assert read == written == dict.fromkeys(BOTH, 404)
    assert not QueuePause.objects.exists()
    assert (memory_queue().depth().waiting, memory_queue().depth().dead) == (0, 1)


def test_a_signed_out_visitor_is_sent_to_sign_in(db: None, client: Client) -> None:
    answers = [ask(path) for path in BOTH for ask in (client.get, client.post)]

    assert {answer.headers["Location"][:27] for answer in answers} == {"/account/login/?next=/staff"}


def test_a_foreign_site_makes_staff_do_nothing(staff: Account) -> None:
    dead_letter()
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)

    statuses = {client.post(path, values).status_code for path, values in WRITE.items()}

    assert statuses == {403}
    assert not QueuePause.objects.exists()
    assert (memory_queue().depth().waiting, memory_queue().depth().dead) == (0, 1)


def test_to_look_changes_nothing(as_staff: Client) -> None:
    answers = [as_staff.get(f"/staff/worker/{act}/") for act in ("pause", "resume")]

    assert [answer.status_code for answer in answers] == [405, 405]


def test_a_page_costs_the_same_however_much_there_is(as_staff: Client) -> None:
    make_everything(1)
    queries(as_staff)  # loads what only the first request loads
    few = queries(as_staff)

    make_everything(5)

    assert queries(as_staff) == few
    assert max(core for core, _ in few.values()) <= 12
    assert {streamdata for _, streamdata in few.values()} == {0}


def queries(client: Client) -> dict[str, tuple[int, int]]:
    """Returns the number of queries of each page, for both databases."""
    found = {}
    for path in READ:
        with counted() as counts:
            client.get(path)
        found[path] = (counts.core, counts.streamdata)
    return found


def test_only_staff_has_a_way_there(as_staff: Client, as_alice: Client) -> None:
    assert 'href="/staff/"' in as_staff.get("/").content.decode()
    assert 'href="/staff/"' not in as_alice.get("/").content.decode()


def test_a_stale_fragment_sends_to_the_sign_in_page(db: None, client: Client) -> None:
    answer = client.get("/staff/worker/", headers={"HX-Request": "true", "HX-Target": "worker-now"})

    assert answer.headers["HX-Redirect"] == "/account/login/"


def test_an_id_that_no_job_can_have_is_not_there(as_staff: Client) -> None:
    ids = ["%00", "a%0Ab", "%20", "x" * 300, "a%2Fb"]

    assert {as_staff.get(f"/staff/worker/job/{each}/").status_code for each in ids} == {404}


def test_a_hostile_id_breaks_no_page(as_staff: Client) -> None:
    dead_letter(message_id="\x00")  # PostgreSQL cannot store it
    for message_id in ("", "a/b", "a\nb", "ü", "..", "x" * 300):
        dead_letter(message_id=message_id)
        make_run(message_id=message_id)
        make_worker(in_flight=[{"id": message_id, "action": "note", "since": "2026-01-01T00:00:00Z"}])

    statuses = [as_staff.get(f"/staff/worker/{page}").status_code for page in ("", "dead/", "log/")]

    assert statuses == [200, 200, 200]


def test_a_strange_question_breaks_no_page(as_staff: Client) -> None:
    strange = [
        *("action=%00", "outcome=burned", "before=yesterday", "span=%00", "before=9999-12-31T23:59:59Z"),
        "before=0001-01-01T00:00:00%2B14:00",
    ]

    answers = [as_staff.get(f"/staff/worker/{page}?{query}") for query in strange for page in ("", "log/")]

    assert {answer.status_code for answer in answers} == {200}


def test_every_act_leaves_a_row_with_its_author(as_staff: Client) -> None:
    letter = dead_letter(message=message_of(SweepOutbox()))
    as_staff.post("/staff/worker/pause/", {"reason": "a look"})
    as_staff.post("/staff/worker/resume/")
    as_staff.post("/staff/worker/dead/", {"act": "redrive", "handle": letter, "confirmed": "yes"})
    as_staff.post("/staff/worker/schedule/?action=sweep-outbox")

    rows = JobLog.objects.order_by("id").values_list("action", "arguments__by")

    assert [action for action, _ in rows] == [
        "staff-pause",
        "staff-resume",
        "staff-redrive",
        "staff-schedule",
    ]
    assert {by for _, by in rows} == {"sara"}
