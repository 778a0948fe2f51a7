"""The forms of the protocol's grammar table, the short ones, and what is refused."""

from __future__ import annotations

import pytest

from server.lib.slugs import (
    AccountRef,
    AliasSlug,
    BlockSlug,
    DeviceSlug,
    FilterSlug,
    FleetSlug,
    OrgRef,
    ProjectSlug,
    ScriptSlug,
    Slug,
    SlugError,
    StreamerSlug,
    StreamSlug,
    VariableSlug,
    parse_any,
)
from server.lib.slugs.grammar import MAX_CHARACTERS

CANONICAL: list[tuple[Slug, str]] = [
    (ProjectSlug(7), "p--0000-0007"),
    (DeviceSlug(0x81), "d--0000-0000-0000-0081"),
    (BlockSlug(device=0x81, block=1), "b--0001-0000-0000-0081"),
    (VariableSlug(7, 0x5001), "v--0000-0007--5001"),
    (StreamSlug(7, 0x81, 0x5001), "s--0000-0007--0000-0000-0000-0081--5001"),
    (StreamSlug(0, 0x81, 0x5001, block=1), "s--0000-0000--0001-0000-0000-0081--5001"),
    (StreamSlug(7, 0, 0x5001), "s--0000-0007--0000-0000-0000-0000--5001"),
    (StreamerSlug(0x82, 0), "t--0000-0000-0000-0082--0000"),
    (StreamerSlug(0x43C59, 256), "t--0000-0000-0004-3c59--0100"),
    (FilterSlug(7, 0x81, 0x5001), "f--0000-0007--0000-0000-0000-0081--5001"),
    (FilterSlug(7, None, 0x5001), "f--0000-0007----5001"),
    (AliasSlug(1), "a--0000-0000-0000-0001"),
    (FleetSlug(1), "g--0000-0000-0001"),
    (ScriptSlug(1), "z--0000-0001"),
    (AccountRef("alice"), "@alice"),
    (OrgRef("probe-21025"), "^probe-21025"),
]

SHORT: list[tuple[type[Slug], str, str]] = [
    (ProjectSlug, "p--7", "p--0000-0007"),
    (ProjectSlug, "p--0007", "p--0000-0007"),
    (ProjectSlug, "p--10007", "p--0001-0007"),
    (ProjectSlug, "p--00010007", "p--0001-0007"),
    (ProjectSlug, "p--1-0007", "p--0001-0007"),
    (DeviceSlug, "d--00d2", "d--0000-0000-0000-00d2"),
    (DeviceSlug, "d--0000-0081", "d--0000-0000-0000-0081"),
    (DeviceSlug, "D--0001-0000-00AB", "d--0000-0001-0000-00ab"),
    (DeviceSlug, "d--0001-0000-0000-0081", "d--0000-0000-0000-0081"),
    (DeviceSlug, "b--0001-0000-0000-0081", "d--0000-0000-0000-0081"),
    (BlockSlug, "d--0001-0000-0000-0081", "b--0001-0000-0000-0081"),
    (BlockSlug, "d--0081", "b--0000-0000-0000-0081"),
    (VariableSlug, "v--0007--5001", "v--0000-0007--5001"),
    (StreamSlug, "s--0007--0081--5001", "s--0000-0007--0000-0000-0000-0081--5001"),
    (StreamSlug, "s--0007--0001-0000-0000-0081--5001", "s--0000-0007--0001-0000-0000-0081--5001"),
    (StreamSlug, "s----0001-0000-0000-0081--5001", "s--0000-0000--0001-0000-0000-0081--5001"),
    (FleetSlug, "g--1", "g--0000-0000-0001"),
    (FleetSlug, "g--0002-0001", "g--0000-0002-0001"),
]

