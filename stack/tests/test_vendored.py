import io
import tarfile
from pathlib import Path

import pytest

from stack.errors import StackError
from stack.vendored import PinnedFile, PinnedPackage, build_statics, read_pins, write_pins


def pins(digest: str = "", source: str = "dist/lib.js") -> list[PinnedPackage]:
    return [PinnedPackage("lib.org", "1.2.3", "lib", (PinnedFile(source, "lib.js", digest),))]


def archive_with(content: bytes, folder: Path) -> Path:
    path = folder / "lib.tgz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("package/dist/lib.js")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    write_pins(tmp_path / "PINS.json", pins())
    build_statics(tmp_path, record=True, fetch=lambda package, folder: archive_with(b"first", folder))
    return tmp_path


def test_a_pinned_file_lies_under_its_name_and_version(vendor: Path) -> None:
    build_statics(vendor, fetch=lambda package, folder: archive_with(b"first", folder))

    assert (vendor / "lib-1.2.3" / "lib.js").read_bytes() == b"first"


def test_a_file_that_is_not_the_pinned_one_is_refused_and_the_old_one_stays(vendor: Path) -> None:
    with pytest.raises(StackError, match=r"lib-1\.2\.3/lib\.js is not the pinned file"):
        build_statics(vendor, fetch=lambda package, folder: archive_with(b"other", folder))

    assert (vendor / "lib-1.2.3" / "lib.js").read_bytes() == b"first"


def test_recording_takes_the_hashes_as_they_come(vendor: Path) -> None:
    before = read_pins(vendor / "PINS.json")

    build_statics(vendor, record=True, fetch=lambda package, folder: archive_with(b"other", folder))

    assert read_pins(vendor / "PINS.json") != before


def test_a_file_that_the_package_lacks_is_named(tmp_path: Path) -> None:
    write_pins(tmp_path / "PINS.json", pins(source="dist/gone.js"))

    with pytest.raises(StackError, match=r"no file dist/gone\.js"):
        build_statics(tmp_path, fetch=lambda package, folder: archive_with(b"first", folder))


def test_the_folder_of_a_version_no_longer_pinned_goes(vendor: Path) -> None:
    (vendor / "lib-1.0.0").mkdir()

    build_statics(vendor, fetch=lambda package, folder: archive_with(b"first", folder))

    assert sorted(each.name for each in vendor.iterdir()) == ["PINS.json", "lib-1.2.3"]
