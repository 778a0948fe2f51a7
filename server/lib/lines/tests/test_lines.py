"""What fits on one line."""

import pytest

from server.lib.lines import is_one_line, one_line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Pump 2",
        "Метео",
        "東京 1",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d🔧",
        "a\u00a0b",
    ],
)
def test_names_in_any_script_are_one_line(text: str) -> None:
    assert is_one_line(text)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\tb", "a\0b", "a\x7fb", "a\x85b", "a\u2028b", "a\u202eb", "a\u2066b", "\ud800"]
)
def test_line_breaks_controls_and_turned_text_are_not(text: str) -> None:
    assert not is_one_line(text)


def test_what_does_not_fit_becomes_a_space() -> None:
    assert one_line(" Pump\r\n\u202etwo\t ") == "Pump two"
