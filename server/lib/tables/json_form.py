"""Tables as JSON: a list with an object for each row."""

import json
from collections.abc import Iterator
from typing import Any

from server.lib.tables.table import Table, is_numeric, milliseconds, numbers


def write(table: Table) -> Iterator[bytes]:
    keys = [json.dumps(name) for name in table.names]
    before = "["
    for times, *columns in table.chunks:
        written = [[f'"{text}"' for text in milliseconds(times)], *map(_texts, columns)]
        rows = (
            "{" + ",".join(map(":".join, zip(keys, row, strict=True))) + "}"
            for row in zip(*written, strict=True)
        )
        text = ",".join(rows)
        if text:
            yield f"{before}{text}".encode()
            before = ","
    yield b"[]" if before == "[" else b"]"


def _texts(column: list[Any]) -> list[str]:
    return numbers(column) if is_numeric(column) else [json.dumps(value) for value in column]
