"""Fetches Java servers with Maven and checks each jar's SHA-256 against `jars.json` beside the
build file."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from stack.errors import StackError

DEBIAN_PACKAGES = "openjdk-17-jre-headless maven"
RECORD = "SHA256SUMS.json"  # beside the jars: the checksums that they were checked against
Fetch = Callable[[Path, Path], None]


def missing_programs() -> list[str]:
    """Returns which of Java and Maven are not installed here."""
    return [name for name in ("java", "mvn") if shutil.which(name) is None]


def fetch_pinned(build: Path, into: Path, fetch: Fetch | None = None) -> Path:
    """Fetch the jars of `build`, a folder with pom.xml and jars.json, unless they are there.
    Returns the folder `into`.

    Raises StackError when they cannot be fetched, or are not the pinned ones.
    """
    pinned: dict[str, str] = json.loads((build / "jars.json").read_text())
    if _is_checked(into, pinned):
        return into
    unchecked = into.with_name(f"{into.name}.{os.getpid()}")
    try:
        (fetch or fetch_with_maven)(build / "pom.xml", unchecked)
        _check(unchecked, pinned)
        (unchecked / RECORD).write_text(json.dumps(pinned, indent=2) + "\n")
        shutil.rmtree(into, ignore_errors=True)
        unchecked.rename(into)
    finally:
        shutil.rmtree(unchecked, ignore_errors=True)
    return into


def fetch_with_maven(pom: Path, folder: Path) -> None:
    """Fetch with Maven as it is configured on this machine. Raises StackError."""
    if missing := missing_programs():
        raise StackError(f"not installed: {', '.join(missing)} (apt-get install {DEBIAN_PACKAGES})")
    folder.mkdir(parents=True)
    argv = ["mvn", "--batch-mode", "--quiet", "--file", str(pom)]
    argv += ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode != 0:
        raise StackError(
            f"Maven could not fetch what {pom} names: {(done.stdout + done.stderr).strip()[-600:]}"
        )


def _is_checked(folder: Path, pinned: Mapping[str, str]) -> bool:
    try:
        known = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return False
    return known == pinned and all((folder / name).is_file() for name in pinned)


def _check(folder: Path, pinned: Mapping[str, str]) -> None:
    found = _digests(folder)
    if wrong := sorted(name for name in found if found[name] != pinned.get(name)):
        raise StackError(f"{wrong[0]} is not the pinned file: its SHA-256 is {found[wrong[0]]}")
    if gone := sorted(pinned.keys() - found.keys()):
        raise StackError(f"Maven did not fetch {gone[0]}")


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob("*.jar"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main(build: Path) -> None:
    """For a new version: record the digests of the jars as they come."""
    with tempfile.TemporaryDirectory() as scratch:
        fetch_with_maven(build / "pom.xml", Path(scratch) / "jars")
        found = _digests(Path(scratch) / "jars")
    (build / "jars.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
