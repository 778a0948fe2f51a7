"""The progress of a first start while packages are installed."""

from pathlib import Path

import pytest

from stack.install import Progress


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "pip-26.3.dist-info").mkdir()
    return tmp_path


def test_it_says_which_package_is_fetched_and_how_many_are_left(site: Path) -> None:
    progress = Progress(site, wanted=94)

    for line in (
        "Collecting asgiref==3.9 (from -r base.txt (line 1))",
        "  Downloading asgiref.whl",
        "Collecting Django==5.2",
    ):
        progress.read_line(line)

    assert str(progress) == "fetching django, 92 of 94 left"


def test_an_extra_is_no_part_of_a_package_s_name(site: Path) -> None:
    progress = Progress(site, wanted=2)

    progress.read_line("Collecting django-allauth[mfa,socialaccount]==65.1 (from -r base.txt (line 9))")

    assert str(progress) == "fetching django-allauth, 1 of 2 left"


def test_it_says_which_package_is_unpacked_and_how_many_are_left(site: Path) -> None:
    progress = Progress(site, wanted=3)
    progress.read_line("Collecting typing_extensions==4.1")

    progress.read_line("Installing collected packages: typing-extensions, Django, zope.interface")
    (site / "typing_extensions-4.1.dist-info").mkdir()

    assert str(progress) == "unpacking django, 2 of 3 left"


def test_what_was_there_before_is_not_counted_as_unpacked(site: Path) -> None:
    progress = Progress(site, wanted=2)

    progress.read_line("Installing collected packages: pip, Django")
    before = str(progress)
    (site / "pip-27.dist-info").mkdir()

    assert (before, str(progress)) == ("unpacking pip, 2 of 2 left", "unpacking django, 1 of 2 left")


def test_the_end_is_shown_when_nothing_is_left(site: Path) -> None:
    progress = Progress(site, wanted=1)

    progress.read_line("Installing collected packages: Django")
    (site / "django-5.2.dist-info").mkdir()

    assert str(progress) == "finishing"
