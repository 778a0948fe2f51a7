"""Who may open the staff's pages: to everybody else they are not there. And a record of what staff do on them."""

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
"""How the names of acts begin in the worker log, where they stand beside the Actions."""

log = structlog.get_logger(__name__)


def staff_page(view: Callable[Concatenate[PageRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever is signed out is asked to sign in; everybody but staff finds nothing."""

    @page
    @wraps(view)
    def wrapper(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise NotFound()
        return view(request, *args, **kwargs)

    return wrapper


def record_act(act: str, *, by: Account, **details: object) -> None:
    """A line in the log and a row in the worker log: an act upon the queue belongs to no organisation's audit trail."""
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
