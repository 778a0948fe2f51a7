"""Tables of readings, and the forms that they are written in: `csv_form`, `json_form`,
`msgpack_form`."""

from server.lib.tables import csv_form, json_form, msgpack_form
from server.lib.tables.reading_tables import TableOptions, long_table, pivot_table, summary_rows
from server.lib.tables.table import (
    Table,
    in_output_units,
    iso_seconds,
    json_numbers,
    microseconds,
    timestamps_of,
)

__all__ = [
    "Table",
    "TableOptions",
    "csv_form",
    "in_output_units",
    "iso_seconds",
    "json_form",
    "json_numbers",
    "long_table",
    "microseconds",
    "msgpack_form",
    "pivot_table",
    "summary_rows",
    "timestamps_of",
]