REFUSED: list[tuple[type[Slug], str]] = [
    (ProjectSlug, ""),
    (ProjectSlug, "p--"),
    (ProjectSlug, "0007"),
    (ProjectSlug, "p-0000-0007"),
    (ProjectSlug, "p--1-2"),
    (ProjectSlug, "p--0000-0000-0007"),
    (ProjectSlug, "p--000000007"),
    (ProjectSlug, "p--0000-000g"),
    (ProjectSlug, "d--0000-0007"),
    (ProjectSlug, "p--0000-0007--5001"),
    (ProjectSlug, "p--0000-0007\n"),
    (ProjectSlug, "p--\uff10007"),
    (DeviceSlug, "d--81"),
    (DeviceSlug, "129"),
    (DeviceSlug, "0081"),
    (DeviceSlug, "d---0081"),
    (DeviceSlug, "d--0081-"),
    (DeviceSlug, "d--00000081"),
    (DeviceSlug, "d--0000-0000-0000-0000-0081"),
    (DeviceSlug, "t--0000-0000-0000-0081"),
    (BlockSlug, "b--0001"),
    (BlockSlug, "b--0001-0000-0081"),
    (VariableSlug, "v--5001"),
    (VariableSlug, "v--7--5001"),
    (VariableSlug, "v----5001"),
    (VariableSlug, "ptv--0000-0007--5001"),
    (StreamSlug, "s--7--81--5001"),
    (StreamSlug, "s--0007----5001"),
    (StreamSlug, "s--0007--0081"),
    (StreamSlug, "s--0007--0081--"),
    (StreamSlug, "s--0007--0081--0000-5001"),
    (StreamerSlug, "t--0082--0000"),
    (StreamerSlug, "t--0001-0000-0000-0082--0000"),
    (StreamerSlug, "t--0000-0000-0000-12345678--0000"),
    (FilterSlug, "f--0007----5001"),
    (FilterSlug, "f------5001"),
    (FilterSlug, "f--0000-0007--0081--5001"),
    (FilterSlug, "f--0000-0007--0001-0000-0000-0081--5001"),
    (AliasSlug, "a--0001"),
    (FleetSlug, "g--0000-0000-0000-0001"),
    (FleetSlug, "g--000000000001"),
    (ScriptSlug, "z--0001"),
    (AccountRef, "alice"),
    (AccountRef, "@"),
    (AccountRef, "@alice bell"),
    (AccountRef, "@" + 61 * "a"),
    (OrgRef, "@north-water"),
    (OrgRef, "^north/water"),
]


@pytest.mark.parametrize(("slug", "text"), CANONICAL, ids=[text for _, text in CANONICAL])
def test_each_kind_prints_as_the_protocol_says(slug: Slug, text: str) -> None:
    assert str(slug) == text


@pytest.mark.parametrize(("slug", "text"), CANONICAL, ids=[text for _, text in CANONICAL])
def test_each_kind_is_read_from_its_canonical_text(slug: Slug, text: str) -> None:
    assert parse_any(text) == slug


@pytest.mark.parametrize(
    ("kind", "short", "canonical"), SHORT, ids=[f"{k.__name__} {s}" for k, s, _ in SHORT]
)
def test_short_forms_mean_their_canonical_slug(kind: type[Slug], short: str, canonical: str) -> None:
    assert str(kind.parse(short)) == canonical


@pytest.mark.parametrize(("kind", "text"), REFUSED, ids=[f"{k.__name__} {t!r}" for k, t in REFUSED])
def test_other_texts_are_refused(kind: type[Slug], text: str) -> None:
    with pytest.raises(SlugError):
        kind.parse(text)


def test_the_error_names_the_text_and_what_was_expected() -> None:
    with pytest.raises(
        SlugError, match=r"'d--81' is not a slug of the form d--0000-0000-0000-0081 or d--0081\."
    ):
        DeviceSlug.parse("d--81")


def test_the_error_shows_only_the_start_of_a_huge_text() -> None:
    with pytest.raises(SlugError) as caught:
        DeviceSlug.parse("d--" + "0000-" * 100_000)

    assert len(str(caught.value)) < 200


def test_a_text_longer_than_any_slug_is_refused_unread() -> None:
    with pytest.raises(SlugError):
        ProjectSlug.parse("p--" + "0" * MAX_CHARACTERS)


@pytest.mark.parametrize("text", ["", "x--0000-0001", "0081", "p", "\u0130--0001", "-----"])
def test_an_unknown_prefix_is_refused(text: str) -> None:
    with pytest.raises(SlugError):
        parse_any(text)


def test_a_number_too_large_for_its_kind_is_refused() -> None:
    with pytest.raises(SlugError, match=r"device number is a number from 0 to 2\^48 - 1"):
        DeviceSlug(2**48)


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(SlugError):
        ProjectSlug(-1)


def test_slugs_of_two_kinds_are_never_equal() -> None:
    slugs: set[Slug] = {ProjectSlug(1), ScriptSlug(1)}

    assert len(slugs) == 2


@pytest.mark.parametrize("text", ["0x81", "0X81", "0081", "0000-0081", "d--0081", "b--0001-0000-0000-0081"])
def test_a_query_may_name_a_device_by_its_bare_number(text: str) -> None:
    assert DeviceSlug.parse_query(text) == DeviceSlug(0x81)


@pytest.mark.parametrize(
    "text", ["81", "0x", "0x1_0", "0x" + "f" * 17, "0x1000000000000", "p--0081", "", "d--81"]
)
def test_a_query_with_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SlugError):
        DeviceSlug.parse_query(text)
