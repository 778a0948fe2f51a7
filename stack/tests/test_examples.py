import pytest

from stack.examples import TIMES_VARIABLE, examples


def test_a_usual_run_tries_as_many_as_the_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TIMES_VARIABLE, raising=False)

    assert examples(3) == 3


def test_a_full_run_tries_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMES_VARIABLE, "10")

    assert examples(3) == 30
