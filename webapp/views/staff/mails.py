"""Mails that are kept as files because this installation sends none."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.core.errors import NotFound
from server.core.mail import mailbox
from webapp.views.page import PageRequest
from webapp.views.staff.page import staff_page
from webapp.views.staff.tabs import navigation

MOST: Final = 100


@staff_page
def mails(request: PageRequest) -> HttpResponse:
    _require_kept_mails()
    kept = mailbox.newest_mails(most=MOST)
    context = {**navigation("staff-mails"), "now": timezone.now(), "mails": kept, "most": MOST}
    return render(request, "staff/mails.html", context)


@staff_page
def mail(request: PageRequest, name: str, place: int) -> HttpResponse:
    _require_kept_mails()
    found = mailbox.stored_mail(name, place)
    if found is None:
        raise NotFound()
    return render(request, "staff/mail.html", {**navigation("staff-mails"), "mail": found})


def _require_kept_mails() -> None:
    if not mailbox.stores_mails():
        raise NotFound()
