import json
from pathlib import Path
from typing import Any

import pytest

from demo.roster import RosterError, read_roster

ENTRY: dict[str, Any] = {
    "slug": "d--0000-0000-0000-0d01",
    "kind": "water-meter",
    "upload_key": "fdk_1",
    "user_key": "ab" * 32,
    "read_token": None,
    "goes_silent": True,
}


def write(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"devices": entries}))
    return path


def test_a_roster_gives_devices_with_their_credentials(tmp_path: Path) -> None:
    path = write(tmp_path / "devices.json", ENTRY, ENTRY | {"user_key": None, "goes_silent": False})

    first, second = read_roster(path)

    assert (first.slug.number, first.kind.name, first.upload_key) == (0xD01, "water-meter", "fdk_1")
    assert (first.user_key, first.goes_silent) == (b"\xab" * 32, True)
    assert (second.user_key, second.goes_silent) == (None, False)


def test_a_missing_roster_says_who_makes_it(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="demo-data"):
        read_roster(tmp_path / "devices.json")


@pytest.mark.parametrize(
    "change",
    [{"slug": "d--1"}, {"kind": "toaster"}, {"user_key": "xyz"}],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_makes_no_sense_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    path = write(tmp_path / "devices.json", ENTRY | change)

    with pytest.raises(RosterError, match="cannot be read"):
        read_roster(path)


def test_a_file_that_is_no_roster_is_named(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    path.write_text("[1, 2]")

    with pytest.raises(RosterError, match="cannot be read"):
        read_roster(path)
