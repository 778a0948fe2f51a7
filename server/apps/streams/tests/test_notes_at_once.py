"""Files that are attached to one note at the same time."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.files.services import PendingUpload, receive_upload
from server.apps.streams.models import StreamNote
from server.apps.streams.selectors.targets import Target, TargetKind
from server.apps.streams.services.notes import NewNote, attach, promise_attachment, write_notes
from server.apps.streams.tests.written import NOON
from server.core.errors import Conflict
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PICTURE = {"name": "x.png", "content_type": "image/png"}


@pytest.fixture
def target(device: Device) -> Target:
    return Target(device.slug, TargetKind.DEVICE, device, device.org)


@pytest.fixture
def note(target: Target, alice: Account) -> StreamNote:
    [written] = write_notes(notes=[NewNote(target, NOON, "A picture follows.")], by=alice)
    return written


def uploaded(note: StreamNote, target: Target, by: Account) -> PendingUpload:
    """A file that is promised for the note and uploaded."""
    promised = promise_attachment(note=note, target=target, **PICTURE, by=by)
    receive_upload(key=promised.fields["key"], policy=promised.fields["policy"], data=b"picture")
    return promised


def test_of_two_files_that_are_attached_at_once_a_note_has_the_first(
    note: StreamNote, target: Target, alice: Account
) -> None:
    one, other = uploaded(note, target, alice), uploaded(note, target, alice)

    _, second = overlapping(
        lambda: attach(note=note, target=target, name="x.png", file_id=one.file.pk, by=alice),
        lambda: attach(
            note=StreamNote(pk=note.pk), target=target, name="x.png", file_id=other.file.pk, by=alice
        ),
    )

    assert isinstance(second, Conflict)
    assert StreamNote.objects.get().attachment_id == one.file.pk


def test_a_note_that_got_a_file_since_the_caller_read_it_gets_no_other(
    note: StreamNote, target: Target, alice: Account
) -> None:
    one, other = uploaded(note, target, alice), uploaded(note, target, alice)
    as_read = StreamNote.objects.get()
    attach(note=note, target=target, name="x.png", file_id=one.file.pk, by=alice)

    with pytest.raises(Conflict):
        attach(note=as_read, target=target, name="x.png", file_id=other.file.pk, by=alice)
