from pathlib import Path

import pytest

from stack import commands
from stack.errors import StackError
from stack.home import ROOT, Home


def test_without_a_running_stack_nothing_is_sent_and_it_says_what_to_start(tmp_path: Path) -> None:
    home = Home(root=ROOT, var=tmp_path / "var")

    with pytest.raises(StackError, match=r"\./inv up --demo"):
        commands.send_report(home, [])

    assert not home.var.exists()
