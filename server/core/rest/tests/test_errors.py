from typing import ClassVar

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db.utils import OperationalError
from django.http import UnreadablePostError

from server.core.errors import (
    Conflict,
    FieldlineError,
    Forbidden,
    Invalid,
    NotFound,
    StorageFull,
    Unavailable,
)
from server.core.rest.errors import answer


class Stranger(FieldlineError):
    """Nobody translated this one."""

    code: ClassVar[str] = "stranger"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid(), 400),
        (Conflict(), 400),
        (Forbidden(), 403),
        (NotFound(), 404),
        (Unavailable(), 503),
        (StorageFull(), 507),
        (Stranger(), 500),
        (OperationalError("no server"), 503),
        (RequestDataTooBig(), 413),
        (TooManyFieldsSent(), 400),
        (UnreadablePostError(), 400),
    ],
)
def test_every_error_has_its_status_and_a_detail(error: Exception, status: int) -> None:
    response = answer(error, {})

    assert response is not None
    assert response.status_code == status
    assert response.data["detail"]


def test_an_error_of_a_field_is_a_field_map() -> None:
    response = answer(Invalid("Too long.", field="name"), {})

    assert response is not None
    assert response.data == {"name": ["Too long."]}


def test_a_temporary_error_has_a_retry_after_header() -> None:
    response = answer(Unavailable(), {})

    assert response is not None
    assert response.headers["Retry-After"] == "30"


def test_a_bug_of_ours_is_not_dressed_up() -> None:
    assert answer(ZeroDivisionError(), {}) is None
