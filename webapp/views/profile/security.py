"""The security of the user's account: password, second factors, sessions, API tokens."""

import uuid
from typing import Final

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from server.apps.accounts.selectors.security import live_tokens_of, second_factors_of, sessions_of
from server.apps.accounts.services.sessions import end_session, end_sessions
from server.apps.accounts.services.signing import create_api_token, revoke_credentials, revoke_own_token
from server.apps.activity.selectors.security import security_events_of
from server.core.errors import Conflict
from webapp.forms.profile import TokenForm
from webapp.views.page import PageRequest, page

_MOST_EVENTS: Final = 30
_MOST_SESSIONS: Final = 30


@page
def security(request: PageRequest) -> HttpResponse:
    tokens = list(live_tokens_of(request.user))
    context = {
        "factors": second_factors_of(request.user),
        "sessions": list(sessions_of(request.user)[:_MOST_SESSIONS]),
        "idle_seconds": settings.SESSION_IDLE_HOURS * 3600,
        "this_session": request.session.session_key,
        "events": security_events_of(request.user)[:_MOST_EVENTS],
        "named": [token for token in tokens if token.name],
        "of_sign_in": [token for token in tokens if not token.name],
    }
    return render(request, "security/page.html", context)


@page
@require_POST
def end_one_session(request: PageRequest, ref: str) -> HttpResponse:
    end_session(user=request.user, ref=ref)
    messages.success(request, "The session has ended.")
    return redirect("security")


@page
@require_POST
def end_other_sessions(request: PageRequest) -> HttpResponse:
    end_sessions(user=request.user, keep=request.session.session_key or "")
    messages.success(request, "All other sessions have ended.")
    return redirect("security")


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
