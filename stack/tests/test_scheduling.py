import pytest

from stack.home import ROOT
from stack.tests.scheduling import TOGETHER, place_of


@pytest.mark.parametrize("path", TOGETHER)
def test_what_is_kept_together_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_tests_of_a_folder_have_one_place() -> None:
    assert place_of("webapp/tests/browser/test_a.py::test_b") == place_of(
        "webapp/tests/browser/test_c.py::test_d"
    )


def test_what_is_not_named_comes_last() -> None:
    assert place_of("stack/tests/test_ports.py::test_a") == len(TOGETHER)
