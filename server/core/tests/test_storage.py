"""The object store as a real folder: durable, whole or not at all, and its failures named."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from server.core.errors import StorageFull, Unavailable
from server.core.storage import delete_object, get_object, put_object

MUCH = 2**62


def keep_objects_in(settings: Settings, folder: Path) -> None:
    store = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "default": store}


@pytest.fixture(params=["the first use", "a later use"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "objects"
    keep_objects_in(settings, folder)
    use_for_the_first_time(request)
    return folder


@pytest.fixture(params=["the first use", "a later use"])
def broken(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> None:
    """A store whose folder can neither be made nor read, not even by root: there is a file in its
    place."""
    (tmp_path / "objects").write_bytes(b"")
    keep_objects_in(settings, tmp_path / "objects" / "here")
    use_for_the_first_time(request)


def use_for_the_first_time(request: pytest.FixtureRequest) -> None:
    """Django makes the store then."""
    if request.param == "a later use":
        default_storage.exists("anything")


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_put_comes_back(folder: Path) -> None:
    put_object("reports/2021/01/01/a.bin", b"\x00\xffbytes")

    assert get_object("reports/2021/01/01/a.bin") == b"\x00\xffbytes"


def test_an_object_is_one_file_and_nothing_beside_it(folder: Path) -> None:
    put_object("reports/a.bin", b"bytes")

    assert files_in(folder) == ["reports/a.bin"]


def test_an_object_and_its_name_are_on_the_disk_when_put_returns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the acknowledgement must not lose the bytes, nor the name by which they are
    found."""
    synced: list[tuple[str, int]] = []
    sync = os.fsync

    def record(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced.append((str(path.relative_to(folder)), path.stat().st_size if path.is_file() else 0))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", record)

    put_object("reports/a.bin", b"bytes")

    assert synced == [("reports/a.bin", 5), ("reports", 0)]


def test_a_job_that_runs_again_replaces_what_it_put(folder: Path) -> None:
    put_object("events/1.json", b"first run")
    put_object("events/1.json", b"second run", overwrite=True)

    assert get_object("events/1.json") == b"second run"
    assert files_in(folder) == ["events/1.json"]


def test_a_job_that_runs_again_leaves_the_same_bytes_where_they_are(folder: Path) -> None:
    put_object("events/1.json", b"the same")
    first = (folder / "events/1.json").stat().st_ino

    put_object("events/1.json", b"the same", overwrite=True)

    assert (folder / "events/1.json").stat().st_ino == first


def test_a_deleted_object_is_gone(folder: Path) -> None:
    put_object("reports/a.bin", b"bytes")

    delete_object("reports/a.bin")

    assert files_in(folder) == []


def test_deleting_what_is_not_there_is_no_error(folder: Path) -> None:
    delete_object("reports/none.bin")


def test_an_object_that_is_not_there_is_not_found(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        get_object("reports/none.bin")


def test_a_nearly_full_disk_is_refused_before_a_byte_is_written(folder: Path, settings: Settings) -> None:
    settings.DISK_RESERVE_BYTES = MUCH

    with pytest.raises(StorageFull):
        put_object("reports/a.bin", b"bytes")

    assert files_in(folder) == []


def test_a_nearly_full_disk_still_gives_what_it_holds(folder: Path, settings: Settings) -> None:
    put_object("reports/a.bin", b"bytes")
    settings.DISK_RESERVE_BYTES = MUCH

    assert get_object("reports/a.bin") == b"bytes"


@pytest.mark.usefixtures("broken")
def test_a_store_that_cannot_write_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        put_object("reports/a.bin", b"bytes")


@pytest.mark.usefixtures("broken")
def test_a_store_that_cannot_read_is_unavailable_and_not_merely_without_the_object() -> None:
    with pytest.raises(Unavailable):
        get_object("reports/a.bin")


@contextmanager
def small_files() -> Iterator[None]:
    """The system refuses to let a file grow, as it does on a full disk. Not for longer than it
    must: what the tests print may go to a file too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_half_way_leaves_nothing_behind(folder: Path) -> None:
    with small_files(), pytest.raises(Unavailable):
        put_object("reports/a.bin", bytes(100_000))

    assert files_in(folder) == []
