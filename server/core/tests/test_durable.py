"""The durable cache: it keeps what it has until its time is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from server.core.durable import DurableEntry, clean_durable_entries, durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_what_is_set_is_there() -> None:
    durable_cache.set("a", [1.5, 2], timeout=60)
    durable_cache.set("a", {"b": True}, timeout=60)

    assert durable_cache.get("a") == {"b": True}
    assert durable_cache.get("other", 7) == 7


@pytest.mark.parametrize("timeout", [0, -1])
def test_what_has_expired_is_not_there(timeout: float) -> None:
    durable_cache.set("a", 1, timeout=timeout)

    assert durable_cache.get("a") is None
    assert durable_cache.add("a", 2, timeout=60)


@pytest.mark.parametrize("timeout", [60, None])
def test_an_entry_is_added_once(timeout: float | None) -> None:
    assert durable_cache.add("a", 1, timeout=timeout)
    assert not durable_cache.add("a", 2, timeout=timeout)
    assert durable_cache.get("a") == 1


def test_one_entry_is_deleted() -> None:
    durable_cache.set("a", 1, timeout=60)
    durable_cache.set("b", 2, timeout=60)

    assert durable_cache.delete("a")

    assert (durable_cache.get("a"), durable_cache.get("b")) == (None, 2)


def test_four_hundred_other_entries_push_nothing_out() -> None:
    durable_cache.set("a", 1, timeout=60)

    for number in range(400):
        durable_cache.set(f"other {number}", number, timeout=60)

    assert durable_cache.get("a") == 1


def test_an_entry_is_deleted_once() -> None:
    durable_cache.set("a", 1)

    assert [durable_cache.delete("a"), durable_cache.delete("a")] == [True, False]


def test_cleaning_deletes_what_has_expired() -> None:
    durable_cache.set("stays", 1, timeout=None)
    durable_cache.set("later", 1, timeout=60)
    durable_cache.set("gone", 1, timeout=60)
    DurableEntry.objects.filter(pk=_row("gone")).update(expires_on=timezone.now() - timedelta(seconds=1))

    assert clean_durable_entries() == 1
    assert set(DurableEntry.objects.values_list("pk", flat=True)) == {_row("stays"), _row("later")}


def _row(key: str) -> str:
    return durable_cache._row(key, None)  # type: ignore[attr-defined,no-any-return]  # of DurableCache
