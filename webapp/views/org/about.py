"""The pages of one organisation: what it is, its API keys, and what was done with rights and keys."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from server.apps.accounts import selectors, services
from server.apps.accounts.models import Account, Org
from server.core.errors import Conflict, Invalid
from webapp.forms.orgs import ApiKeyForm, OrgForm
from webapp.views.page import PageRequest, page

MANAGES = "can_manage_org_and_projects"
_AUDIT_ROWS = 50


def about_org(user: Account, slug: str, tab: str) -> dict[str, object]:
    """What every page of an organisation shows: it, and the tabs that this person may open."""
    org = selectors.org_for(user, slug)
    membership = selectors.membership_in(user, org)
    return {
        "org": org,
        "membership": membership,
        "tab": tab,
        "manages": membership is not None and membership.may(MANAGES),
        "manages_users": membership is not None and membership.may("can_manage_users"),
        "now": timezone.now(),
    }


@page
def organisation(request: PageRequest, slug: str) -> HttpResponse:
    context = about_org(request.user, slug, "about")
    org: Org = context["org"]  # type: ignore[assignment]  # one of many values of a template
    form = OrgForm(request.POST or None, initial={"name": org.name, "about": org.about})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_org(org=org, changes=form.cleaned_data, by=request.user)
        except (Conflict, Invalid) as error:
            org.refresh_from_db()
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "The organisation is saved.")
            return redirect("org", slug)
    return render(request, "org/about.html", {**context, "form": form}, status=400 if form.errors else 200)


@page
def new_organisation(request: PageRequest) -> HttpResponse:
    """Who makes one owns it."""
    form = OrgForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            org = services.create_org(by=request.user, **form.cleaned_data)
        except (Conflict, Invalid) as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, f"{org.name} is yours. Invite the others.")
            return redirect("org", org.slug)
    return render(request, "org/new.html", {"form": form}, status=400 if form.errors else 200)


@page
def api_keys(request: PageRequest, slug: str) -> HttpResponse:
    context = about_org(request.user, slug, "apikeys")
    org: Org = context["org"]  # type: ignore[assignment]
    selectors.require(request.user, MANAGES, org)
    form, made = ApiKeyForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            key, made = services.create_org_api_key(org=org, by=request.user, **form.cleaned_data)
            context["made_for"], form = key.name, ApiKeyForm()
        except Invalid as error:
            form.add_error(error.field, error.message)
    context |= {"form": form, "made": made, "keys": selectors.api_keys_of(org)}
    return render(request, "org/apikeys.html", context, status=400 if form.errors else 200)


@page
@require_POST
def revoke_api_key(request: PageRequest, slug: str, key_id: uuid.UUID) -> HttpResponse:
    org = selectors.org_for(request.user, slug)
    services.revoke_org_api_key(org=org, key_id=key_id, by=request.user)
    messages.success(request, "The key no longer works.")
    return redirect("org-apikeys", slug)


@page
def audit(request: PageRequest, slug: str) -> HttpResponse:
    context = about_org(request.user, slug, "audit")
    org: Org = context["org"]  # type: ignore[assignment]
    selectors.require(request.user, MANAGES, org)
    pages = Paginator(selectors.audit_trail_of(org), _AUDIT_ROWS)
    return render(request, "org/audit.html", {**context, "chosen": pages.get_page(request.GET.get("page"))})
