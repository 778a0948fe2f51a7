"""Name and description of an organisation, and creating one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.services.orgs import change_org
from server.apps.ingest.selectors import uploads_on
from server.core.errors import Conflict, Invalid
from server.core.quotas import org_caller, requests_on
from webapp.forms.org import OrgForm
from webapp.views.org.tabs import MANAGES, visit_org
from webapp.views.page import PageRequest, page


@page
def organisation(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org")
    org = visit.org
    form = OrgForm(request.POST or None, initial={"name": org.name, "about": org.about})
    if request.method == "POST" and form.is_valid():
        try:
            change_org(org=org, changes=form.cleaned_data, by=request.user)
        except (Conflict, Invalid) as error:
            org.refresh_from_db()
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "The organisation is saved.")
            return redirect("org", slug)
    today = timezone.now().date()
    context = visit.context() | {
        "form": form,
        "manages": visit.may(MANAGES),
        "uploads": uploads_on(org.pk, today),
        "requests": requests_on(org_caller(org.pk), today),
        "most_reports": settings.UPLOAD_REPORTS_A_DAY,
        "most_bytes": settings.UPLOAD_BYTES_A_DAY,
        "most_requests": settings.REQUESTS_A_DAY,
    }
    return render(request, "org/about.html", context, status=400 if form.errors else 200)


@page
def new_organisation(request: PageRequest) -> HttpResponse:
    """Whoever creates an organisation owns it."""
    form = OrgForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            org = create_org(by=request.user, **form.cleaned_data)
        except (Conflict, Invalid) as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, f"{org.name} was created. Invite your team.")
            return redirect("org", org.slug)
    return render(request, "org/new.html", {"form": form}, status=400 if form.errors else 200)
