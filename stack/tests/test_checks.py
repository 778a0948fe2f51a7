from pathlib import Path

from stack.checks import FUNCTION_LINES, MODULE_LINES, PACKAGES, long_parts


def checkout(folder: Path, text: str) -> Path:
    for name in PACKAGES:
        (folder / name).mkdir()
    (folder / "tasks.py").write_text(text)
    return folder


def test_a_long_function_is_shown_with_its_place(tmp_path: Path) -> None:
    text = "\n\ndef far_too_long():\n" + "    print()\n" * FUNCTION_LINES

    assert long_parts(checkout(tmp_path, text)) == [f"tasks.py:3 far_too_long: {FUNCTION_LINES + 1} lines"]


def test_a_long_module_is_shown(tmp_path: Path) -> None:
    text = "x = 1\n" * (MODULE_LINES + 1)

    assert long_parts(checkout(tmp_path, text)) == [f"tasks.py: {MODULE_LINES + 1} lines"]


def test_parts_within_the_measure_are_not_shown(tmp_path: Path) -> None:
    text = "def fits():\n" + "    print()\n" * (FUNCTION_LINES - 1)

    assert long_parts(checkout(tmp_path, text)) == []
