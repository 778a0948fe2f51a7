"""The object store, the disk, Redis and the queue fail, for real: what becomes of uploads and jobs
(design, "Failure")."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.ingest.tests.sent import dictionary, files_below, is_kept, rows, signed_list, stored_ids
from server.apps.ingest.tests.uploads import Answer, as_person, form, post, upload
from server.core.errors import StorageFull, Unavailable
from server.core.queue import current_queue
from server.core.queue.models import OutboxMessage
from server.core.small_objects import SmallObject
from server.core.tests.committed import committed
from worker.testing import an_hour_later, memory_queue, run_pending_jobs

__all__ = ["committed"]  # what is sent after a commit, and what a failed statement leaves

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

MUCH = 2**62
NOBODY_LISTENS = "127.0.0.1:1"


@pytest.fixture
def bring(device: Device, bob: Account) -> Callable[..., Answer]:
    """Upload a report of these reading ids."""
    headers = as_person(bob)
    return lambda *ids: upload(signed_list(device, rows(*ids)), headers)


@pytest.fixture
def bring_event(device: Device, bob: Account) -> Callable[[], Answer]:
    """Upload a dictionary whose event has a large part."""
    headers = as_person(bob)
    event = {"stream": "5020", "streamer_local_id": 5, "extra_data": {}, "data": {"x": [5] * 1000}}
    body = form(dictionary(device, events=[event]), disposition='name="file"; filename="report.json"')
    return lambda: post(body, headers)


def keep_objects_in(settings: Settings, folder: Path) -> None:
    store = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "default": store}


@pytest.fixture
def objects(settings: Settings, tmp_path: Path) -> Path:
    """The object store of this test, a folder."""
    folder = tmp_path / "objects"
    folder.mkdir()
    keep_objects_in(settings, folder)
    settings.SMALL_REPORT_BYTES = 0
    default_storage.exists("anything")  # Django makes the store at its first use
    return folder


def break_store(objects: Path) -> None:
    """There is a file where its folder was; not even root can write there."""
    objects.rename(objects.with_name("moved"))
    objects.write_bytes(b"")


def mend_store(objects: Path) -> None:
    objects.unlink()
    objects.with_name("moved").rename(objects)


def nothing_is_half_stored() -> bool:
    rows = StreamerReport.objects.exists() or OutboxMessage.objects.exists()
    return not rows and current_queue().depth().waiting == 0


# The object store


def test_an_upload_that_the_object_store_refuses_is_503_and_nothing_is_half_stored(
    objects: Path, bring: Callable[..., Answer]
) -> None:
    break_store(objects)

    answer = bring(1, 2)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert nothing_is_half_stored()


def test_the_same_upload_is_taken_when_the_store_is_back(
    objects: Path, bring: Callable[..., Answer], device: Device
) -> None:
    break_store(objects)
    bring(1, 2)
    mend_store(objects)

    assert bring(1, 2).status_code == 201
    run_pending_jobs()
    assert stored_ids(device) == [1, 2]


def test_a_small_report_does_not_need_the_object_store(
    objects: Path, settings: Settings, bring: Callable[..., Answer], device: Device
) -> None:
    settings.SMALL_REPORT_BYTES = 1000
    break_store(objects)

    answer = bring(1, 2)
    run_pending_jobs()

    assert answer.status_code == 201
    assert stored_ids(device) == [1, 2]


def test_a_bad_report_is_refused_with_its_reason_though_it_cannot_be_kept(
    objects: Path, device: Device, bob: Account
) -> None:
    break_store(objects)

    answer = upload(signed_list(device, rows(1))[:-1], as_person(bob))

    assert answer.status_code == 400
    kept = RefusedUpload.objects.get()
    assert (kept.reason, kept.object_key) == ("bad-length", "")


def test_a_job_waits_for_the_object_store(
    objects: Path, bring: Callable[..., Answer], device: Device
) -> None:
    bring(1, 2)
    break_store(objects)
    with pytest.raises(Unavailable):
        run_pending_jobs()
    mend_store(objects)

    with an_hour_later():
        run_pending_jobs()

    assert stored_ids(device) == [1, 2]
    assert memory_queue().depth().dead == 0


def test_an_event_whose_large_part_cannot_be_kept_is_not_stored_without_it(
    objects: Path, bring_event: Callable[[], Answer], device: Device
) -> None:
    assert bring_event().status_code == 201
    (objects / "events").write_bytes(b"")  # where its folder would be

    with pytest.raises(Unavailable):
        run_pending_jobs()

    assert events_stored() == 0
    (objects / "events").unlink()
    with an_hour_later():
        run_pending_jobs()
    assert events_stored() == 1


def events_stored() -> int:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event")
        return int(cursor.fetchone()[0])


# The disk


def test_a_nearly_full_disk_refuses_uploads_before_the_databases_suffer(
    objects: Path, settings: Settings, bring: Callable[..., Answer]
) -> None:
    settings.DISK_RESERVE_BYTES = MUCH

    answer = bring(1)

    assert answer.status_code == 507
    assert answer.headers["Retry-After"]
    assert nothing_is_half_stored()
    assert files_below(objects) == []


def test_a_nearly_full_disk_refuses_small_reports_too(
    objects: Path, settings: Settings, bring: Callable[..., Answer]
) -> None:
    settings.DISK_RESERVE_BYTES, settings.SMALL_REPORT_BYTES = MUCH, 1000

    answer = bring(1)

    assert answer.status_code == 507
    assert nothing_is_half_stored()


def test_what_was_accepted_before_is_still_processed(
    objects: Path, settings: Settings, bring: Callable[..., Answer], device: Device
) -> None:
    bring(1)
    settings.DISK_RESERVE_BYTES = MUCH

    run_pending_jobs()

    assert stored_ids(device) == [1]


def test_an_event_with_a_large_part_waits_for_room(
    objects: Path, settings: Settings, bring_event: Callable[[], Answer]
) -> None:
    bring_event()
    settings.DISK_RESERVE_BYTES = MUCH

    with pytest.raises(StorageFull):
        run_pending_jobs()

    assert (events_stored(), memory_queue().depth().waiting) == (0, 1)


# Redis


def test_without_redis_uploads_are_taken_and_processed(
    settings: Settings, bring: Callable[..., Answer], device: Device
) -> None:
    """Announcing is part of the job, and may not cost it."""
    settings.REDIS_URL = f"redis://{NOBODY_LISTENS}/0"

    answer = bring(1, 2)
    run_pending_jobs()

    assert answer.status_code == 201
    assert stored_ids(device) == [1, 2]
    assert (memory_queue().depth().waiting, memory_queue().depth().dead) == (0, 0)


# The queue


@pytest.fixture
def queue_unavailable(settings: Settings, django_db_setup: None) -> Iterator[None]:
    """Nothing can be put into the queue's table; the rest of its database works."""
    settings.QUEUE_BACKEND = "postgres"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_job ADD CONSTRAINT nothing_goes CHECK (false) NOT VALID")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_job DROP CONSTRAINT nothing_goes")


@pytest.mark.parametrize("small", [0, 1000], ids=["in a file", "in a row"])
@pytest.mark.usefixtures("queue_unavailable")
def test_an_upload_whose_job_cannot_be_posted_is_refused_whole(
    objects: Path, settings: Settings, bring: Callable[..., Answer], small: int
) -> None:
    """The table of jobs and the table of reports are one database: both get their row, or
    neither."""
    settings.SMALL_REPORT_BYTES = small

    answer = bring(1)

    assert answer.status_code == 503
    assert nothing_is_half_stored()
    assert files_below(objects) == []
    assert not SmallObject.objects.exists()


def test_a_queue_outside_the_database_may_be_unavailable(
    objects: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    bring: Callable[..., Answer],
    device: Device,
) -> None:
    """The upload is taken, and its job waits in the outbox for the sweeper."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    settings.QUEUE_BACKEND = "sqs"
    settings.SQS_URL = f"http://{NOBODY_LISTENS}"

    answer = bring(1)

    assert answer.status_code == 201
    assert str(StreamerReport.objects.get().pk) in OutboxMessage.objects.get().body
    assert is_kept(StreamerReport.objects.get().object_key)
