"""Posting a job by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from server.core.errors import NotFound
from server.core.queue import enqueue
from server.core.queue.watching.descriptions import ActionDescription, action_descriptions, masked
from webapp.forms.staff import ScheduleForm
from webapp.views.page import PageRequest
from webapp.views.staff.page import record_act, staff_page
from webapp.views.staff.tabs import navigation


@staff_page
def schedule(request: PageRequest) -> HttpResponse:
    actions = action_descriptions()
    name = request.GET.get("action", "")
    if not name:
        return render(
            request, "staff/schedule.html", {**navigation("staff-schedule"), "actions": actions.values()}
        )
    if name not in actions:
        raise NotFound()
    form = ScheduleForm(actions[name], request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _post_job(request, actions[name], form)
    context = {**navigation("staff-schedule"), "action": actions[name], "form": form}
    return render(request, "staff/schedule_form.html", context, status=400 if form.errors else 200)


def _post_job(request: PageRequest, action: ActionDescription, form: ScheduleForm) -> HttpResponse:
    delay = form.cleaned_data["delay_seconds"] or 0
    message_id = enqueue(form.job(), delay_seconds=delay)
    arguments = dict(masked(action.name, form.arguments()))
    record_act("schedule", by=request.user, job=message_id, scheduled=action.name, with_arguments=arguments)
    messages.success(request, f"{action.name} is posted as pid:{message_id}.")
    return redirect("staff-job", message_id)
