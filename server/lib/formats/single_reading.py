"""Format 0: one live reading of a connected device (report formats, part 3). 20 bytes, never
uploaded.

0   1   2        4           8           12         16      20
+---+---+--------+-----------+-----------+----------+-------+
| 0 | - | stream | device id | sent time | raw time | value |
+---+---+--------+-----------+-----------+----------+-------+
"""

import struct

import numpy as np

from server.lib.formats.errors import FormatError
from server.lib.formats.header import NO_SELECTOR, Header, KeySource, SignatureKind
from server.lib.formats.report import READING, Report, as_word, check_bits

FORMAT_BYTE = 0
FORMAT_NAME = "single-reading"
REFUSAL = (
    "This is a live reading of a connected device, not a stored report. It has no reading id and no signature, "
    "so it cannot be uploaded; upload the device's stored reports instead"
)

_LAYOUT = struct.Struct("<BBHIIII")


def inspect(data: bytes, _keys: KeySource) -> Header:
    """Return the header of a well-formed single reading."""
    _, _, _, device_id, sent_s, _, _ = _fields(data)
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
        count=1,
    )


def decode(data: bytes, keys: KeySource) -> Report:
    """Return one reading, with id 0."""
    header = inspect(data, keys)
    _, _, lid, _, _, raw_time, value = _fields(data)
    readings = np.array([(lid, 0, 0, raw_time, value)], READING)
    readings.flags.writeable = False
    return Report(header=header, readings=readings, given_us=None, events=())


def _fields(data: bytes) -> tuple[int, ...]:
    if data[:1] != bytes([FORMAT_BYTE]):
        raise FormatError("unknown-format", "This is not a single reading", offset=0)
    if len(data) != _LAYOUT.size:
        message = f"A single reading has {_LAYOUT.size} bytes, but the file has {len(data)}"
        raise FormatError("bad-length", message, offset=min(len(data), _LAYOUT.size))
    return _LAYOUT.unpack(data)


def encode(*, device_id: int, lid: int, raw_time: int, value: int, sent_s: int = 0) -> bytes:
    """Return 20 bytes; a negative value is encoded as two's complement."""
    word = as_word(value)
    check_bits(16, stream=lid)
    check_bits(32, device_id=device_id, sent_s=sent_s, raw_time=raw_time, value=word)
    return _LAYOUT.pack(FORMAT_BYTE, 0, lid, device_id, sent_s, raw_time, word)
