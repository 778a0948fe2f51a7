"""The security of the user's account: password, second factors, API tokens."""

import uuid
from typing import Final

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from server.apps.accounts.selectors.security import live_tokens_of, second_factors_of
from server.apps.accounts.services.signing import create_api_token, revoke_credentials, revoke_own_token
from server.apps.activity.selectors.security import security_events_of
from server.core.errors import Conflict
from webapp.forms.profile import TokenForm
from webapp.views.page import PageRequest, page

_MOST_EVENTS: Final = 30


@page
def security(request: PageRequest) -> HttpResponse:
    tokens = list(live_tokens_of(request.user))
    context = {
        "factors": second_factors_of(request.user),
        "events": security_events_of(request.user)[:_MOST_EVENTS],
        "named": [token for token in tokens if token.name],
        "of_sign_in": [token for token in tokens if not token.name],
    }
    return render(request, "security/page.html", context)


@page
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def add_token(request: PageRequest) -> HttpResponse:
    """Asks for reauthentication, since a token is used without a second factor."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = create_api_token(user=request.user, name=form.cleaned_data["name"])
        except Conflict as error:
            form.add_error("name", error.message)
        else:
            shown_once = {"token": token, "name": form.cleaned_data["name"]}
            made = render(request, "security/token_made.html", shown_once)
            patch_cache_control(made, no_store=True)
            return made
    return render(request, "security/add_token.html", {"form": form}, status=400 if form.errors else 200)


@page
@require_POST
def revoke_token(request: PageRequest, token_id: uuid.UUID) -> HttpResponse:
    revoke_own_token(user=request.user, token_id=token_id)
    messages.success(request, "The token no longer works.")
    return redirect("security")


@page
@require_POST
def revoke_sign_ins(request: PageRequest) -> HttpResponse:
    """Revokes all tokens, named ones too; this browser stays signed in."""
    revoke_credentials(user=request.user)
    messages.success(request, "All API tokens are revoked.")
    return redirect("security")
