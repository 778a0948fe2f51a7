"""One job and its runs, and the newest runs of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.core.errors import NotFound
from server.core.queue import DeadLetter, current_queue
from server.core.queue.log.base import RunRow
from server.core.queue.watching import history
from server.core.queue.watching.descriptions import action_descriptions, masked
from webapp.forms.staff import OUTCOMES, LogForm
from webapp.templatetags.staff import MESSAGE_ID
from webapp.views.page import PageRequest, when_reachable
from webapp.views.staff.dead import MOST, DeadLetterEntry, dead_letter_entry
from webapp.views.staff.page import staff_page
from webapp.views.staff.tabs import navigation

RUNS_A_PAGE: Final = 50
_FRAGMENT: Final = "job-now"


@dataclass(frozen=True, slots=True)
class RunEntry:
    run: RunRow
    arguments: Mapping[str, Any]


@staff_page
def job(request: PageRequest, message_id: str) -> HttpResponse:
    if not MESSAGE_ID.fullmatch(message_id):
        raise NotFound()
    context = _job_context(message_id.removeprefix("pid:")) | {
        **navigation("staff-log"),
        "now": timezone.now(),
    }
    fragment = request.htmx.target == _FRAGMENT
    return render(request, "staff/_job.html" if fragment else "staff/job.html", context)


def _job_context(message_id: str) -> dict[str, object]:
    runs = when_reachable(lambda: history.runs_of(message_id))
    letters = when_reachable(lambda: current_queue().dead_letters(most=MOST))
    letter = next((each for each in letters or [] if each.message_id == message_id), None)
    seen = when_reachable(lambda: history.job_status(message_id, now=timezone.now()))
    state = "dead" if letter else seen.state.value if seen else "unknown"
    shown = [_run_entry(each) for each in runs or []]
    return {
        "message_id": message_id,
        "state": state,
        "ended": state in {"done", "dead", "failed"},
        "runs": shown,
        "log_unavailable": runs is None,
        "queue_unavailable": letters is None,
        "letter": dead_letter_entry(letter) if letter else None,
        "action": _action(letter, runs, seen.action if seen else ""),
        "arguments": _arguments(dead_letter_entry(letter) if letter else None, shown),
    }


def _action(letter: DeadLetter | None, runs: list[RunRow] | None, seen: str) -> str:
    return (runs[0].action if runs else "") or seen or (letter.action if letter else "")


def _arguments(letter: DeadLetterEntry | None, runs: list[RunEntry]) -> Any:
    """Returns the arguments, which are the same in all runs. Those of a job that has not run yet
    are not known."""
    return runs[0].arguments if runs else letter.arguments if letter else None


def _run_entry(run: RunRow) -> RunEntry:
    return RunEntry(run, masked(run.action, run.arguments))


@staff_page
def log(request: PageRequest) -> HttpResponse:
    form = LogForm(request.GET)
    form.is_valid()  # invalid filters are ignored
    filters = form.filters()
    runs = when_reachable(lambda: history.runs(**filters, most=RUNS_A_PAGE))
    context = {
        **navigation("staff-log"),
        "now": timezone.now(),
        "form": form,
        "names": action_descriptions().keys(),
        "outcomes": OUTCOMES.items(),
        "filtered": bool(filters["action"] or filters["outcome"]),
        "older_than": filters["before"],
        "runs": [_run_entry(each) for each in runs or []],
        "reachable": runs is not None,
        "next": runs[-1].finished_on if runs and len(runs) == RUNS_A_PAGE else None,
    }
    return render(request, "staff/log.html", context)
