from pathlib import Path

import pytest

from stack.errors import StackError
from stack.home import ROOT, Home
from stack.testrun import LEFT_OUT, processes_for, run_tests


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """On a machine without Chromium."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return Home(root=ROOT, var=tmp_path / "var")


def test_without_chromium_the_browser_tests_are_named_and_left_out(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_tests(home, "browser", "")

    assert code == 0
    assert capsys.readouterr().out == f"{LEFT_OUT}\n"


@pytest.mark.parametrize("kind", ["browser", "all"])
def test_on_ci_nothing_may_be_left_out(home: Home, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(StackError, match="nothing may be left out: apt-get install chromium"):
        run_tests(home, kind, "")


def test_on_ci_npm_may_not_be_left_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(StackError, match="nothing may be left out: apt-get install npm"):
        run_tests(home, "clients", "")


def test_on_ci_elasticmq_may_not_be_left_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(StackError, match="not installed: java, mvn"):
        run_tests(home, "integration", "")


def test_a_kind_of_tests_that_does_not_exist_is_refused(home: Home) -> None:
    with pytest.raises(StackError, match="no tests of the kind 'slow'"):
        run_tests(home, "slow", "")


@pytest.mark.parametrize(("cores", "processes"), [(1, 0), (2, 2), (4, 4), (64, 4)])
def test_a_folder_is_run_by_as_many_processes_as_there_are_cores_and_four_at_most(
    tmp_path: Path, cores: int, processes: int
) -> None:
    assert processes_for(tmp_path, cores) == processes


def test_one_file_is_run_by_one_process() -> None:
    assert processes_for(Path(__file__), cores=2) == 0
