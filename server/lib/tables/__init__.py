"""Tables of readings, and the forms that they are written in: `csv_form`, `json_form`, `msgpack_form`."""

from server.lib.tables import csv_form, json_form, msgpack_form
from server.lib.tables.of_readings import TableOptions, long_table, pivot_table, summary_rows
from server.lib.tables.table import Table, in_output_units, microseconds, numbers, seconds, timestamps_of

__all__ = [
    "Table",
    "TableOptions",
    "csv_form",
    "in_output_units",
    "json_form",
    "long_table",
    "microseconds",
    "msgpack_form",
    "numbers",
    "pivot_table",
    "seconds",
    "summary_rows",
    "timestamps_of",
]
