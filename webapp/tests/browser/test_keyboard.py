"""The pages work without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.device_page import NEWEST, OLDEST, chart, expect_point, open_device, query_of
from webapp.tests.browser.reports import Uplink, report_of
from webapp.tests.browser.sample_data import TEMPERATURE, SampleDevice

pytestmark = pytest.mark.browser

NAME_OF_FOCUS = """() => {
  const it = document.activeElement;
  return it.getAttribute("aria-label") ?? it.textContent.trim().replace(/\\s+/g, " ");
}"""
MOST_STOPS = 40


@pytest.fixture
def plotted(page: Page, device: SampleDevice, uplink: Uplink) -> Page:
    """A page with four readings in two days."""
    uplink.store(device, report_of(device, [101, 102, 103, 104], every_s=15 * 3600))
    open_device(page, device)
    expect(chart(page).locator("canvas")).to_be_visible()
    return page


def stops(page: Page, *, until: str) -> list[str]:
    """Returns the names of what Tab leads to, from the top of the page to the first of this
    name."""
    found: list[str] = []
    while until not in found and len(found) < MOST_STOPS:
        page.keyboard.press("Tab")
        found.append(str(page.evaluate(NAME_OF_FOCUS)))
    return found


def test_tab_leads_to_the_stream_and_then_to_the_ranges(plotted: Page) -> None:
    found = stops(plotted, until="Custom")

    assert found[0] == "Skip to the content"
    assert found[-6:] == ["Stream to draw", "1 h", "1 d", "1 w", "1 y", "Custom"]


def test_enter_on_a_range_draws_it(plotted: Page) -> None:
    stops(plotted, until="1 w")

    plotted.keyboard.press("Enter")

    expect_point(plotted, OLDEST, "101")
    assert query_of(plotted)["range"] == ["1w"]


def test_an_arrow_key_in_the_picker_draws_the_next_stream(
    plotted: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.store(device, report_of(device, [283_150], first_id=5, stream=TEMPERATURE))
    stops(plotted, until="Stream to draw")

    plotted.keyboard.press("ArrowDown")

    expect_point(plotted, NEWEST, "10.0 °C")


def test_the_chosen_range_opens_by_enter_and_closes_by_escape(plotted: Page) -> None:
    stops(plotted, until="Custom")

    plotted.keyboard.press("Enter")
    expect(plotted.get_by_label("From")).to_be_visible()
    plotted.keyboard.press("Escape")

    expect(plotted.get_by_label("From")).to_be_hidden()
    assert plotted.evaluate(NAME_OF_FOCUS) == "Custom"


def test_skipping_to_the_content_leaves_the_bar_behind(plotted: Page) -> None:
    stops(plotted, until="Skip to the content")

    plotted.keyboard.press("Enter")
    plotted.keyboard.press("Tab")

    assert plotted.evaluate("document.querySelector('main').contains(document.activeElement)")
