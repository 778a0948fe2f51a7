"""Data blocks as the rows of a DataTables table. Plain text: a page escapes what it shows."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from server.api.filters import block_words
from server.apps.streams.models import DataBlock

COLUMNS: Final = ("slug", "title", "description", "device__slug", "created_on", "created_by__slug")
_MOST_ROWS: Final = 1000


def table_response(
    table_query: Mapping[str, int], query: Mapping[str, str], blocks: QuerySet[DataBlock]
) -> dict[str, Any]:
    """Returns the body of the response, by three SQL queries. `table_query` has draw, start and
    length; length -1 is as many as possible."""
    found = blocks.filter(block_words(_words(query))).order_by(*_order(query), "-id")
    length = table_query["length"] if table_query["length"] >= 0 else _MOST_ROWS
    page = found[table_query["start"] : table_query["start"] + min(length, _MOST_ROWS)]
    return {
        "draw": table_query["draw"],
        "recordsTotal": blocks.count(),
        "recordsFiltered": found.count(),
        "data": [_cells(block) for block in page],
    }


def _words(query: Mapping[str, str]) -> str:
    words = query.get("search[value]", "")
    if "\0" in words:
        raise ValidationError({"search[value]": ["Null characters are not allowed."]})
    return words


def _order(query: Mapping[str, str]) -> list[str]:
    chosen = query.get("order[0][column]", "")
    if not chosen:
        return ["-created_on"]
    if chosen not in map(str, range(len(COLUMNS))):
        raise ValidationError({"order[0][column]": [f"The columns are 0 to {len(COLUMNS) - 1}."]})
    direction = "-" if query.get("order[0][dir]") == "desc" else ""
    return [f"{direction}{COLUMNS[int(chosen)]}"]


def _cells(block: DataBlock) -> list[str]:
    return [
        block.slug,
        block.title,
        block.description,
        block.device.slug,
        block.created_on.isoformat(),
        block.created_by.slug if block.created_by is not None else "",
    ]
