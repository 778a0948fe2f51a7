"""Nearly valid reports: the vectors with mutations that get past the early checks.

A mutated signed list gets a correct length and hash or signature; a dictionary is mutated in its
fields, not only in its bytes.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgpack

from server.lib.formats import FormatError
from server.lib.formats.msgpack_form import load as load_msgpack
from server.lib.formats.signing import SIGNATURE_BYTES, crypt, report_key, sign
from server.lib.formats.tests.vectors import VECTORS, Vector, manifest_keys

HEADER_BYTES: Final = 20
FOOTER_BYTES: Final = 8 + SIGNATURE_BYTES
SIGNED_LIST: Final = 1
NAMES: Final = (
    "report.bin",
    "report",
    "report.json",
    "report.mp",
    "a/b.mp",
    "report.jpg",
    "",
    ".",
    "x." * 90,
)
WORDS: Final = (0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)

# Unexpected values of a dictionary's fields, chosen at random.
PLAIN: Final = (
    *(None, True, False, "", "x", -1, 0, 0.5, -0.0, 1e308, *WORDS),
    *(2**63, 2**64 - 1, -(2**63), 2.0**53, 4294967295.0),
    *("5001", "v100", "zzzz", "\0", "\ud800", "é" * 50, "٣٣٣٣"),
)
NASTY: Final[tuple[Callable[[Random], Any], ...]] = (
    *(lambda rng: rng.choice(PLAIN),) * 25,
    lambda rng: rng.choice(([], {})),
    lambda rng: "9999-12-31T23:59:59Z",
    lambda rng: f"{rng.randrange(0, 10000):04}-0{rng.randrange(10)}-31T25:61:61.{'9' * 30}+99:99",
    lambda rng: "A" * rng.randrange(1, 5000),
    lambda rng: [0] * rng.randrange(1, 3000),
    lambda rng: [{}] * rng.randrange(1, 300),
    lambda rng: {str(n): n for n in range(rng.randrange(1, 300))},
    lambda rng: _nested(rng.randrange(1, 900)),
)
RAW_JSON: Final = (
    *(
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"-",
        b"1." + b"0" * 300,
        b"9" * 5000,
        b'"\\ud800"',
        b'"\\u0000"',
    ),
    *(
        b"[" * 3000,
        b'{"a":' * 3000,
        b"\xff",
        b"\xef\xbb\xbf",
        b'{"a":1,"a":2}',
        b"/**/",
        b"'x'",
        b"0x10",
        b"nul",
    ),
)
RAW_MSGPACK: Final = (
    *(b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"),
    *(b"\xc1", b"\xc9\xff\xff\xff\xff\x01", b"\xd6\xff\x00\x00\x00\x00", b"\x91" * 2000, b"\x81\xa1a" * 2000),
    *(b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", b"\x81\xc0\x01", b"\xa2\xff\xff", b"\xc4\x02\xff\xfe"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """`how`: the name of the mutation."""

    how: str
    data: bytes
    name: str


class Mutator:
    """Deterministic: case `n` of a seed is always the same."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._all = [vector for vector in VECTORS.values() if vector.data]
        self._lists = [
            one for one in self._all if not one.is_dictionary and len(one.data) >= HEADER_BYTES + FOOTER_BYTES
        ]
        self._contents = [content for one in self._all if (content := _content(one)) is not None]

    def case(self, number: int) -> Case:
        rng = Random(self._seed << 32 | number)
        how = rng.choice(MUTATIONS)
        data, name = how(self, rng)
        if rng.random() < 0.02:
            name = rng.choice(NAMES)
        return Case(how.__name__, data, name)

    def bits(self, rng: Random) -> tuple[bytes, str]:
        """A few bits flipped."""
        vector = rng.choice(self._all)
        data = bytearray(vector.data)
        for _ in range(rng.choice((1, 1, 1, 2, 8))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(data), vector.file_name

    def cuts(self, rng: Random) -> tuple[bytes, str]:
        """Bytes missing, repeated or inserted."""
        vector = rng.choice(self._all)
        start, end = sorted(rng.randrange(len(vector.data) + 1) for _ in range(2))
        middle = rng.choice((b"", vector.data[start:end] * 2, rng.randbytes(rng.randrange(40))))
        return vector.data[:start] + middle + vector.data[end:], vector.file_name

    def splices(self, rng: Random) -> tuple[bytes, str]:
        """The beginning of one report and the end of another."""
        first, second = rng.choice(self._all), rng.choice(self._all)
        return (
            first.data[: rng.randrange(len(first.data))] + second.data[rng.randrange(len(second.data)) :],
            first.file_name,
        )

    def lengths(self, rng: Random) -> tuple[bytes, str]:
        """A wrong length field; the hash is right or not."""
        vector = rng.choice(self._lists)
        data = bytearray(vector.data)
        lie = rng.choice(
            (0, 1, 43, len(data) - 1, len(data) + 1, len(data) + 16, 2**24 - 1, rng.getrandbits(24))
        )
        data[1:4] = lie.to_bytes(3, "little")
        return (_signed(bytes(data)) if rng.random() < 0.5 else bytes(data)), vector.file_name

    def lists(self, rng: Random) -> tuple[bytes, str]:
        """Any content with the right length, and the right hash or signature over it."""
        vector = rng.choice(self._lists)
        body = _body(vector.data)
        for _ in range(rng.randrange(4)):
            body = rng.choice(_BODY_CHANGES)(bytearray(body), rng)
        header = bytearray(vector.data[:HEADER_BYTES])
        if rng.random() < 0.5:
            _change_header(header, rng)
        ids = struct.pack("<II", rng.choice(WORDS), rng.choice(WORDS)) if rng.random() < 0.3 else None
        return _built(
            bytes(header), body, ids or vector.data[-FOOTER_BYTES:-SIGNATURE_BYTES]
        ), vector.file_name

    def documents(self, rng: Random) -> tuple[bytes, str]:
        """A dictionary with changed fields, as JSON or MessagePack."""
        content = json.loads(rng.choice(self._contents))
        for _ in range(rng.choice((1, 1, 2, 5))):
            _change_document(content, rng)
        try:
            if rng.random() < 0.5:
                return json.dumps(content).encode(errors="surrogatepass"), "report.json"
            return msgpack.packb(content, unicode_errors="surrogatepass"), "report.mp"
        except (ValueError, OverflowError, RecursionError):  # neither form can express it
            return b"[" * 1500, "report.json"

    def tokens(self, rng: Random) -> tuple[bytes, str]:
        """A token that no encoder writes, in the middle of a valid dictionary."""
        text = rng.choice(self._contents)
        packs = rng.random() < 0.5
        data = msgpack.packb(json.loads(text)) if packs else text.encode()
        start = rng.randrange(len(data))
        token = rng.choice(RAW_MSGPACK if packs else RAW_JSON)
        rest = data[start + rng.choice((0, 0, 1, 4)) :]
        return data[:start] + token + rest, "report.mp" if packs else "report.json"

    def noise(self, rng: Random) -> tuple[bytes, str]:
        """Random bytes, some of which start as a report does."""
        return rng.choice((b"", b"\1", b"{", b"\x8a", b"\0", b"\3")) + rng.randbytes(
            rng.randrange(120)
        ), rng.choice(NAMES)


MUTATIONS: Final = (
    *(
        Mutator.bits,
        Mutator.cuts,
        Mutator.splices,
        Mutator.lengths,
        Mutator.lists,
        Mutator.lists,
        Mutator.lists,
    ),
    *(Mutator.documents, Mutator.documents, Mutator.documents, Mutator.tokens, Mutator.noise),
)


def _content(vector: Vector) -> str | None:
    """Returns the content of a valid dictionary as JSON; None for other vectors."""
    if not vector.is_dictionary or vector.validity != "valid":
        return None
    try:
        loaded = json.loads(vector.data) if vector.file_name.endswith("json") else load_msgpack(vector.data)
    except (ValueError, FormatError):
        return None
    return json.dumps(loaded)


def _nested(depth: int) -> list[Any]:
    nest: list[Any] = []
    for _ in range(depth):
        nest = [nest]
    return nest


def _change_document(content: dict[str, Any], rng: Random) -> None:
    """Change an entry of a random map or list."""
    place: Any = content
    while rng.random() < 0.7:
        inside = [
            each
            for each in (place.values() if isinstance(place, dict) else place)
            if isinstance(each, dict | list) and each
        ]
        if not inside:
            break
        place = rng.choice(inside)
    if not place:
        return
    at: Any = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
    what = rng.random()
    if what < 0.15:
        del place[at]
    elif what < 0.3 and isinstance(place, list):
        place.extend([place[at]] * rng.randrange(1, 60))
    else:
        place[at] = rng.choice(NASTY)(rng)


def _body(data: bytes) -> bytes:
    """Returns the readings, decrypted where we have the key."""
    body, key = data[HEADER_BYTES:-FOOTER_BYTES], _key(data)
    return crypt(body, key) if key else body


def _built(header: bytes, body: bytes, ids: bytes) -> bytes:
    """Returns a report, encrypted and signed as its header requires."""
    key = _key(header)
    size = HEADER_BYTES + len(body) + FOOTER_BYTES
    header = header[:1] + (size & 0xFFFFFF).to_bytes(3, "little") + header[4:]
    part = header + (crypt(body, key) if key else body) + ids
    return part + sign(part, key)


def _signed(data: bytes) -> bytes:
    part = data[:-SIGNATURE_BYTES]
    return part + sign(part, _key(data))


def _key(data: bytes) -> bytes | None:
    device, report, sent_s, kind = struct.unpack_from("<IIIB", data, 4)
    keys = manifest_keys(device)
    root = {1: keys.user, 2: keys.device}.get(kind)
    return report_key(root, report, sent_s) if root else None


def _change_header(header: bytearray, rng: Random) -> None:
    what = rng.randrange(5)
    if what == 0:
        header[8:12] = struct.pack("<I", rng.choice(WORDS))  # report id
    elif what == 1:
        header[12:16] = struct.pack("<I", rng.choice(WORDS))  # sent
    elif what == 2:
        header[16] = rng.choice((0, 1, 2, 3, 255))  # kind of signature
    elif what == 3:
        header[17] = rng.getrandbits(8)  # streamer
    else:
        header[18:20] = rng.randbytes(2)  # selector


def _change_word(body: bytearray, rng: Random) -> bytes:
    """Stream, id, time or value of a reading."""
    if len(body) >= 16:
        start = rng.randrange(len(body) // 16) * 16
        if rng.random() < 0.3:
            body[start : start + 2] = rng.randbytes(2)
        else:
            at = start + rng.choice((4, 8, 12))
            body[at : at + 4] = struct.pack("<I", rng.choice((*WORDS, rng.getrandbits(32))))
    return bytes(body)


def _shuffle(body: bytearray, rng: Random) -> bytes:
    rows = [bytes(body[at : at + 16]) for at in range(0, len(body), 16)]
    rng.shuffle(rows)
    return b"".join(rows)


def _repeat(body: bytearray, rng: Random) -> bytes:
    return bytes(body) * rng.choice((0, 2, 3))


def _cut(body: bytearray, rng: Random) -> bytes:
    """Perhaps in the middle of a reading."""
    return bytes(body[: rng.randrange(len(body) + 1)])


def _flip(body: bytearray, rng: Random) -> bytes:
    if body:
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return bytes(body)


_BODY_CHANGES: Final = (_change_word, _change_word, _change_word, _shuffle, _repeat, _cut, _flip)
