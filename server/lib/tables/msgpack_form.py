"""Tables as MessagePack: a map for each row, one after the other, for streaming readers."""

from collections.abc import Callable, Iterator
from typing import Any

import msgpack

from server.lib.tables.table import Table, iso_milliseconds


def write(table: Table) -> Iterator[bytes]:
    pack: Callable[[Any], bytes] = msgpack.Packer().pack
    for times, *columns in table.chunks:
        rows = zip(iso_milliseconds(times), *columns, strict=True)
        yield b"".join(pack(dict(zip(table.names, row, strict=True))) for row in rows)
