"""The errors of the project. A class's docstring is its default message; `retry` says whether
trying again can help.

`core.rest.errors` translates them to HTTP, the pages to form errors, the worker's retry middleware
to verdicts.
"""

import math
from typing import ClassVar


class FieldlineError(Exception):
    """Something went wrong."""

    retry: ClassVar[bool] = False
    code: ClassVar[str] = "error"
    retry_after_s: int = 30
    """When to try again, if that can help."""

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())
        self.field = field

    @property
    def message(self) -> str:
        return str(self.args[0])


class Invalid(FieldlineError):
    """The input is not valid."""

    code = "invalid"


class NotFound(FieldlineError):
    """Not found."""

    code = "not-found"


class Forbidden(FieldlineError):
    """You do not have permission to do this."""

    code = "forbidden"


class Conflict(FieldlineError):
    """This conflicts with the current state."""

    code = "conflict"


class TooMany(Conflict):
    """Too many requests. Try again later."""

    code = "too-many"
    retry_after_s = 3600


class Unavailable(FieldlineError):
    """A part of the system is unavailable right now."""

    retry = True
    code = "unavailable"


class StorageFull(FieldlineError):
    """There is not enough space left on the disk."""

    retry = True
    code = "storage-full"


class LimitReached(FieldlineError):
    """There were too many tries. Wait a while."""

    retry = True
    code = "limit-reached"

    def __init__(self, message: str = "", *, wait_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = math.ceil(wait_s)


class QuotaExceeded(FieldlineError):
    """The organisation has used its quota of today."""

    retry = True
    code = "quota-exceeded"

    def __init__(self, message: str = "", *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
