"""Format 3: readings gathered from radio advertisements (report formats, part 5). Never uploaded.

0   1      2        4           8           12         16
+---+------+--------+-----------+-----------+----------+----------+
| 3 | kind | length | device id | sent time | reserved | n x 16   |
+---+------+--------+-----------+-----------+----------+----------+
      0      of the readings                             readings as in format 1
"""

import struct
from collections.abc import Sequence

import numpy as np

from server.lib.formats.errors import FormatError
from server.lib.formats.header import NO_SELECTOR, Header, KeySource, SignatureKind
from server.lib.formats.report import READING, READING_BYTES, Report, Row, check_bits, pack_rows

FORMAT_BYTE = 3
FORMAT_NAME = "broadcast"
REFUSAL = (
    "This is a radio broadcast that a receiver overheard, not a stored report. It has no signature, so it cannot "
    "be uploaded; upload the device's stored reports instead"
)

_HEADER = struct.Struct("<BBHIII")
_NO_AUTHENTICATION = 0


def inspect(data: bytes, _keys: KeySource) -> Header:
    """Return the header of a well-formed broadcast. The ids of its readings are ignored; senders
    leave them 0."""
    device_id, sent_s = _checked(data)
    return Header(
        format=FORMAT_NAME,
        device_id=device_id,
        report_id=0,
        sent_s=sent_s,
        streamer_index=0,
        selector=NO_SELECTOR,
        lowest_id=0,
        highest_id=0,
        signature=SignatureKind.NONE,
        count=(len(data) - _HEADER.size) // READING_BYTES,
    )


def decode(data: bytes, keys: KeySource) -> Report:
    """Return the readings as a view on `data`."""
    header = inspect(data, keys)
    readings = np.frombuffer(data, READING, count=header.count, offset=_HEADER.size)
    return Report(header=header, readings=readings, given_us=None, events=())


def _checked(data: bytes) -> tuple[int, int]:
    if data[:1] != bytes([FORMAT_BYTE]):
        raise FormatError("unknown-format", "This is not a broadcast", offset=0)
    if len(data) < _HEADER.size:
        message = f"The broadcast ends after {len(data)} bytes; the smallest one has {_HEADER.size}"
        raise FormatError("too-short", message, offset=len(data))
    _, kind, length, device_id, sent_s, _ = _HEADER.unpack_from(data)
    if kind != _NO_AUTHENTICATION:
        raise FormatError("unknown-signature", f"Authentication kind {kind} is not known", offset=1)
    _check_length(length, len(data) - _HEADER.size)
    return device_id, sent_s


def _check_length(stated_bytes: int, found: int) -> None:
    if stated_bytes != found:
        message = f"The length field says {stated_bytes} bytes of readings, but {found} follow"
        raise FormatError("bad-length", message, offset=2)
    rest = found % READING_BYTES
    if rest:
        offset = _HEADER.size + found - rest
        raise FormatError("cut-reading", f"The last reading has {rest} of its 16 bytes", offset=offset)


def encode(*, device_id: int, sent_s: int, readings: Sequence[Row]) -> bytes:
    """Return a whole broadcast of at most 4095 readings: the length field has 16 bits."""
    check_bits(32, device_id=device_id, sent_s=sent_s)
    body = pack_rows(readings)
    if len(body) >= 2**16:
        raise FormatError(
            "too-large", f"{len(readings)} readings do not fit into one broadcast", field="readings"
        )
    return _HEADER.pack(FORMAT_BYTE, _NO_AUTHENTICATION, len(body), device_id, sent_s, 0) + body
