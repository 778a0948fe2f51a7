"""What load balancers ask."""

import pytest
from django.db import connections
from django.test import Client

from server.core.databases import STREAMDATA
from server.core.tests.committed import committed as committed

pytestmark = pytest.mark.integration


def test_all_is_well_while_both_databases_answer(db: None) -> None:
    answer = Client().get("/health/")

    assert (answer.status_code, answer.json()) == (200, {"core": True, "streamdata": True})


def test_an_unavailable_database_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connections[STREAMDATA]
    connection.close()

    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(connection.settings_dict, "PORT", "1")
        answer = Client().get("/health/")
    connection.close()

    assert (answer.status_code, answer.json()) == (503, {"core": True, "streamdata": False})
