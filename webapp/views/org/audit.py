"""The audit trail of an organisation."""

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from server.apps.activity.selectors.changes import audit_trail_of
from webapp.views.org.tabs import visit_org
from webapp.views.page import PageRequest, page

_CHANGES_A_PAGE: Final = 50


@page
def audit(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org-audit")
    pages = Paginator(audit_trail_of(visit.org), _CHANGES_A_PAGE)
    context = visit.context() | {"chosen": pages.get_page(request.GET.get("page"))}
    return render(request, "org/audit.html", context)
