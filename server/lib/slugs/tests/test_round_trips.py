from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.slugs import (
    KINDS,
    DeviceSlug,
    FilterSlug,
    FleetSlug,
    ProjectSlug,
    Slug,
    SlugError,
    StreamSlug,
    VariableSlug,
    parse_any,
)
from server.lib.slugs.tests.kinds import NUMBERED_KINDS, SLUGS, unsigned
from stack.examples import examples

few_examples = settings(max_examples=examples(60), deadline=None)


def test_every_kind_is_in_these_tests() -> None:
    assert set(SLUGS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@few_examples
def test_parsing_what_was_printed_gives_the_same_slug(kind: type[Slug], data: st.DataObject) -> None:
    slug = data.draw(SLUGS[kind])

    assert kind.parse(str(slug)) == slug


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@few_examples
def test_the_prefix_tells_the_kind(kind: type[Slug], data: st.DataObject) -> None:
    slug = data.draw(SLUGS[kind])

    assert parse_any(str(slug)) == slug


@pytest.mark.parametrize("kind", NUMBERED_KINDS)
@given(data=st.data())
@few_examples
def test_upper_case_means_the_same_and_is_printed_in_lower_case(
    kind: type[Slug], data: st.DataObject
) -> None:
    slug = data.draw(SLUGS[kind])

    parsed = parse_any(str(slug).upper())

    assert parsed == slug
    assert str(parsed) == str(slug).lower()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@few_examples
def test_the_gid_is_the_slug_without_its_prefix(kind: type[Slug], data: st.DataObject) -> None:
    slug = data.draw(SLUGS[kind])

    assert kind.PREFIX + slug.gid == str(slug)


@given(number=unsigned(48))
@few_examples
def test_a_device_may_leave_out_groups_of_zeros_on_the_left(number: int) -> None:
    groups = DeviceSlug(number).gid.split("-")
    while len(groups) > 1 and groups[0] == "0000":
        groups.pop(0)

    assert DeviceSlug.parse("d--" + "-".join(groups)) == DeviceSlug(number)


@given(number=unsigned(32))
@few_examples
def test_a_project_may_leave_out_digits_of_zero_on_the_left(number: int) -> None:
    assert ProjectSlug.parse(f"p--{number:x}") == ProjectSlug(number)


@given(number=unsigned(48))
@few_examples
def test_a_fleet_may_leave_out_groups_of_zeros_on_the_left(number: int) -> None:
    short = FleetSlug(number).gid.removeprefix("0000-").removeprefix("0000-")

    assert FleetSlug.parse("g--" + short) == FleetSlug(number)


@given(project=unsigned(16), variable=unsigned(16))
@few_examples
def test_a_variable_may_leave_out_the_first_group_of_its_project(project: int, variable: int) -> None:
    assert VariableSlug.parse(f"v--{project:04x}--{variable:04x}") == VariableSlug(project, variable)


@given(project=unsigned(16), device=unsigned(16), variable=unsigned(16))
@few_examples
def test_a_stream_may_leave_out_groups_of_zeros_in_each_term(
    project: int, device: int, variable: int
) -> None:
    short = f"s--{project:04x}--{device:04x}--{variable:04x}"

    assert StreamSlug.parse(short) == StreamSlug(project, device, variable)


@given(left=SLUGS[StreamSlug], right=SLUGS[StreamSlug])
@few_examples
def test_slugs_sort_as_their_texts_do(left: Slug, right: Slug) -> None:
    assert (left < right) == (str(left) < str(right))
    assert (left >= right) == (str(left) >= str(right))


def test_a_filter_of_a_project_sorts_before_those_of_its_devices() -> None:
    of_device, of_project = FilterSlug(7, 0x81, 0x5001), FilterSlug(7, None, 0x5001)

    assert sorted([of_device, of_project]) == [of_project, of_device]


@given(text=st.text(max_size=80) | st.text(alphabet="dpbvstfagz@^-0123456789abcdefABCDEF", max_size=80))
@settings(max_examples=examples(400), deadline=None)
def test_any_text_is_a_slug_or_a_slug_error(text: str) -> None:
    try:
        slug = parse_any(text)
    except SlugError:
        return

    assert parse_any(str(slug)).gid == slug.gid
