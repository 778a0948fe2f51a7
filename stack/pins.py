"""`python -m stack.pins`: checks that the compiled requirements pin every package by hash and name
no index or host."""

import re
import sys

from stack.home import ROOT

# An index or host belongs to the machine that installs, not to the product.
PLACES = re.compile(
    r"--(index-url|extra-index-url|find-links|trusted-host)\b|\b(https?|file|git\+\w+)://| @ "
)


def faults_of(text: str) -> list[str]:
    """Returns what is wrong with a compiled file, with line numbers."""
    faults = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if PLACES.search(line):
            faults.append(f"line {number} names a place: {line.strip()}")
        if re.match(r"[A-Za-z0-9]", line) and not _is_pinned(line, lines[number : number + 1]):
            faults.append(f"line {number} is not pinned by version and hash: {line.strip()}")
    return faults


def main() -> int:
    compiled = sorted((ROOT / "requirements").glob("*.txt"))
    faults = [f"{path.name}: {fault}" for path in compiled for fault in faults_of(path.read_text())]
    print("\n".join(faults) or f"{len(compiled)} compiled files are pinned and name no place.")
    return 1 if faults or not compiled else 0


def _is_pinned(line: str, following: list[str]) -> bool:
    return "==" in line and "--hash=" in "".join([line, *following])


if __name__ == "__main__":
    sys.exit(main())
