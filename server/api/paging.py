"""Pages of rows, by number or by cursor."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from server.api.rows import NeighborPages
from server.apps.streams.selectors.readings import PageRequest, Reader
from server.apps.streams.selectors.selections import (
    NO_FILTER,
    Bounds,
    Position,
    Reading,
    Selection,
    paged_selection,
    readings_after,
    selection_matching,
)
from server.core.rest.parsing import ParsedField
from server.lib.instants import instant_of, us_of
from server.lib.slugs import SlugError
from server.lib.timeseries import EARLIEST_US, LATEST_US

_CURSOR: Final = re.compile(r"(-?[0-9a-f]{1,15})\.([0-9a-f]{1,16})\.([0-9a-f]{1,8})\.([0-9a-f]{1,8})")
_NO_CURSOR: Final = "This is not a cursor: use the one in `next`."
_MOST_ID: Final = 2**63 - 1


class CursorField(ParsedField):
    """Where a page begins, as in `next` of the previous page."""

    def parse(self, text: str) -> Position:
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError(_NO_CURSOR)
        us, reading_id, key, skip = (int(part, 16) for part in found.groups())
        if not EARLIEST_US <= us <= LATEST_US or reading_id > _MOST_ID or max(key, skip) >= 2**31:
            raise ValueError(_NO_CURSOR)
        return Position(instant_of(us), reading_id, key, skip)


def cursor_text(position: Position) -> str:
    return f"{us_of(position.ts):x}.{position.reading_id:x}.{position.stream_key:x}.{position.skip:x}"


def page_request_from(query: dict[str, Any]) -> PageRequest:
    return PageRequest(**{name: query[name] for name in ("start", "end", "lastn", "page", "page_size")})


def is_by_cursor(request: Request, query: dict[str, Any]) -> bool:
    """Raises ValidationError for parameters that do not combine with a cursor."""
    if "cursor" not in request.query_params:
        return False
    if query["lastn"] is not None:
        raise ValidationError(
            {"lastn": ["Pages by cursor begin with the oldest row and cannot be combined with lastn."]}
        )
    return True


def bounds_from_query(query: dict[str, Any], *, masked: bool) -> Bounds:
    return Bounds(query["start"], query["end"], masked, query.get("row_filter", NO_FILTER))


def selection_from_query(reader: Reader, query: dict[str, Any]) -> Selection:
    """Returns the selection of `?filter=`, without which it is empty. Raises ValidationError for a
    malformed slug."""
    if not query["filter"]:
        return Selection((), ())
    try:
        return selection_matching(reader, query["filter"], bounds_from_query(query, masked=query["mask"]))
    except SlugError as error:
        raise ValidationError({"filter": [str(error)]}) from error


def neighbor_pages(request: Request, page_request: PageRequest, count: int) -> NeighborPages:
    more = page_request.page * page_request.page_size < count
    return NeighborPages(
        next=_address(request, page=str(page_request.page + 1)) if more else None,
        previous=_address(request, page=str(page_request.page - 1)) if page_request.page > 1 else None,
    )


def next_page(request: Request, position: Position | None) -> NeighborPages:
    return NeighborPages(
        next=None if position is None else _address(request, cursor=cursor_text(position)), previous=None
    )


def _address(request: Request, **changes: str) -> str:
    query = request.query_params.copy()
    for name, text in changes.items():
        query[name] = text
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"


def read_page(
    request: Request,
    query: dict[str, Any],
    *,
    by_number: Callable[[PageRequest], tuple[Sequence[Any], int]],
    by_cursor: Callable[[Position | None, int], tuple[Sequence[Any], Position | None]],
) -> tuple[Sequence[Any], int | None, NeighborPages]:
    """Returns the rows of a page, the count of all pages (None by cursor), and the URLs of the
    pages beside it."""
    page_request = page_request_from(query)
    if is_by_cursor(request, query):
        rows, position = by_cursor(query["cursor"], page_request.page_size)
        return rows, None, next_page(request, position)
    rows, count = by_number(page_request)
    return rows, count, neighbor_pages(request, page_request, count)


def readings_page(
    request: Request, query: dict[str, Any], selection: Selection
) -> tuple[Sequence[Reading], int | None, NeighborPages]:
    return read_page(
        request,
        query,
        by_number=lambda page_request: paged_selection(selection, page_request),
        by_cursor=lambda after, limit: readings_after(selection, after, limit=limit),
    )
