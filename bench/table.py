"""The table of figures."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`figure` and `baseline` include their unit; `ratio` is figure by baseline, where the budget
    is a ratio."""

    path: str
    figure: str
    baseline: str = "-"
    ratio: float | None = None
    budget: str = "-"


_WIDTHS = (52, 12, 22, 7, 24)


def print_table(topic: str, rows: Iterable[Row]) -> None:
    """Print each row as it is measured: some take a minute."""
    print(f"\n{_line((topic, 'figure', 'baseline', 'ratio', 'budget'))}", flush=True)
    for row in rows:
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}x"
        print(_line((row.path, row.figure, row.baseline, ratio, row.budget)), flush=True)


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
