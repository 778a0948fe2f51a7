import hashlib
import json
from pathlib import Path

import pytest

from stack.errors import StackError
from stack.servers.elasticmq import BUILD
from stack.servers.jars import fetch_pinned


def fetching(**jars: bytes) -> "Fetch":
    return Fetch({f"{name}.jar": content for name, content in jars.items()})


class Fetch:
    """A stub of Maven that counts its calls."""

    def __init__(self, jars: dict[str, bytes]) -> None:
        self.jars = jars
        self.calls = 0

    def __call__(self, pom: Path, folder: Path) -> None:
        self.calls += 1
        folder.mkdir()
        for name, content in self.jars.items():
            (folder / name).write_bytes(content)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Two jars, `a` and `b`, pinned."""
    folder = tmp_path / "build"
    folder.mkdir()
    pinned = {f"{name}.jar": hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b")}
    (folder / "jars.json").write_text(json.dumps(pinned))
    return folder


def test_the_pinned_jars_are_taken(build: Path, tmp_path: Path) -> None:
    folder = fetch_pinned(build, tmp_path / "jars", fetching(a=b"a", b=b"b"))

    assert sorted(path.name for path in folder.glob("*.jar")) == ["a.jar", "b.jar"]


def test_jars_are_fetched_once(build: Path, tmp_path: Path) -> None:
    fetch = fetching(a=b"a", b=b"b")

    for _ in range(2):
        fetch_pinned(build, tmp_path / "jars", fetch)

    assert fetch.calls == 1


def test_a_jar_that_is_missing_is_fetched_again(build: Path, tmp_path: Path) -> None:
    fetch = fetching(a=b"a", b=b"b")
    (fetch_pinned(build, tmp_path / "jars", fetch) / "a.jar").unlink()

    fetch_pinned(build, tmp_path / "jars", fetch)

    assert fetch.calls == 2


def test_a_new_table_of_jars_is_noticed(build: Path, tmp_path: Path) -> None:
    fetch_pinned(build, tmp_path / "jars", fetching(a=b"a", b=b"b"))
    (build / "jars.json").write_text(json.dumps({"c.jar": hashlib.sha256(b"c").hexdigest()}))

    folder = fetch_pinned(build, tmp_path / "jars", fetching(c=b"c"))

    assert [path.name for path in folder.glob("*.jar")] == ["c.jar"]


@pytest.mark.parametrize(
    ("jars", "cause"),
    [
        ({"a": b"a", "b": b"other"}, "b.jar is not the pinned file"),
        ({"a": b"a", "b": b"b", "c": b"c"}, "c.jar is not the pinned file"),
        ({"a": b"a"}, "did not fetch b.jar"),
    ],
)
def test_anything_else_than_the_pinned_jars_is_refused_and_not_kept(
    build: Path, tmp_path: Path, jars: dict[str, bytes], cause: str
) -> None:
    with pytest.raises(StackError, match=cause):
        fetch_pinned(build, tmp_path / "jars", fetching(**jars))

    assert [path.name for path in tmp_path.iterdir()] == ["build"]


def test_a_machine_without_java_gets_the_command_to_install_it(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        StackError, match=r"not installed: java, mvn \(apt-get install openjdk-17-jre-headless maven"
    ):
        fetch_pinned(build, tmp_path / "jars")


def test_the_table_of_elasticmq_names_its_server() -> None:
    pinned = json.loads((BUILD / "jars.json").read_text())

    assert "elasticmq-server_2.13-1.6.12.jar" in pinned
    assert {len(digest) for digest in pinned.values()} == {64}
