"""Format 1: the signed list, the robust report that binary uploads carry (report formats, part 4).

    0        4           8           12          16    17     18         20           -24      -20       -16
    +---+----+-----------+-----------+-----------+-----+------+----------+------------+--------+---------+-----------+
    | 1 | len| device id | report id | sent time | kind| index| selector | n x 16     | lowest | highest | signature |
    +---+----+-----------+-----------+-----------+-----+------+----------+------------+--------+---------+-----------+
        24 bits, whole file                                                readings     id       id        16 bytes

All numbers are little endian. With signature kinds 1 and 2 the readings are encrypted, and nothing
else is.
"""

import struct
from collections.abc import Sequence

import numpy as np

from server.lib.formats.errors import FormatError, KeyMissing, SignatureError
from server.lib.formats.header import MAX_REPORT_BYTES, Header, KeySource, SignatureKind
from server.lib.formats.report import READING, READING_BYTES, Report, Row, check_bits, pack_rows
from server.lib.formats.signing import SIGNATURE_BYTES, crypt, is_signed, report_key, sign

FORMAT_BYTE = 1
FORMAT_NAME = "signed-list"

_HEADER = struct.Struct("<BBHIIIBBH")
_FOOTER_IDS = struct.Struct("<II")
_FOOTER_BYTES = _FOOTER_IDS.size + SIGNATURE_BYTES
_SMALLEST_BYTES = _HEADER.size + _FOOTER_BYTES

_FORMAT_OFFSET = 0
_LENGTH_OFFSET = 1
_KIND_OFFSET = 16


def inspect(data: bytes, keys: KeySource) -> Header:
    """Check everything including the signature, without decoding the readings."""
    return _checked(data, keys)[0]


def decode(data: bytes, keys: KeySource) -> Report:
    """Check everything and decode the readings, as a view on `data` unless they are encrypted."""
    header, key = _checked(data, keys)
    body: bytes | memoryview = memoryview(data)[_HEADER.size : -_FOOTER_BYTES]
    if key is not None:
        body = crypt(body, key)
    readings = np.frombuffer(body, READING, count=header.count)
    return Report(header=header, readings=readings, given_us=None, events=())


def _checked(data: bytes, keys: KeySource) -> tuple[Header, bytes | None]:
    """Return the header and, for an encrypted report, its key."""
    _check_size(data)
    _, low, high, device_id, report_id, sent_s, kind, index, selector = _HEADER.unpack_from(data)
    _check_length(data, high << 8 | low)
    signature = _signature_kind(kind)
    key = None
    if signature is not SignatureKind.HASH:
        key = report_key(_root_key(signature, device_id, keys), report_id, sent_s)
    _check_signature(data, key)
    lowest_id, highest_id = _FOOTER_IDS.unpack_from(data, len(data) - _FOOTER_BYTES)
    header = Header(
        format=FORMAT_NAME,
        device_id=device_id,
        report_id=report_id,
        sent_s=sent_s,
        streamer_index=index,
        selector=selector,
        lowest_id=lowest_id,
        highest_id=highest_id,
        signature=signature,
        count=(len(data) - _SMALLEST_BYTES) // READING_BYTES,
    )
    return header, key


def _check_size(data: bytes) -> None:
    if data[:1] != bytes([FORMAT_BYTE]):
        raise FormatError("unknown-format", "This is not a signed list", offset=_FORMAT_OFFSET)
    if len(data) < _SMALLEST_BYTES:
        message = f"The report ends after {len(data)} bytes; the smallest one has {_SMALLEST_BYTES}"
        raise FormatError("too-short", message, offset=len(data))


def _check_length(data: bytes, stated_bytes: int) -> None:
    if stated_bytes != len(data):
        message = f"The length field says {stated_bytes} bytes, but the file has {len(data)}"
        raise FormatError("bad-length", message, offset=_LENGTH_OFFSET)
    rest = (len(data) - _SMALLEST_BYTES) % READING_BYTES
    if rest:
        offset = len(data) - _FOOTER_BYTES - rest
        raise FormatError("cut-reading", f"The last reading has {rest} of its 16 bytes", offset=offset)


def _signature_kind(kind: int) -> SignatureKind:
    if kind not in (SignatureKind.HASH, SignatureKind.USER_KEY, SignatureKind.DEVICE_KEY):
        raise FormatError("unknown-signature", f"Signature kind {kind} is not known", offset=_KIND_OFFSET)
    return SignatureKind(kind)


def _root_key(signature: SignatureKind, device_id: int, keys: KeySource) -> bytes:
    known = keys(device_id)
    root_key = known.user if signature is SignatureKind.USER_KEY else known.device
    if root_key is None:
        word = "user" if signature is SignatureKind.USER_KEY else "device"
        message = f"The report is signed with the {word} key of device {device_id:x}, which is not known here"
        raise KeyMissing("no-key", message, offset=_KIND_OFFSET)
    return root_key


def _check_signature(data: bytes, key: bytes | None) -> None:
    offset = len(data) - SIGNATURE_BYTES
    if is_signed(memoryview(data)[:offset], data[offset:], key):
        return
    if key is None:
        message = "The hash does not fit the contents: the report was damaged on its way"
        raise SignatureError("bad-hash", message, offset=offset)
    message = "The signature does not fit the contents: the report was damaged, or signed with another key"
    raise SignatureError("bad-signature", message, offset=offset)


def encode(
    *,
    device_id: int,
    report_id: int,
    sent_s: int,
    streamer_index: int,
    selector: int,
    readings: Sequence[Row],
    signature: SignatureKind = SignatureKind.HASH,
    root_key: bytes | None = None,
) -> bytes:
    """Return a whole report as a device would send it. Signature kinds with a key need the root key
    of 32 bytes."""
    check_bits(32, device_id=device_id, report_id=report_id, sent_s=sent_s)
    check_bits(8, streamer_index=streamer_index)
    check_bits(16, selector=selector)
    key = _key_for_encoding(signature, root_key, report_id, sent_s)
    body = pack_rows(readings)
    if key is not None:
        body = crypt(body, key)
    size = _SMALLEST_BYTES + len(body)
    if size >= MAX_REPORT_BYTES:
        raise FormatError(
            "too-large", f"{len(readings)} readings do not fit into one report", field="readings"
        )
    header = _HEADER.pack(
        FORMAT_BYTE, size & 0xFF, size >> 8, device_id, report_id, sent_s, signature, streamer_index, selector
    )
    signed_part = header + body + _FOOTER_IDS.pack(*_id_range(readings))
    return signed_part + sign(signed_part, key)


def _key_for_encoding(
    signature: SignatureKind, root_key: bytes | None, report_id: int, sent_s: int
) -> bytes | None:
    if signature is SignatureKind.HASH:
        return None
    if signature is SignatureKind.NONE:
        raise FormatError("unknown-signature", "A signed list must be signed", field="signature")
    if root_key is None:
        raise KeyMissing("no-key", f"Signature kind {signature.name} needs a root key", field="root_key")
    return report_key(root_key, report_id, sent_s)


def _id_range(readings: Sequence[Row]) -> tuple[int, int]:
    """Return the lowest and the highest id; 0 means "no id" and does not count."""
    ids = [row[1] for row in readings if row[1]]
    return (min(ids), max(ids)) if ids else (0, 0)
