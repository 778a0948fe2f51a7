"""The large parts of events: JSON documents on the object store, compressed or not."""

import gzip
import json
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, Any, Final

from django.conf import settings
from django.core import signing

from server.apps.streams.store.events import event_of_uuid
from server.apps.streams.store.reads import EventRecord
from server.core.errors import Invalid, NotFound
from server.core.storage import open_object
from server.lib.formats import FormatError, gzipped
from server.lib.formats.payload import JsonAmount, check_json_amount

_PART_BYTES: Final = 65_536
_SALT: Final = "event-file"
_URL_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of a JSON document, compressed or not."""

    data: bytes
    ext: str
    """`json` or `json.gz`."""


def json_payload(document: Any) -> Payload:
    """Encode a document of a request's body. Raises Invalid for what JSON cannot represent."""
    try:
        return Payload(json.dumps(document, allow_nan=False).encode(), "json")
    except (ValueError, RecursionError) as error:
        raise Invalid("The document contains values that JSON cannot represent.", field="data") from error


def payload_of_file(name: str, data: bytes) -> Payload:
    """Check an uploaded file. Raises Invalid (`file`) unless it is of the kind that its name says,
    and JSON."""
    ext = next((ext for ext in ("json.gz", "json") if name.lower().endswith(f".{ext}")), None)
    if ext is None:
        raise Invalid("The file name must end in .json or .json.gz.", field="file")
    if len(data) > settings.REPORT_MAX_BYTES:
        raise Invalid(f"A file has at most {settings.REPORT_MAX_BYTES} bytes.", field="file")
    try:
        document_of(_decompress(data) if ext == "json.gz" else data)
    except ValueError as error:
        raise Invalid(str(error), field="file") from error
    return Payload(data, ext)


def _decompress(data: bytes) -> bytes:
    """Raises ValueError, also for what would grow to many times its size when it is parsed."""
    try:
        return gzipped.unpack(data, max_bytes=settings.REPORT_MAX_BYTES, check=JsonAmount().add)
    except FormatError as error:
        raise ValueError(f"{error.message}.") from error
    except gzipped.NotGzip as error:
        raise ValueError("The file is not compressed with gzip.") from error
    except gzipped.TooLarge as error:
        raise ValueError(
            f"The file has more than {settings.REPORT_MAX_BYTES} bytes when it is unpacked."
        ) from error
    except gzipped.NotWhole as error:
        raise ValueError(f"The compressed file is {error}.") from error


def document_of(text: bytes | str) -> Any:
    """Parse JSON. Raises ValueError, for what would grow to many times its size before it is
    parsed."""
    try:
        check_json_amount(text.encode() if isinstance(text, str) else text)
        return json.loads(text, parse_constant=_refuse_constant)
    except FormatError as error:
        raise ValueError(f"{error.message}.") from error
    except (ValueError, RecursionError) as error:
        raise ValueError("This is not JSON.") from error


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON.")


def payload_parts(event: EventRecord) -> Iterator[bytes] | None:
    """Return the large part, decompressed for clients that cannot do it; None if there is none.
    Raises Unavailable."""
    if event.data is not None:
        return iter([event.data.encode()])
    if event.object_key is None:
        return None
    try:
        file = open_object(event.object_key)
    except FileNotFoundError:
        return None
    if event.object_start is not None:
        return _slice(file, event.object_start, event.object_size or 0)
    return _parts(file, compressed=event.object_key.endswith(".gz"))


def _parts(file: IO[bytes], *, compressed: bool) -> Iterator[bytes]:
    with file, gzip.open(file) if compressed else nullcontext(file) as opened:
        while part := opened.read(_PART_BYTES):
            yield part


def _slice(file: IO[bytes], start: int, size: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while part := file.read(min(_PART_BYTES, size)):
            yield part
            size -= len(part)


def event_token(event_id: uuid.UUID) -> str:
    return signing.dumps(str(event_id), salt=_SALT)


def event_of_token(token: str) -> EventRecord:
    """Return the event of a token. Raises NotFound for a token that has expired or is not ours."""
    try:
        event_id = uuid.UUID(signing.loads(token, salt=_SALT, max_age=_URL_SECONDS))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound() from error
    event = event_of_uuid(event_id)
    if event is None:
        raise NotFound()
    return event
