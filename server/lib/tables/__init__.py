"""Tables of readings, and the forms that they are written in: `csv_form`, `json_form`, `msgpack_form`."""

from server.lib.tables import csv_form, json_form, msgpack_form
from server.lib.tables.of_readings import Options, long_table, pivot_table, summary_rows
from server.lib.tables.table import Table, microseconds, moments_of, numbers, outputs, seconds

__all__ = [
    "Options",
    "Table",
    "csv_form",
    "json_form",
    "long_table",
    "microseconds",
    "moments_of",
    "msgpack_form",
    "numbers",
    "outputs",
    "pivot_table",
    "seconds",
    "summary_rows",
]
