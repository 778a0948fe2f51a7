"""Refused requests in the log."""

import logging
from io import StringIO

import pytest
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.log import log_response

from server.core.refusal_logs import RefusalFilter


def logged(error: Exception, status: int) -> str:
    """Returns the lines for an answer to a request, as the console has them."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RefusalFilter())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        log_response(
            "%s", "/path", response=HttpResponse(status=status), request=HttpRequest(), exception=error
        )
    finally:
        logger.removeHandler(handler)
    return out.getvalue()


@pytest.mark.parametrize(
    ("error", "status"),
    [(BadRequest(), 400), (DisallowedHost(), 400), (PermissionDenied(), 403), (Http404(), 404)],
)
def test_a_refused_request_is_one_line(error: Exception, status: int) -> None:
    assert logged(error, status) == "/path\n"


def test_a_failure_of_ours_has_its_traceback() -> None:
    assert "ValueError" in logged(ValueError("ours"), 500)
