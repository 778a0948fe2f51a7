"""Readings of reports, counted for `/metrics`. A job that runs twice counts its readings again, as duplicates."""

from typing import Final

from server.apps.streams.selectors.data import LedgerRow
from server.core.metrics import READINGS

_STORED: Final = READINGS.labels("stored")
_DUPLICATE: Final = READINGS.labels("duplicate")
_REFUSED: Final = READINGS.labels("refused")


def count_readings(ledger: LedgerRow) -> None:
    _STORED.inc(ledger.stored)
    _DUPLICATE.inc(ledger.duplicate)
    _REFUSED.inc(ledger.refused)
