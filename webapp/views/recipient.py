"""The pages behind the links for recipients outside an organisation. They need no account."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from server.apps.devices.models import OutsideRecipient
from server.apps.devices.selectors.recipients import recipient_to_confirm, recipient_to_unsubscribe
from server.apps.devices.services.recipients import confirm_recipient, unsubscribe_recipient


@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, recipient_to_confirm(token), "confirm", confirm_recipient)


@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, recipient_to_unsubscribe(token), "unsubscribe", unsubscribe_recipient)


def _page(
    request: HttpRequest, recipient: OutsideRecipient | None, what: str, act: Callable[..., None]
) -> HttpResponse:
    """Opening the link changes nothing, since programs that check mails open it too: that takes the
    button."""
    if recipient is None:
        return render(request, "recipient/over.html", status=404)
    done = request.method == "POST"
    if done:
        act(recipient=recipient)
    context = {"recipient": recipient, "org": recipient.org, "what": what, "done": done}
    return render(request, "recipient/page.html", context)
