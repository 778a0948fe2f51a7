import pytest

from stack.pins import faults_of

PINNED = "django==5.2.1 \\\n    --hash=sha256:aa\n    # via -r base.in\n"


def test_a_package_pinned_by_version_and_hash_has_no_fault() -> None:
    assert faults_of(PINNED) == []


@pytest.mark.parametrize("line", ["django>=5.2", "django==5.2.1"])
def test_a_package_without_version_or_hash_is_a_fault(line: str) -> None:
    assert faults_of(f"{PINNED}{line}\n") == [f"line 4 is not pinned by version and hash: {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.invalid/simple",
        "--find-links wheels",
        "--extra-index-url=x",
        "--trusted-host example.invalid",
        "# from https://example.invalid",
    ],
)
def test_a_place_to_get_packages_from_is_a_fault(line: str) -> None:
    assert faults_of(f"{line}\n{PINNED}") == [f"line 1 names a place: {line}"]
