"""The API keys of an organisation."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from server.apps.accounts.selectors.accounts import org_for
from server.apps.accounts.selectors.keys import api_keys_of
from server.apps.accounts.services.keys import create_org_api_key, revoke_org_api_key
from server.core.errors import Invalid
from webapp.forms.org import ApiKeyForm
from webapp.views.org.tabs import visit_org
from webapp.views.page import PageRequest, page


@page
def api_keys(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org-apikeys")
    context = visit.context()
    form, made = ApiKeyForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            key, made = create_org_api_key(org=visit.org, by=request.user, **form.cleaned_data)
            context["made_for"], form = key.name, ApiKeyForm()
        except Invalid as error:
            form.add_error(error.field, error.message)
    context |= {"form": form, "made": made, "keys": api_keys_of(visit.org)}
    answer = render(request, "org/apikeys.html", context, status=400 if form.errors else 200)
    if made is not None:
        patch_cache_control(answer, no_store=True)
    return answer


@page
@require_POST
def revoke_api_key(request: PageRequest, slug: str, key_id: uuid.UUID) -> HttpResponse:
    org = org_for(request.user, slug)
    revoke_org_api_key(org=org, key_id=key_id, by=request.user)
    messages.success(request, "The key no longer works.")
    return redirect("org-apikeys", slug)
