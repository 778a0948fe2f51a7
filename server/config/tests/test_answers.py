"""What a read answers is what the original answers, or has a reason."""

import re
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.config.answers import differences, originals, reads
from server.config.rest_table import State, rows, shape
from server.config.rights import TABLE
from server.config.tests.callers import Installation
from server.config.tests.sending import send
from server.core.rest.rights import API_KEY_ONLY

READS: Final = {shape(each.method, each.path): each for each in reads()}
KEYS: Final = sorted(originals())
BY_THE_STORE: Final = ("data/", "event/", "/datatable/", "/eventtable/")
"""Their rows are ordered by the stream-data database, which has tests of its own."""
LISTS: Final = [key for key in KEYS if originals()[key].order and not key.endswith(BY_THE_STORE)]
FIXED: Final = {"GET org/{slug}/projects/": ["org"]}
"""Columns with one value for all rows."""
_COLUMN: Final = re.compile(r'"(?P<table>\w+)"\."(?P<name>\w+)" (?P<direction>ASC|DESC)')
_POSITION: Final = re.compile(r"\b(\d+)(?= ASC| DESC)")
_TABLE: Final = re.compile(r'FROM "(\w+)"')
_NAMES: Final = {"streamalias": "alias", "configname": "name"}


def test_every_read_of_the_original_that_exists_has_an_entry() -> None:
    there = {
        f"{row.method} {row.path}"
        for row in rows()
        if row.method == "GET" and row.state in {State.DONE, State.DIFFERS}
    }

    assert {key for key in there if shape(*key.split(" ")) in READS} == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_difference_from_the_original_has_a_reason(key: str) -> None:
    original = originals()[key]

    assert differences(READS[shape(*key.split(" "))], original) - original.differs.keys() == set()


@pytest.mark.parametrize("key", KEYS)
def test_a_reason_has_a_difference_from_the_original(key: str) -> None:
    original = originals()[key]

    assert original.differs.keys() - differences(READS[shape(*key.split(" "))], original) == set()


@pytest.mark.parametrize("key", KEYS)
def test_a_reason_is_a_sentence(key: str) -> None:
    assert [why for why in originals()[key].differs.values() if not why.endswith(".")] == []


@pytest.mark.integration
@pytest.mark.parametrize("key", LISTS)
def test_a_list_has_the_order_of_its_entry(key: str, installation: Installation) -> None:
    operation, wanted = READS[shape(*key.split(" "))], originals()[key].ours.split(", ")
    right = TABLE[operation.key]
    caller = installation.caller(f"key {right.scope}" if right.needs == API_KEY_ONLY.needs else "staff")

    with CaptureQueriesContext(connection) as queries:
        answer = send(
            operation, installation.home, authorization=caller.authorizations[0], query=caller.query
        )

    assert answer.status_code == 200
    orders = [_order_of(each["sql"]) for each in queries.captured_queries]
    fixed = FIXED.get(key, [])
    assert [each for each in orders if each[: len(fixed) + len(wanted)] == [*fixed, *wanted]], orders


def _order_of(sql: str) -> list[str]:
    """Returns the columns that order a query; for a column of a joined table its name."""
    _, ordered, columns = sql.rpartition(" ORDER BY ")
    main = _TABLE.search(sql)
    if not ordered or main is None:
        return []
    selected = sql.partition(" FROM ")[0].removeprefix("SELECT ").split(", ")
    columns = _POSITION.sub(lambda found: selected[int(found[1]) - 1].partition(" AS ")[0], columns)
    return [_word(each, main.group(1)) for each in _COLUMN.finditer(columns)]


def _word(column: re.Match[str], main: str) -> str:
    joined = column["table"].partition("_")[2]
    name = column["name"].removesuffix("_id") if column["table"] == main else _NAMES.get(joined, joined)
    return f"-{name}" if column["direction"] == "DESC" else name
