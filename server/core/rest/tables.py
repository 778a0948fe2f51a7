"""CSV in requests: `text/csv`, or a multipart form with the part `file`. Errors name the row and
the column."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from server.core.errors import Invalid
from server.core.rest.errors import TooLarge
from server.lib.lines import is_one_line

MOST_ROWS: Final = 2000
_MOST_BYTES: Final = 1024 * 1024
_MOST_CHARACTERS: Final = 400
_DELIMITERS: Final = (",", ";", "\t")  # semicolons: spreadsheets where the comma is in numbers
_SEP_LINE: Final = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)  # what some spreadsheets write first

Row = dict[str, str]


class CsvParser(BaseParser):
    """Passes the body on unparsed."""

    media_type = "text/csv"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, BinaryIO]:
        return {"file": io.BytesIO(stream.read(_MOST_BYTES + 1))}


def read_table(request: Request, *, columns: Sequence[str], needed: Sequence[str]) -> list[Row]:
    """Returns the rows by column, missing cells as "". Reads all rows before the first is used.
    Raises Invalid, TooLarge, ValidationError."""
    return read_rows(_content_of(request), columns=columns, needed=needed)


def read_rows(content: bytes, *, columns: Sequence[str], needed: Sequence[str]) -> list[Row]:
    """As `read_table`, of bytes from elsewhere."""
    return list(_rows(_decoded(content), columns, needed))


def _content_of(request: Request) -> bytes:
    data = request.data
    file = data.get("file") if hasattr(data, "get") else None
    if file is None or not hasattr(file, "read"):
        raise ValidationError({"file": ["Send a CSV file as text/csv, or as the part `file` of a form."]})
    content: bytes = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise TooLarge()
    return content


def _decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, as spreadsheets save "Unicode text". Raises Invalid for
    anything else: its bytes do not show which of the 8-bit encodings it is."""
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            raise Invalid(
                "The table begins as UTF-16 and goes on as something else.", field="file"
            ) from error
        row = content.count(b"\n", 0, error.start)
        raise Invalid(
            f'Row {row} is not in UTF-8. Save the table as "CSV UTF-8", and send it again.', field="file"
        ) from error


def _delimiter(text: str, columns: Sequence[str]) -> tuple[str, str]:
    """Returns the text without a line that only names the delimiter, and the delimiter: that of the
    line with the names, none of which contains one. A comma if it has no known name."""
    named = _SEP_LINE.match(text)
    if named is not None:
        return text[named.end() :], named[1]
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        names = [name.strip().strip('"').strip().lower() for name in first.split(delimiter)]
        if len(names) > 1 and any(name in columns for name in names):
            return text, delimiter
    return text, ","


def _rows(content: str, columns: Sequence[str], needed: Sequence[str]) -> Iterator[Row]:
    text, delimiter = _delimiter(content, columns)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    names: list[str] = []
    number = 0
    for cells in _read_lines(lines):
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _names(cells, columns, needed)
            continue
        number += 1
        if number > MOST_ROWS:
            raise Invalid(f"A table has at most {MOST_ROWS} rows.", field="file")
        yield _row(number, names, cells, needed)
    if not names:
        raise Invalid("The table is empty: its first line names the columns.", field="file")


def _read_lines(lines: Any) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as error:
        raise Invalid(f"Line {lines.line_num} cannot be read as CSV: {error}.", field="file") from error


def _names(cells: list[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in names:
        if name not in columns or names.count(name) > 1:
            known = ", ".join(columns)
            raise Invalid(
                f"Column {name[:40]!r}: the columns are {known}, each once, with commas, semicolons or tabs between.",
                field="file",
            )
    missing = [name for name in needed if name not in names]
    if missing:
        raise Invalid(f"Column {missing[0]} is missing.", field="file")
    return names


def _row(number: int, names: list[str], cells: list[str], needed: Sequence[str]) -> Row:
    if len(cells) > len(names):
        raise Invalid(f"Row {number} has more cells than there are columns.", field="file")
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    for name, cell in row.items():
        if not is_one_line(cell) or len(cell) > _MOST_CHARACTERS:
            raise Invalid(f"Row {number}, column {name}: the text cannot be stored.", field="file")
    for name in needed:
        if not row.get(name):
            raise Invalid(f"Row {number}, column {name}: it is empty.", field="file")
    return row
