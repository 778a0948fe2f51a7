"""The code blocks of the documents work as printed.

Blocks run as processes, so that the tests of the stack import nothing of the product.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from invoke.exceptions import ParseError

from stack.home import ROOT
from stack.testing import throw_away_folder
from stack.tests.documents import DOCUMENTS, all_blocks, blocks_of, commands_in_sentences, name_of
from stack.tests.reader import HANDLERS, LEFT_OUT, Reader, parse, reason_to_leave_out, running_demo

WITH_BLOCKS = [document for document in DOCUMENTS if list(blocks_of(document))]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    # Not below pytest's own folder, which is closed to the user that runs PostgreSQL under root.
    with throw_away_folder(ROOT / "var" / "test") as folder, running_demo(folder) as running:
        yield running


@pytest.mark.integration
@pytest.mark.parametrize("document", WITH_BLOCKS, ids=name_of)
def test_every_block_of_a_document_works_as_printed(document: Path, reader: Reader) -> None:
    reader.left_out.clear()

    for block in blocks_of(document):
        reader.follow(block)

    if reader.left_out:
        assert not os.environ.get("CI"), f"On CI nothing may be left out: {reader.left_out}"
        pytest.skip(f"The rest works. Left out: {reader.left_out}")


@pytest.mark.integration
def test_what_the_readme_says_will_be_printed_is_printed(reader: Reader) -> None:
    blocks = list(blocks_of(ROOT / "README.md"))
    at = next(number for number, block in enumerate(blocks) if block.text == "./inv send-report")
    shown = blocks[at + 1]

    printed = reader.as_printed(reader.follow(blocks[at]))

    assert shown.kind == "text"
    assert without_numbers(printed).startswith(without_numbers(shown.text))


@pytest.mark.integration
def test_the_readme_ends_with_the_readings_that_it_sent(reader: Reader) -> None:
    outputs = [reader.follow(block) for block in blocks_of(ROOT / "README.md")]
    if reader.left_out:
        pytest.skip(f"Left out: {reader.left_out}")

    sent = next(re.search(r"ids \d+ to (\d+)", each) for each in outputs if "Sending" in each)
    read_back = next(each for each in outputs if '"last_id":' in each)

    assert sent is not None
    assert f'"last_id":{sent[1]},' in read_back
    assert len(re.findall(r"^20.*,s--.*--500f$", read_back, re.MULTILINE)) >= 9


def without_numbers(text: str) -> str:
    return re.sub(r"\b\d+(\.\d+)?\b", "#", text)


def test_every_block_says_how_it_is_run() -> None:
    assert [f"{block}: {block.kind!r}" for block in all_blocks() if block.kind not in HANDLERS] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_inv_command_in_a_document_exists_with_its_options(document: Path) -> None:
    in_blocks = [command for block in blocks_of(document) if block.kind == "sh" for command in block.commands]
    commands = [command for command in in_blocks if command.startswith("./inv")]

    for command in commands + commands_in_sentences(document):
        parse(command)


@pytest.mark.parametrize("command", ["./inv upp", "./inv up --dmeo", "./inv test --area"])
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    with pytest.raises(ParseError):
        parse(command)


def test_what_is_left_out_is_still_in_the_documents() -> None:
    texts = [(block, text) for block in all_blocks() for text in (block.text, *block.commands)]

    found = {reason_to_leave_out(block, text) for block, text in texts} - {""}

    assert found == set(LEFT_OUT.values())
