"""The decorator of staff pages, which do not exist for other users; and a record of what staff do
on them."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

import structlog
from django.http import HttpResponse

from server.apps.accounts.models import Account
from server.core.errors import NotFound
from server.core.queue import JobRecord, Outcome
from server.core.queue.log import current_log
from webapp.views.page import PageRequest, page

P = ParamSpec("P")
ACTS: Final = "staff-"
"""The prefix of the names of acts in the worker log, which lists them beside Actions."""

log = structlog.get_logger(__name__)


def staff_page(view: Callable[Concatenate[PageRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Redirects signed-out visitors to the sign-in page, and answers 404 to users who are not
    staff."""

    @page
    @wraps(view)
    def wrapper(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise NotFound()
        return view(request, *args, **kwargs)

    return wrapper


def record_act(act: str, *, by: Account, **details: object) -> None:
    """Write a log line and a row of the worker log: an act on the queue belongs to no
    organisation's audit trail."""
    log.warning("staff act", act=act, by=by.slug, **details)
    current_log().write(
        JobRecord(
            message_id=str(uuid.uuid4()),
            action=f"{ACTS}{act}",
            arguments={"by": by.slug, **details},
            attempt=1,
            outcome=Outcome.DONE,
            duration_ms=0.0,
            detail=f"by {by.slug}",
        )
    )
