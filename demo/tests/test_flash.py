from pathlib import Path

import pytest

from demo import flash
from demo.log import ReadingLog

FLASH = flash.Flash(
    clock_s=1000,
    booted_s=400,
    next_id=17,
    acknowledged={0: 12, 1: 9},
    measured_s={0x5001: 990},
    counters={"liters": 12.5},
    live_since_s=900,
    log=ReadingLog([(0x5001, 15, 590, 2**32 - 1), (0x5800, 16, 595, 3300)]),
)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "d.json"

    flash.save(FLASH, path)
    loaded = flash.load(path)

    assert loaded is not None
    assert list(loaded.log) == list(FLASH.log)
    for name in ("clock_s", "booted_s", "next_id", "acknowledged", "measured_s", "counters", "live_since_s"):
        assert getattr(loaded, name) == getattr(FLASH, name)


def test_saving_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    flash.save(FLASH, path)

    flash.save(FLASH, path)

    assert list(tmp_path.iterdir()) == [path]


def test_a_device_that_was_never_on_has_no_flash(tmp_path: Path) -> None:
    assert flash.load(tmp_path / "d.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"clock_s": null}', "7"])
def test_a_damaged_flash_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(text)

    with pytest.raises(flash.FlashDamaged, match=r"d\.json"):
        flash.load(path)


def test_a_reading_that_does_not_fit_its_words_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    flash.save(FLASH, path)
    path.write_text(path.read_text().replace("4294967295", "4294967296"))

    with pytest.raises(flash.FlashDamaged):
        flash.load(path)
