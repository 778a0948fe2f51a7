"""gzip, unpacked in parts and up to a limit: a small file may unpack to a huge one."""

import zlib
from collections.abc import Callable
from typing import Final

_WINDOW: Final = 31  # zlib's number for "with a gzip header"
_PART_BYTES: Final = 65_536


class CannotUnpack(ValueError):
    """It cannot be unpacked."""


class NotGzip(CannotUnpack):
    pass


class TooLarge(CannotUnpack):
    pass


class NotWhole(CannotUnpack):
    """It is cut off, or something follows it; `offset` is the byte where."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"cut off, or followed by something else (byte {offset})")
        self.offset = offset


def unpack(data: bytes, *, max_bytes: int, check: Callable[[bytes], None] | None = None) -> bytes:
    """`check` is called with each part, and may end it by raising an error of its own.

    Raises NotGzip, TooLarge, NotWhole.
    """
    machine = zlib.decompressobj(_WINDOW)
    unpacked, rest = bytearray(), data
    while not machine.eof:
        before = len(rest)
        try:
            part = machine.decompress(rest, _PART_BYTES)
        except zlib.error as error:
            raise NotGzip(str(error)) from error
        rest = machine.unconsumed_tail
        if not part and len(rest) == before:
            raise NotWhole(len(data))
        if check is not None:
            check(part)
        unpacked += part
        if len(unpacked) > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
    if machine.unused_data:
        raise NotWhole(len(data) - len(machine.unused_data))
    return bytes(unpacked)
