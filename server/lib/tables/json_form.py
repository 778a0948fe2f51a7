"""Tables as JSON: a list with an object for each row."""

from collections.abc import Iterator

import orjson

from server.lib.tables.table import Table, iso_milliseconds


def write(table: Table) -> Iterator[bytes]:
    before = b"["
    for times, *columns in table.chunks:
        rows = zip(iso_milliseconds(times), *columns, strict=True)
        objects = orjson.dumps([dict(zip(table.names, row, strict=True)) for row in rows])[1:-1]
        if objects:
            yield before + objects
            before = b","
    yield b"[]" if before == b"[" else b"]"
