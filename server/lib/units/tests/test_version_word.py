import pytest

from server.lib.units import VersionWord


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (0x04000800, "2048 v1.0"),
        (0xFFFFFFFF, "1048575 v63.63"),
        (0x00100000, "0 v0.1"),
    ],
)
def test_a_version_word_is_a_tag_and_a_version(word: int, text: str) -> None:
    assert str(VersionWord.parse(word)) == text
