"""The documents and their code blocks. The word after a fence decides how the block is run: see
`reader.py`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack.home import ROOT

DOCUMENTS: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE: Final = re.compile(r"(?P<indent> *)```(?P<kind>\S*) *")
_INLINE: Final = re.compile(r"`(\./inv[^`\n]*)`")


@dataclass(frozen=True, slots=True)
class Block:
    """`line` is that of the fence; `text` is without the indentation of a list."""

    document: str  # its path from the root
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """Of a shell: one for each line, a line that ends with a backslash together with the
        next."""
        whole = self.text.replace("\\\n", " ")
        return [line for line in whole.splitlines() if line.strip() and not line.startswith("#")]


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def blocks_of(document: Path) -> Iterator[Block]:
    lines = enumerate(document.read_text().splitlines(), start=1)
    for number, line in lines:
        if opened := _FENCE.fullmatch(line):
            indent = len(opened["indent"])
            body = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                body.append(inner[indent:])
            yield Block(name_of(document), number, opened["kind"], "\n".join(body))
        elif line.lstrip().startswith("```"):
            raise ValueError(f"{name_of(document)}:{number}: {line!r} is no fence that we understand")


def all_blocks() -> list[Block]:
    return [block for document in DOCUMENTS for block in blocks_of(document)]


def commands_in_sentences(document: Path) -> list[str]:
    """Every `./inv …` between two backticks."""
    return _INLINE.findall(document.read_text())
