"""Which tables are in which database."""

import pytest
from django.db import connections

from server.core.databases import STREAMDATA, StreamDataRouter, storable


def test_a_migration_without_a_hint_runs_in_the_core_database_only() -> None:
    router = StreamDataRouter()

    assert router.allow_migrate("default", "devices") is True
    assert router.allow_migrate(STREAMDATA, "devices") is False


def test_a_migration_with_the_hint_runs_in_the_stream_data_database_only() -> None:
    router = StreamDataRouter()

    assert router.allow_migrate("default", "streams", database=STREAMDATA) is False
    assert router.allow_migrate(STREAMDATA, "streams", database=STREAMDATA) is True


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", STREAMDATA])
def test_no_table_but_the_list_of_migrations_is_in_both_databases() -> None:
    core = set(connections["default"].introspection.table_names())
    stream_data = set(connections[STREAMDATA].introspection.table_names())

    assert core & stream_data == {"django_migrations"}
    assert {"reading", "event", "rollup_hour", "latest", "streamer_progress", "report_ledger"} <= stream_data


@pytest.mark.parametrize(
    ("text", "kept"), [("a\0b", "a\ufffdb"), ("a\ud800b", "a?b"), ("é \U0001f642", "é \U0001f642")]
)
def test_text_is_stored_without_what_postgresql_cannot_hold(text: str, kept: str) -> None:
    assert storable(text) == kept
