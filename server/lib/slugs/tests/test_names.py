from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.slugs import (
    SlugError,
    component_slug,
    input_unit_slug,
    name_slug,
    output_unit_slug,
    versioned_slug,
)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Water Meter, Volume", "water-meter-volume"),
        ("water-meter-volume", "water-meter-volume"),
        ("  Pod 1M -- v2  ", "pod-1m-v2"),
        ("Füllstand", "fullstand"),
        ("420_milliamps_", "420_milliamps"),
    ],
)
def test_a_name_becomes_words_joined_by_single_dashes(name: str, slug: str) -> None:
    assert name_slug(name) == slug


def test_a_version_follows_the_name() -> None:
    assert versioned_slug("Water Meter", 1, 1, 0) == "water-meter-v1-1-0"


def test_a_component_is_its_stock_number_and_version() -> None:
    assert component_slug("BTC1", 3, 0, 0) == "btc1-3-0-0"


def test_an_input_unit_names_its_variable_type() -> None:
    assert input_unit_slug("temp", "millikelvin") == "in--temp--millikelvin"


def test_an_output_unit_names_its_variable_type() -> None:
    assert output_unit_slug("Temp", "Celsius") == "out--temp--celsius"


@pytest.mark.parametrize("name", ["", "  ", "%", "\u30fb", "a" * 201])
def test_a_name_without_letters_or_without_end_is_refused(name: str) -> None:
    with pytest.raises(SlugError):
        name_slug(name)


@given(st.text(max_size=200))
def test_a_slug_is_the_slug_of_itself(name: str) -> None:
    try:
        slug = name_slug(name)
    except SlugError:
        return

    assert name_slug(slug) == slug


def test_names_of_another_script_have_slugs_of_their_own() -> None:
    names = ["Метео", "東京 1", "大阪 1", "متر", "Метео 2"]

    slugs = [name_slug(name) for name in names]

    assert len(set(slugs)) == len(names)
    assert all(
        slug.isascii() and len(slug) <= max(len(name), 9) for name, slug in zip(names, slugs, strict=True)
    )
    assert name_slug("Метео".upper()) == name_slug("Метео")


@pytest.mark.parametrize(
    ("name", "slug"), [("Straße 5", "strasse-5"), ("Smørrebrød", "smorrebrod"), ("Łódź", "lodz")]
)
def test_latin_letters_are_written_in_ascii(name: str, slug: str) -> None:
    assert name_slug(name) == slug
