"""What each engine expects in reports."""

from __future__ import annotations

import pytest

from server.lib.timeseries import has_reboots_apart, is_cut, policy_of

USER_ONLY, USER_AND_REBOOTS, SYSTEM = 0x57FF, 0xD7FF, 0x5FFF


@pytest.mark.parametrize(
    ("engine", "selector", "remarks"),
    [
        (0, USER_ONLY, ()),
        (0, USER_AND_REBOOTS, ()),
        (1, USER_ONLY, ()),
        (1, USER_AND_REBOOTS, ("unexpected-selector",)),
        (2, USER_ONLY, ("unexpected-selector",)),
        (2, USER_AND_REBOOTS, ()),
        *((engine, SYSTEM, ()) for engine in (0, 1, 2)),
    ],
)
def test_an_engine_remarks_on_selectors_that_it_does_not_know(
    engine: int, selector: int, remarks: tuple[str, ...]
) -> None:
    assert policy_of(engine).remarks(selector=selector, is_dictionary=False) == remarks


@pytest.mark.parametrize(
    ("engine", "remarks"), [(0, ("unexpected-format",)), (1, ("unexpected-format",)), (2, ())]
)
def test_older_engines_remark_on_dictionaries(engine: int, remarks: tuple[str, ...]) -> None:
    assert policy_of(engine).remarks(selector=0xFFFF, is_dictionary=True) == remarks


@pytest.mark.parametrize("engine", [None, 2, 3, 99])
def test_without_a_graph_or_with_an_engine_to_come_it_is_the_newest(engine: int | None) -> None:
    assert policy_of(engine).engine == 2


@pytest.mark.parametrize(
    ("selector", "apart"),
    [
        (USER_ONLY, True),
        (0x5001, True),
        (0x0FFF, True),
        (USER_AND_REBOOTS, False),
        (SYSTEM, False),
        (0xFFFF, False),
    ],
)
def test_the_selector_tells_whether_reboots_come_with_another_streamer(selector: int, apart: bool) -> None:
    assert has_reboots_apart(selector) is apart


@pytest.mark.parametrize(("readings", "cut"), [(0, False), (12_284, False), (12_285, True), (12_286, False)])
def test_only_the_largest_report_that_fits_into_the_buffer_is_cut(readings: int, cut: bool) -> None:
    """44 bytes and 16 for each reading: between 196592 and 196608 there is 196604 only."""
    assert is_cut(readings) is cut
