"""Files that people and clients upload: started, uploaded with a signed form, finished, and opened
by signed addresses."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.text import get_valid_filename

from server.apps.files.models import StoredFile
from server.core.errors import Conflict, Invalid, NotFound
from server.core.identified import Identified
from server.core.storage import delete_object, get_object, put_object

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
FORM_LIFETIME_S: Final = 6 * 3600
ADDRESS_LIFETIME_S: Final = 3600
PENDING_UPLOAD_LIFETIME: Final = timedelta(days=1)
"""For files that were never uploaded; their form is valid for hours."""
UPLOAD_ADDRESS: Final = "/api/v1/file/upload/"
_FORM_SALT: Final = "fieldline file form"
_ADDRESS_SALT: Final = "fieldline file address"


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A file that may be uploaded by a multipart POST of `fields` and the part `file` to `url`,
    without signing in."""

    file: StoredFile
    url: str
    fields: dict[str, str]


@transaction.atomic
def start_upload(
    *, kind: StoredFile.Kind, title: str, content_type: str, org: Identified[UUID] | None, by: Identified[int]
) -> PendingUpload:
    """The caller has checked the rights of `by`. Raises Invalid for a title that is no file
    name."""
    name = _file_name(title)
    file = StoredFile.objects.create(
        kind=kind,
        title=name,
        content_type=content_type[:100],
        org_id=org.id if org is not None else None,
        created_by_id=by.id,
        object_key=f"files/{kind}/{timezone.now():%Y/%m}/{secrets.token_hex(16)}",
    )
    # The form is used without signing in, so it is signed, and names one file with its key and
    # largest size.
    policy = {"file": str(file.pk), "key": file.object_key, "most": MAX_FILE_BYTES}
    fields = {"key": file.object_key, "policy": signing.dumps(policy, salt=_FORM_SALT)}
    return PendingUpload(file, UPLOAD_ADDRESS, fields)


def _file_name(title: str) -> str:
    if not title.isprintable() or len(title) > 200:
        raise Invalid("A file name has at most 200 printable characters.", field="name")
    last = title.replace("\\", "/").rsplit("/", 1)[-1].strip()
    if not last.strip("."):
        raise Invalid("A file name is needed.", field="name")
    return last


def receive_upload(*, key: str, policy: str, data: bytes) -> None:
    """Raises Invalid when the form is not ours, is too old or is for another key or size; Conflict
    for a finished file."""
    try:
        form = signing.loads(policy, salt=_FORM_SALT, max_age=FORM_LIFETIME_S)
    except signing.BadSignature as error:
        raise Invalid("The form is not valid any more. Request another one.", field="policy") from error
    if key != form["key"]:
        raise Invalid("The form is for another key.", field="key")
    if len(data) > form["most"]:
        raise Invalid(f"The file is larger than {form['most']} bytes.", field="file")
    with transaction.atomic():
        file = StoredFile.objects.select_for_update().filter(pk=form["file"], object_key=key).first()
        if file is None:
            raise NotFound()
        if file.uploaded_on is not None:
            raise Conflict("The file is there already.", field="file")
        put_object(key, data, overwrite=True)  # again: the connection may have broken after the first time
        StoredFile.objects.filter(pk=file.pk).update(size_bytes=len(data))


@transaction.atomic
def finish_upload(
    *, file_id: UUID, kind: StoredFile.Kind, org: Identified[UUID] | None, by: Identified[int]
) -> StoredFile:
    """Make the file available. Raises NotFound for somebody else's file, Conflict when it was not
    uploaded or was finished before."""
    pending = StoredFile.objects.filter(org=org.id if org is not None else None, created_by=by.id)
    file = pending.select_for_update().filter(pk=file_id, kind=kind).first()
    if file is None:
        raise NotFound()
    if file.uploaded_on is not None:
        raise Conflict("The file was finished before.", field="uuid")
    if file.size_bytes is None:
        raise Conflict("The file was not uploaded yet.", field="uuid")
    file.uploaded_on = timezone.now()
    file.save(update_fields=["uploaded_on"])
    return file


def file_url(file: StoredFile) -> str:
    """Returns a path that opens this file for an hour, without signing in."""
    return f"/api/v1/file/{file.pk}/?token={signing.dumps(str(file.pk), salt=_ADDRESS_SALT)}"


def open_file(*, file_id: UUID, token: str) -> tuple[StoredFile, bytes]:
    """Raises NotFound for an address that is not ours or too old, and for a missing file."""
    try:
        named = signing.loads(token, salt=_ADDRESS_SALT, max_age=ADDRESS_LIFETIME_S)
    except signing.BadSignature as error:
        raise NotFound() from error
    file = StoredFile.objects.filter(pk=file_id, uploaded_on__isnull=False).first()
    if file is None or named != str(file_id):
        raise NotFound()
    try:
        return file, get_object(file.object_key)
    except FileNotFoundError as error:
        raise NotFound() from error


def download_name(file: StoredFile) -> str:
    """Returns a file name that browsers may use on disk."""
    return get_valid_filename(file.title) or "file"


def forget_files(files: Iterable[UUID]) -> None:
    for file in StoredFile.objects.filter(pk__in=list(files)):
        delete_object(file.object_key)  # bytes first: a row without them is found and deleted by the next run
        file.delete()


def transfer_files(files: Iterable[UUID], *, org: Identified[UUID]) -> None:
    """Give them to another organisation, as what they are attached to."""
    StoredFile.objects.filter(pk__in=list(files)).update(org=org.id)


def clean_files(*, now: datetime) -> None:
    """Delete pending uploads that were never finished, with the bytes of those that were
    uploaded."""
    for file in StoredFile.objects.filter(uploaded_on=None, created_on__lt=now - PENDING_UPLOAD_LIFETIME):
        delete_object(file.object_key)
        file.delete()
