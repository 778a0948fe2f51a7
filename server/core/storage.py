"""The object store, by Django's storage API; this module adds what a plain folder lacks, and reads
objects that are rows (`server.core.small_objects`) like any other."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import BytesIO, FileIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage, storages

from server.core.errors import StorageFull, Unavailable
from server.core.small_objects import delete_small_objects, find_small_object, is_small


class DurableFileStorage(FileSystemStorage):
    """Files that are on the disk, not only in the page cache, when `save` returns: uploads are
    acknowledged after it."""

    def _save(self, name: str, content: ContentFile[bytes]) -> str:
        self.write_new(name, content.read())
        return name

    def write_new(self, name: str, data: bytes) -> None:
        """Write a file under a name that was never used, without looking for it first. Raises
        FileExistsError."""
        path = self.path(name)
        descriptor = _create(path)
        # Written in place: no row refers to a partial file that a crash leaves behind, and a rename
        # would cost another wait for the disk.
        try:
            with open(descriptor, "wb", buffering=0) as file:
                _write_all(file, data)
                os.fsync(descriptor)
            _sync_folder(os.path.dirname(path))
        except OSError:
            Path(path).unlink(missing_ok=True)  # on a full disk a partial file makes it worse
            raise


def _create(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o644)


def _write_all(file: FileIO, data: bytes) -> None:
    """One call writes 2 GB at most, and less where a limit is near."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _sync_folder(folder: str) -> None:
    """A new name is durable only once its folder is synced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_object(key: str, data: bytes, *, overwrite: bool = False) -> None:
    """Store bytes under a key that was never used, or, with `overwrite`, one that an earlier run of
    the same job may have used. If that run finished storing the same bytes they stay: a moment
    without them would be one in which a crash loses them.

    Raises StorageFull (507) when the disk is nearly full, Unavailable (503) when the store refuses;
    nothing is partially stored.
    """
    try:
        refuse_when_nearly_full()
        if overwrite and default_storage.exists(key):
            if get_object(key) == data:
                return
            default_storage.delete(key)
        _keep(key, data)
    except OSError as error:
        raise Unavailable("The object store refused the file. Send it again later.") from error


def _keep(key: str, data: bytes) -> None:
    storage = storages["default"]
    if isinstance(storage, DurableFileStorage):
        storage.write_new(key, data)
    else:
        storage.save(key, ContentFile(data))


def get_object(key: str) -> bytes:
    """Raises FileNotFoundError, Unavailable."""
    if is_small(key):
        return _small_object(key)
    try:
        with default_storage.open(key) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable("The object store did not answer.") from error


def open_object(key: str) -> IO[bytes]:
    """Open an object to be read in parts; the caller closes it. Raises FileNotFoundError,
    Unavailable."""
    if is_small(key):
        return BytesIO(_small_object(key))
    try:
        return default_storage.open(key)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable("The object store did not answer.") from error


def delete_object(key: str) -> None:
    delete_objects([key])


def delete_objects(keys: Iterable[str]) -> None:
    """Those that are not there are passed over. Raises Unavailable."""
    small = []
    try:
        for key in keys:
            if is_small(key):
                small.append(key)
            else:
                default_storage.delete(key)
    except OSError as error:
        raise Unavailable("The object store did not answer.") from error
    if small:
        delete_small_objects(small)


def refuse_when_nearly_full() -> None:
    """Raises StorageFull (507)."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        return
    try:
        disk = os.statvfs(storage.location)
    except FileNotFoundError:
        os.makedirs(storage.location, exist_ok=True)
        disk = os.statvfs(storage.location)
    if disk.f_bavail * disk.f_frsize < settings.DISK_RESERVE_BYTES:
        raise StorageFull()


def _small_object(key: str) -> bytes:
    content = find_small_object(key)
    if content is None:
        raise FileNotFoundError(key)
    return content
