"""Fetches the front-end files of other projects and checks their SHA-256 against
`webapp/static/vendor/PINS.json`."""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

Fetch = Callable[[str, Path], Path]


@dataclass(frozen=True)
class PinnedFile:
    source: str  # inside the package
    target: str  # inside the folder `<name>-<version>`
    sha256: str  # hexadecimal; empty only while a new version is being pinned


@dataclass(frozen=True)
class PinnedPackage:
    package: str  # its name in the npm registry
    version: str
    name: str
    files: tuple[PinnedFile, ...]

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


def read_pins(table: Path) -> list[PinnedPackage]:
    return [
        PinnedPackage(
            package=entry["package"],
            version=entry["version"],
            name=entry["name"],
            files=tuple(PinnedFile(**each) for each in entry["files"]),
        )
        for entry in json.loads(table.read_text())
    ]


def write_pins(table: Path, packages: list[PinnedPackage]) -> None:
    entries = [
        {
            "package": package.package,
            "version": package.version,
            "name": package.name,
            "files": [vars(each) for each in package.files],
        }
        for package in packages
    ]
    table.write_text(json.dumps(entries, indent=2) + "\n")


def fetch_with_npm(package: str, folder: Path) -> Path:
    """Download `name@version` as npm is configured on this machine. Returns the archive's path;
    raises StackError."""
    if shutil.which("npm") is None:
        raise StackError("npm is not installed: apt-get install npm (the files are in the tree already)")
    done = subprocess.run(
        ["npm", "pack", package, "--silent", "--pack-destination", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"npm pack {package} failed: {done.stderr.strip()[-300:]}")
    return folder / done.stdout.split()[-1]


def build_statics(vendor: Path, *, record: bool = False, fetch: Fetch = fetch_with_npm) -> list[str]:
    """Fetch every pinned file into `vendor`; with `record` the hashes are recorded, not checked.
    Returns the folders made."""
    packages = [_build_package(each, vendor, record, fetch) for each in read_pins(vendor / "PINS.json")]
    if record:
        write_pins(vendor / "PINS.json", packages)
    kept = {each.folder for each in packages}
    for old in vendor.iterdir():
        if old.is_dir() and old.name not in kept:
            shutil.rmtree(old)
    return sorted(kept)


def _build_package(pinned: PinnedPackage, vendor: Path, record: bool, fetch: Fetch) -> PinnedPackage:
    with tempfile.TemporaryDirectory() as scratch:
        archive = fetch(f"{pinned.package}@{pinned.version}", Path(scratch))
        contents = {each: _read_member(archive, each) for each in pinned.files}
    found = {each: hashlib.sha256(content).hexdigest() for each, content in contents.items()}
    for each, digest in found.items():
        if not record and digest != each.sha256:
            raise StackError(f"{pinned.folder}/{each.target} is not the pinned file: its SHA-256 is {digest}")
    target = vendor / pinned.folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for each, content in contents.items():
        (target / each.target).write_bytes(content)
    files = tuple(PinnedFile(each.source, each.target, found[each]) for each in pinned.files)
    return PinnedPackage(pinned.package, pinned.version, pinned.name, files)


def _read_member(archive: Path, pinned: PinnedFile) -> bytes:
    with tarfile.open(archive) as tar:
        try:
            member = tar.extractfile(f"package/{pinned.source}")
        except KeyError:
            member = None
        if member is None:
            raise StackError(f"{archive.name} has no file {pinned.source}")
        return member.read()
