import base64
import json
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack import ports
from stack.errors import StackError
from stack.examples import examples
from stack.home import Home
from stack.settings import (
    build_environment,
    load_or_make_secrets,
    make_secrets,
    read_environment,
    write_environment,
)


@given(value=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
@settings(max_examples=examples(50), deadline=None)
def test_every_value_comes_back_from_the_file(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    file = tmp_path_factory.mktemp("env") / "embedded.env"

    write_environment(file, {"A_NAME": value})

    assert read_environment(file) == {"A_NAME": value}


def test_a_shell_reads_the_same_values_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "embedded.env"
    write_environment(file, {"FOLDER": "/a folder/it's $HOME"})

    shown = subprocess.run(
        ["sh", "-c", '. "$1"; printf %s "$FOLDER"', "sh", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "/a folder/it's $HOME"


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "embedded.env"

    write_environment(file, {"SECRET_KEY": "x"})

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", ["NAME", "NAME='open", "NAME=two words"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "embedded.env"
    file.write_text(f"# a comment\n{line}\n")

    with pytest.raises(StackError, match="line 2"):
        read_environment(file)


def test_programs_get_the_chosen_ports_and_folders(tmp_path: Path) -> None:
    home = Home(root=tmp_path, var=tmp_path / "var")

    values = build_environment(home, {**ports.DEFAULTS, "postgres": 7001, "web": 7002}, make_secrets())

    assert values["DATABASE_STREAMDATA_URL"].endswith("@127.0.0.1:7001/fieldline_streamdata")
    assert values["WEB_PORT"] == "7002"
    assert values["FIELDLINE_VAR"] == str(tmp_path / "var")


def test_programs_get_the_queue_they_use(tmp_path: Path) -> None:
    home = Home(root=tmp_path, var=tmp_path / "var")
    ports_used = {**ports.DEFAULTS, "sqs": 7003}

    usual = build_environment(home, ports_used, make_secrets())
    on_sqs = build_environment(home, ports_used, make_secrets(), queue="sqs")

    assert (usual["QUEUE_BACKEND"], "SQS_URL" in usual) == ("postgres", False)
    assert (on_sqs["QUEUE_BACKEND"], on_sqs["SQS_URL"]) == ("sqs", "http://127.0.0.1:7003")


def test_secrets_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = load_or_make_secrets(tmp_path / "secrets.json")

    second = load_or_make_secrets(tmp_path / "secrets.json")

    assert first == second


def test_two_stacks_have_different_secrets() -> None:
    assert not set(vars(make_secrets()).values()) & set(vars(make_secrets()).values())


def test_the_seal_key_is_32_bytes() -> None:
    assert len(base64.urlsafe_b64decode(make_secrets().seal_key)) == 32


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    load_or_make_secrets(tmp_path / "secrets.json")

    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret_key": "x"}'])
def test_damaged_secrets_are_reported_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(text)

    with pytest.raises(StackError, match=r"secrets\.json cannot be read"):
        load_or_make_secrets(file)

    assert file.read_text() == text


def test_secrets_of_before_the_first_release_are_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    load_or_make_secrets(file)
    older = {name: value for name, value in json.loads(file.read_text()).items() if name != "postgres_admin"}
    file.write_text(json.dumps(older))

    with pytest.raises(StackError, match=r"made by a version before 0\.1\.0"):
        load_or_make_secrets(file)
