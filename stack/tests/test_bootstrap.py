import sys
from pathlib import Path

import pytest

from stack import bootstrap


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Compiled requirements, and a `.venv` that looks finished and has a pip of its own."""
    root = tmp_path / "a checkout"
    (root / "requirements").mkdir(parents=True)
    for group in bootstrap.DEVELOPMENT:
        (root / "requirements" / f"{group}.txt").write_text(f"{group}==1\n")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    pip_of(root).mkdir(parents=True)
    (pip_of(root) / "__init__.py").touch()
    write_configuration(root, root / ".venv")
    return root


def pip_of(root: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return root / ".venv" / "lib" / version / "site-packages" / "pip"


def write_configuration(root: Path, place: Path) -> None:
    """As venv writes it. Without a home Python would look for pip among the system's packages."""
    lines = (
        f"home = {Path(sys.executable).resolve().parent}",
        "include-system-site-packages = false",
        f"version = {sys.version_info.major}.{sys.version_info.minor}.0",
        f"command = python -m venv {place}",
    )
    (root / ".venv" / "pyvenv.cfg").write_text("\n".join(lines) + "\n")


def is_behind(root: Path, groups: tuple[str, ...]) -> bool:
    file = root / ".venv" / f".installed-{groups[-1]}"
    return not file.exists() or file.read_text() != bootstrap.stamp_text(root, groups)


def test_a_stamp_says_that_the_pins_are_installed(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    assert not is_behind(checkout, bootstrap.RUNTIME)


def test_a_changed_compiled_file_is_noticed(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    (checkout / "requirements" / "embedded.txt").write_text("embedded==2\n")

    assert is_behind(checkout, bootstrap.RUNTIME)


def test_a_changed_development_file_is_nothing_to_the_runtime(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.DEVELOPMENT)

    (checkout / "requirements" / "dev.txt").write_text("dev==2\n")

    assert not is_behind(checkout, bootstrap.RUNTIME)
    assert is_behind(checkout, bootstrap.DEVELOPMENT)


def test_installing_the_runtime_makes_no_claim_for_development(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.DEVELOPMENT)

    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    assert is_behind(checkout, bootstrap.DEVELOPMENT)


def test_a_finished_environment_is_kept(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    assert not bootstrap.needs_rebuild(checkout / ".venv")


def test_an_environment_made_by_hand_is_adopted_when_it_has_pip(checkout: Path) -> None:
    assert not bootstrap.needs_rebuild(checkout / ".venv")


def test_an_environment_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert bootstrap.needs_rebuild(tmp_path / ".venv")


def test_an_interrupted_installation_is_rebuilt(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    (checkout / ".venv" / bootstrap.UNFINISHED).touch()

    assert bootstrap.needs_rebuild(checkout / ".venv")


def test_an_environment_that_was_moved_is_rebuilt(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)

    write_configuration(checkout, Path("/somewhere/else/.venv"))

    assert bootstrap.needs_rebuild(checkout / ".venv")


def test_an_environment_whose_python_is_gone_is_rebuilt(checkout: Path) -> None:
    bootstrap.write_stamp(checkout, bootstrap.RUNTIME)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()

    python.symlink_to("/no/such/python3.11")

    assert bootstrap.needs_rebuild(checkout / ".venv")


def test_an_environment_without_pip_is_rebuilt(checkout: Path) -> None:
    (pip_of(checkout) / "__init__.py").unlink()
    pip_of(checkout).rmdir()

    assert bootstrap.needs_rebuild(checkout / ".venv")
