"""The page behind the link of an invitation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from server.apps.accounts.adapter import INVITATION_KEY
from server.apps.accounts.models import Account, Invitation
from server.apps.accounts.selectors.orgs import invitation_by_secret
from server.apps.accounts.services.invitations import accept_invitation
from server.core.errors import Conflict, Forbidden, NotFound


@never_cache
def invitation(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Opening the link does not join: that takes the button. The session of a signed-out visitor
    remembers the invitation."""
    found = invitation_by_secret(secret)
    if found is None or found.org.slug != slug:
        return render(request, "org/invitation_over.html", status=404)
    if not isinstance(request.user, Account):
        request.session[INVITATION_KEY] = secret
    elif request.method == "POST":
        return _accept(request, request.user, found, secret)
    return render(request, "org/invitation.html", {"invitation": found, "org": found.org})


def _accept(request: HttpRequest, user: Account, found: Invitation, secret: str) -> HttpResponse:
    try:
        accept_invitation(secret=secret, by=user)
    except (Conflict, Forbidden, NotFound) as error:
        context = {"invitation": found, "org": found.org, "problem": error.message}
        return render(request, "org/invitation.html", context, status=403)
    request.session.pop(INVITATION_KEY, None)
    messages.success(request, f"You are a member of {found.org.name} now.")
    return redirect("org", found.org.slug)
