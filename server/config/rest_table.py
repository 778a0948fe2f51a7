"""Generates docs/protocol/rest-v1.md: the operations of the original cloud, from its list, compared
with our URL map, and what its reads answer, compared with our documentation."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from server.config.answers import answer_of, originals, reads
from server.config.operations import Operation, operations
from server.config.rights import TABLE, sentence

FOLDER: Final = Path(settings.ROOT) / "docs" / "protocol"
ROWS: Final = FOLDER / "rest-v1.rows.toml"
PAGE: Final = FOLDER / "rest-v1.md"

_HEAD: Final = """# REST operations, version 1

Made by `./inv rest-table` from `rest-v1.rows.toml` and the URL map; a test says when it is out of date. Paths are below
`/api/v1/`. Fields, answers and how to sign in: `/api/docs/` of a running server.

**done**: as in the original cloud. **differs**: on purpose, and why. **later**: comes with a part that is not built yet.
What every operation does otherwise: it names unknown fields and query parameters (400), answers 404 alike for what is not there
and what is not yours, and 403 for what staff alone may do. A filter that cannot be read is a 400, and never ignored: a misspelled
one, an offset whose `+` was not encoded (it is read as one), a number that is none. A filter by an object that does not exist, or
is not yours, finds nothing (the first was 404). A valid API key or device credential gets 403 for what it may not do (was 401, as
without one), and 405 where there is no such method. Staff see what is not theirs with `staff=1` only, one object as well as lists
(the original: lists): each such read is recorded for the organisation's audit.

429 has `Retry-After` and a sentence in `detail`, for three reasons: the operation has a rate of its own (sign-in, claim, keys, mail:
[limits](../operations/sign-in.md#limits)); the organisation has used its quota of uploads of the day (`UPLOAD_REPORTS_A_DAY`,
`UPLOAD_BYTES_A_DAY`); or the caller its quota of requests of the day (`REQUESTS_A_DAY`), which devices and programs share with their
organisation and each person has alone. Quotas begin again at 00:00 UTC, and the page of the organisation shows what is used.

"""


_ANSWERS_HEAD: Final = """## What reads answer

Made from `/api/docs/` and `rest-v1.answers.toml`, which has what the original answers; a test fails where the two differ without a
reason. *page*: `count`, `next`, `previous`, `results`; *numbered*: `next_page`, `prev_page`, `count`, `results`, ten rows;
*list*: an array; *table*: for DataTables. Fields are those of a row, or of the object. Every read also takes `_`, `format`, `page`,
`page_size` and `staff`; a filter is shown with its default. The order is that of a request without one; `-` is descending.
*Differs*: `-name` is what the original has and we have not, `+name` a field that only we have.
"""


class State(StrEnum):
    DONE = "done"
    DIFFERS = "differs"
    LATER = "later"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Row:
    """An operation of the original cloud."""

    section: str
    method: str
    path: str
    state: State
    why: str = ""


def rows() -> list[Row]:
    ours = {shape(each.method, each.path) for each in operations()}
    sections = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    return [
        _row(section, name, entry, ours)
        for section, lines in sections.items()
        for name, entry in lines.items()
    ]


def new_operations() -> list[Operation]:
    """Returns our operations that the original does not have, by path."""
    theirs = {shape(row.method, row.path) for row in rows()}
    ours = sorted(operations(), key=lambda each: each.path)
    return [each for each in ours if shape(each.method, each.path) not in theirs]


def page() -> str:
    return _HEAD + "\n".join([*_summary(), *_sections(), *_new(), "", *_answers(), ""])


def write() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def _row(section: str, name: str, entry: str | dict[str, str], ours: set[str]) -> Row:
    method, path = name.split(" ")
    if isinstance(entry, dict):
        ((word, why),) = entry.items()
        return Row(section, method, path, State(word), why)
    there = shape(method, path) in ours
    return Row(section, method, path, State.DONE if there else State.MISSING)


def shape(method: str, path: str) -> str:
    return f"{method} " + re.sub(r"{\w+}", "{}", path)


def _summary() -> Iterator[str]:
    all_rows = rows()
    counts = [f"{sum(row.state is state for row in all_rows)} {state}" for state in State]
    yield f"{len(all_rows)} operations of the original: {', '.join(counts)}. {len(new_operations())} are new here.\n"


def _sections() -> Iterator[str]:
    all_rows = rows()
    for section in dict.fromkeys(row.section for row in all_rows):
        yield f"## {section}\n"
        yield "| Operation | State | |\n|---|---|---|"
        for row in all_rows:
            if row.section == section:
                yield f"| {row.method} `{row.path}` | {row.state} | {row.why} |"
        yield ""


def _new() -> Iterator[str]:
    yield "## New here\n"
    yield "| Operation | What it does | Who |\n|---|---|---|"
    for each in new_operations():
        right = TABLE.get(each.key)
        yield f"| {each.method} `{each.path}` | {_first_sentence(each)} | {sentence(right) if right else ''} |"


def _answers() -> Iterator[str]:
    yield _ANSWERS_HEAD
    yield "| Read | Answer | Fields | Filters | Order | Differs |\n|---|---|---|---|---|---|"
    theirs = {shape(*key.split(" ")): original for key, original in originals().items()}
    for each in sorted(reads(), key=lambda read: read.path):
        original = theirs.get(shape(each.method, each.path))
        answer = answer_of(each)
        kind = (
            answer.kind if answer.sizes is None else f"page of {answer.sizes[0]}, at most {answer.sizes[1]}"
        )
        filters = [
            f"`{name}={default}`" if default else f"`{name}`" for name, default in answer.filters.items()
        ]
        reasons = original.differs if original else {}
        cells = (
            f"`{each.path}`",
            kind if original else f"{kind} (new)",
            " ".join(answer.fields),
            " ".join(filters),
            original.ours if original else "",
            " ".join(f"`{about}`: {why}" for about, why in reasons.items()),
        )
        yield f"| {' | '.join(cells)} |"


def _first_sentence(operation: Operation) -> str:
    """Returns the first paragraph of the docstring."""
    own: Any = vars(operation.view).get(operation.handler)
    text = (getattr(own, "__doc__", None) or operation.view.__doc__ or "").strip()
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")
