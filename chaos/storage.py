"""An object store on the disk whose every n-th call fails while a file exists."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path
from typing import Any

from django.core.files.base import File

from server.core.storage import DurableFileStorage


class FailingStorage(DurableFileStorage):
    """`failure_file` holds the number n; without it nothing fails. Each process counts its own
    calls.

    Writing fails before a byte is there, or after all of them are: a store over a network may do
    either.
    """

    def __init__(self, *, location: str, failure_file: str) -> None:
        super().__init__(location=location)
        self._failure_file = Path(failure_file)
        self._calls = itertools.count(1)
        self._failures = itertools.count()

    def write_new(self, name: str, data: bytes) -> None:
        fails = self._is_failure_due()
        if fails and next(self._failures) % 2:
            raise _failure()
        super().write_new(name, data)
        if fails:
            raise _failure()

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        self._fail_if_due()
        opened: File[Any] = super()._open(name, mode)  # type: ignore[misc]  # the stubs leave it out
        return opened

    def exists(self, name: str) -> bool:
        self._fail_if_due()
        return super().exists(name)

    def delete(self, name: str) -> None:
        self._fail_if_due()
        super().delete(name)

    def _fail_if_due(self) -> None:
        if self._is_failure_due():
            raise _failure()

    def _is_failure_due(self) -> bool:
        try:
            every = int(self._failure_file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        return next(self._calls) % every == 0


def _failure() -> OSError:
    return OSError(errno.EIO, "the object store fails on purpose")
