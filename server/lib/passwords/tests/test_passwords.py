import pytest

from server.lib.passwords import plain_password, spellings

COMPOSED, DECOMPOSED = "cr\u00e8me br\u00fbl\u00e9e", "cre\u0300me bru\u0302le\u0301e"


def test_linux_and_macos_write_one_password() -> None:
    assert plain_password(DECOMPOSED) == plain_password(COMPOSED) == COMPOSED


def test_letters_of_full_width_are_the_usual_ones() -> None:
    assert plain_password("\uff43\uff4f\uff52\uff52\uff45\uff43\uff54") == "correct"


@pytest.mark.parametrize(
    ("typed", "tried"),
    [(DECOMPOSED, [COMPOSED, DECOMPOSED]), (COMPOSED, [COMPOSED]), ("correct horse", ["correct horse"])],
)
def test_the_plain_form_is_tried_first_and_each_once(typed: str, tried: list[str]) -> None:
    assert spellings(typed) == tried
