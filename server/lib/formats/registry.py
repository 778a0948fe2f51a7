"""The table of report formats. The file name tells how a report is encoded; the first byte of a
binary one tells its format."""

from collections.abc import Callable
from dataclasses import dataclass

from server.lib.formats import broadcast, dictionary, signed_list, single_reading
from server.lib.formats.errors import FormatError, NotUploadable
from server.lib.formats.header import MAX_REPORT_BYTES, Header, KeySource
from server.lib.formats.payload import excerpt
from server.lib.formats.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """A report format. `extensions` select it by file name, `first_byte` among the binary ones by
    content. `refusal` tells why a format that can be read cannot be uploaded.
    """

    name: str
    inspect: Callable[[bytes, KeySource], Header]
    decode: Callable[[bytes, KeySource], Report]
    extensions: tuple[str, ...] = ()
    first_byte: int | None = None
    refusal: str | None = None


SIGNED_LIST = Format(
    name=signed_list.FORMAT_NAME,
    inspect=signed_list.inspect,
    decode=signed_list.decode,
    extensions=("", "bin"),
    first_byte=signed_list.FORMAT_BYTE,
)
FORMATS = (
    SIGNED_LIST,
    Format(
        name=single_reading.FORMAT_NAME,
        inspect=single_reading.inspect,
        decode=single_reading.decode,
        first_byte=single_reading.FORMAT_BYTE,
        refusal=single_reading.REFUSAL,
    ),
    Format(
        name=broadcast.FORMAT_NAME,
        inspect=broadcast.inspect,
        decode=broadcast.decode,
        first_byte=broadcast.FORMAT_BYTE,
        refusal=broadcast.REFUSAL,
    ),
    Format(name="json", inspect=dictionary.inspect_json, decode=dictionary.decode_json, extensions=("json",)),
    Format(
        name="msgpack",
        inspect=dictionary.inspect_msgpack,
        decode=dictionary.decode_msgpack,
        extensions=("mp",),
    ),
)

_BY_EXTENSION = {extension: row for row in FORMATS for extension in row.extensions}
_BY_FIRST_BYTE = {row.first_byte: row for row in FORMATS if row.first_byte is not None}


def format_for(file_name: str) -> str:
    """Return the name of the format that a file name selects; clients may send a whole path."""
    return _by_name(file_name).name


def inspect(data: bytes, file_name: str, keys: KeySource) -> Header:
    """Check an upload as far as possible without storing it. Raises FormatError."""
    chosen = _choose(data, file_name)
    header = chosen.inspect(data, keys)
    _check_uploadable(chosen)
    return header


def decode(data: bytes, file_name: str, keys: KeySource) -> Report:
    """Check as inspect() does and return the contents."""
    chosen = _choose(data, file_name)
    report = chosen.decode(data, keys)
    _check_uploadable(chosen)
    return report


def _choose(data: bytes, file_name: str) -> Format:
    by_name = _by_name(file_name)
    if len(data) > MAX_REPORT_BYTES:
        message = f"The file has {len(data)} bytes; the largest report has {MAX_REPORT_BYTES}"
        raise FormatError("too-large", message, offset=MAX_REPORT_BYTES)
    if not data:
        raise FormatError("empty-file", "The file is empty", offset=0)
    if by_name.first_byte is None:
        return by_name
    if data[0] not in _BY_FIRST_BYTE:
        raise FormatError("unknown-format", f"No binary report begins with byte {data[0]:02x}", offset=0)
    return _BY_FIRST_BYTE[data[0]]


def _by_name(file_name: str) -> Format:
    last_part = file_name.replace("\\", "/").rpartition("/")[2]
    extension = last_part.rpartition(".")[2].lower() if "." in last_part else ""
    if extension not in _BY_EXTENSION or last_part.endswith("."):
        message = (
            f"The file name {excerpt(last_part)} ends neither in .bin, .json or .mp, nor has it no extension"
        )
        raise FormatError("wrong-extension", message)
    return _BY_EXTENSION[extension]


def _check_uploadable(chosen: Format) -> None:
    if chosen.refusal is not None:
        raise NotUploadable("not-uploadable", chosen.refusal, offset=0)
