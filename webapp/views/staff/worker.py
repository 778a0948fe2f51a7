"""The worker at a glance: processes, queue, jobs by Action. And pausing the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from server.core.queue import current_queue
from server.core.queue.watching import history, pausing, workers
from server.core.queue.watching.workers import WorkerStatus
from webapp.forms.staff import PauseForm
from webapp.views.page import PageRequest, when_reachable
from webapp.views.staff.page import ACTS, record_act, staff_page
from webapp.views.staff.tabs import navigation

SPANS: Final = {
    "hour": ("Hour", timedelta(hours=1)),
    "day": ("Day", timedelta(days=1)),
    "week": ("Week", timedelta(days=7)),
}
_MOST_GONE: Final = 10
_FRAGMENT: Final = "worker-now"


@dataclass(frozen=True, slots=True)
class Workers:
    alive: list[WorkerStatus]
    gone: list[WorkerStatus]  # the last few
    gone_count: int


def workers_now(now: datetime) -> Workers:
    seen = workers.workers(now)
    gone = [each for each in seen if not each.alive]
    return Workers([each for each in seen if each.alive], gone[:_MOST_GONE], len(gone))


@staff_page
def worker(request: PageRequest) -> HttpResponse:
    fragment = request.htmx.target == _FRAGMENT
    context = _worker_context(request) | {"form": PauseForm(), **navigation("staff-worker")}
    return render(request, "staff/_worker.html" if fragment else "staff/worker.html", context)


def _worker_context(request: PageRequest) -> dict[str, object]:
    now, span = timezone.now(), request.GET.get("span", "")
    span = span if span in SPANS else "hour"
    actions = when_reachable(lambda: history.actions_since(now - SPANS[span][1]))
    return {
        "now": now,
        "span": span,
        "spans": [(name, label) for name, (label, _) in SPANS.items()],
        "pause": pausing.paused(),
        "workers": workers_now(now),
        "depth": when_reachable(current_queue().depth),
        "actions": [row for row in actions or [] if not row.action.startswith(ACTS)],
        "log_unavailable": actions is None,
    }


@staff_page
@require_POST
def pause(request: PageRequest) -> HttpResponse:
    form = PauseForm(request.POST)
    if not form.is_valid():
        context = _worker_context(request) | {"form": form, **navigation("staff-worker")}
        return render(request, "staff/worker.html", context, status=400)
    reason = form.cleaned_data["reason"]
    pausing.pause(request.user.slug, reason)
    record_act("pause", by=request.user, reason=reason)
    return redirect("staff-worker")


@staff_page
@require_POST
def resume(request: PageRequest) -> HttpResponse:
    if pausing.resume():
        record_act("resume", by=request.user)
        messages.success(request, "The queue is running again.")
    else:
        messages.info(request, "The queue was no longer paused.")
    return redirect("staff-worker")
