"""Security events of the whole installation."""

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from server.apps.activity.models import SecurityEvent
from server.apps.activity.selectors.security import all_security_events
from webapp.views.page import PageRequest
from webapp.views.staff.page import staff_page
from webapp.views.staff.tabs import navigation

_EVENTS_A_PAGE: Final = 50


@staff_page
def events(request: PageRequest) -> HttpResponse:
    kinds = SecurityEvent.Kind.choices
    kind = request.GET.get("kind", "")
    if kind not in dict(kinds):
        kind = ""
    pages = Paginator(all_security_events(kind=kind), _EVENTS_A_PAGE)
    context = {
        **navigation("staff-security"),
        "chosen": pages.get_page(request.GET.get("page")),
        "kinds": kinds,
        "kind": kind,
    }
    return render(request, "staff/security.html", context)
