"""Dead letters: redrive or delete them."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from server.core.errors import Invalid, Unavailable
from server.core.queue import DeadLetter, current_queue
from server.core.queue.watching.descriptions import masked
from server.core.queue.wire import decode
from webapp.forms.staff import DeadLetterForm
from webapp.views.page import PageRequest, when_reachable
from webapp.views.staff.page import record_act, staff_page
from webapp.views.staff.tabs import navigation

MOST: Final = 100
"""A queue outside the core database lists dead letters one by one, so more of them would make the
page slow."""
_REASON: Final = 160
_BODY: Final = 2000
_TRACEBACK: Final = "Traceback ("


@dataclass(frozen=True, slots=True)
class DeadLetterEntry:
    letter: DeadLetter
    arguments: Any  # without secrets; None when the message cannot be read
    body: str  # the beginning of a message that cannot be read
    reason: str  # its most informative line
    more: str  # the whole reason when it is longer


@staff_page
def dead(request: PageRequest) -> HttpResponse:
    if request.method == "POST":
        return _run_act(request)
    return _page(request)


def _page(request: PageRequest, problem: str = "", status: int = 200) -> HttpResponse:
    letters = when_reachable(lambda: current_queue().dead_letters(most=MOST))
    depth = when_reachable(current_queue().depth)
    context = {
        **navigation("staff-dead"),
        "now": timezone.now(),
        "letters": [dead_letter_entry(each) for each in letters or []],
        "reachable": letters is not None,
        "total": max(depth.dead if depth else 0, len(letters or [])),
        "most": MOST,
        "problem": problem,
    }
    return render(request, "staff/dead.html", context, status=status)


def _run_act(request: PageRequest) -> HttpResponse:
    """Show a confirmation first, then redrive or delete."""
    form = DeadLetterForm(request.POST)
    try:
        act, handles = form.selection()
    except Invalid as error:
        return _page(request, error.message, status=400)
    if not form.is_confirmed():
        return _confirmation(request, act, handles)
    queue = current_queue()
    try:
        count = queue.redrive(handles) if act == "redrive" else queue.delete_dead(handles)
    except Unavailable as error:
        return _page(request, error.message, status=503)
    record_act(act, by=request.user, letters=handles, count=count)
    _flash_result(request, act, count, len(handles))
    return redirect("staff-dead")


def _confirmation(request: PageRequest, act: str, handles: list[str]) -> HttpResponse:
    letters = [each for each in current_queue().dead_letters(most=MOST) if each.handle in set(handles)]
    if not letters:
        return _page(request, "Your selection is no longer among the dead letters.", status=400)
    context = {
        **navigation("staff-dead"),
        "now": timezone.now(),
        "act": act,
        "letters": [dead_letter_entry(each) for each in letters],
        "gone": len(handles) - len(letters),
    }
    return render(request, "staff/dead_confirm.html", context)


def _flash_result(request: PageRequest, act: str, count: int, asked: int) -> None:
    verb = "sent back to the queue" if act == "redrive" else "deleted"
    words = f"{count} dead letter{'' if count == 1 else 's'} {verb}."
    if count < asked:
        messages.warning(request, f"{words} {asked - count} of {asked} were no longer there.")
    else:
        messages.success(request, words)


def dead_letter_entry(letter: DeadLetter) -> DeadLetterEntry:
    message = decode(letter.body)
    headline = _headline(letter.reason)
    return DeadLetterEntry(
        letter=letter,
        arguments=None if message is None else masked(message.action, message.arguments),
        body=letter.body[:_BODY] if message is None else "",
        reason=headline,
        more="" if headline == letter.reason.strip() else letter.reason,
    )


def _headline(reason: str) -> str:
    """Returns the first line; of a traceback the last one, which has the error."""
    lines = reason.strip().splitlines() or [""]
    line = lines[-1] if lines[0].startswith(_TRACEBACK) else lines[0]
    return f"{line[:_REASON]}…" if len(line) > _REASON else line
