"""Requirements under root, checked before anything is installed."""

from pathlib import Path

import pytest

from stack import privileges


@pytest.mark.parametrize(("mode", "reached"), [(0o711, True), (0o700, False), (0o750, False)])
def test_a_folder_is_open_when_others_may_pass_through(open_folder: Path, mode: int, reached: bool) -> None:
    folder = open_folder / "folder"
    folder.mkdir()
    folder.chmod(mode)

    assert privileges.is_open_to_others(folder) == reached


def test_a_folder_in_a_closed_one_is_closed(tmp_path: Path, open_folder: Path) -> None:
    (open_folder / "closed").mkdir(mode=0o700)
    inner = open_folder / "closed" / "inner"
    inner.mkdir(mode=0o755)

    assert not privileges.is_open_to_others(inner)


def test_a_folder_that_is_still_to_be_made_is_as_open_as_where_it_will_be(open_folder: Path) -> None:
    assert privileges.is_open_to_others(open_folder / "to" / "be" / "made")


def test_a_program_must_be_readable_too(open_folder: Path) -> None:
    program = open_folder / "program"
    program.touch()

    program.chmod(0o711)

    assert not privileges.is_open_to_others(program)


def test_a_link_into_a_closed_folder_is_closed(open_folder: Path) -> None:
    (open_folder / "closed").mkdir(mode=0o700)
    (open_folder / "link").symlink_to(open_folder / "closed")

    assert not privileges.is_open_to_others(open_folder / "link" / "file")
