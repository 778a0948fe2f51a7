"""docs/protocol/rest-v1.md matches the URL map and the list of the original."""

import pytest

from server.config import rest_table
from server.config.operations import operations
from server.config.rest_table import State, shape


def test_the_page_is_up_to_date() -> None:
    page = rest_table.PAGE.read_text(encoding="utf-8")

    assert page == rest_table.page(), "./inv rest-table rewrites it"


def test_every_operation_of_the_original_is_accounted_for() -> None:
    missing = [f"{row.method} {row.path}" for row in rest_table.rows() if row.state is State.MISSING]

    assert missing == []


def test_what_comes_later_is_not_there_yet() -> None:
    ours = {shape(each.method, each.path) for each in operations()}
    later = {shape(row.method, row.path) for row in rest_table.rows() if row.state is State.LATER}

    assert later & ours == set()


@pytest.mark.parametrize("row", [row for row in rest_table.rows() if row.state is State.DIFFERS], ids=str)
def test_a_difference_has_a_reason(row: rest_table.Row) -> None:
    assert row.why.endswith((".", "404")), row
