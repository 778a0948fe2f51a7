"""The chart: its range, its stream, and its message when there is nothing to draw."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from webapp.tests.browser.device_page import (
    NEWEST,
    OLDEST,
    chart,
    chart_state,
    expect_point,
    is_same_document,
    mark_document,
    open_device,
    query_of,
    tile,
)
from webapp.tests.browser.reports import Uplink, report_of
from webapp.tests.browser.sample_data import TEMPERATURE, SampleDevice
from webapp.tests.browser.windows import PageProblems

pytestmark = pytest.mark.browser

HOUR_S = 3600
TEN_DEGREES = 283_150  # raw: millikelvin


@pytest.fixture
def plotted(page: Page, device: SampleDevice, uplink: Uplink) -> Page:
    """A page with eight readings, one every nine hours until now; the last three are within a
    day."""
    uplink.store(device, report_of(device, [101, 102, 103, 104, 105, 106, 107, 108], every_s=9 * HOUR_S))
    open_device(page, device)
    expect_point(page, NEWEST, "108")
    mark_document(page)
    return page


def picture(page: Page) -> str:
    return str(chart(page).locator("canvas").evaluate("canvas => canvas.toDataURL()"))


@pytest.mark.parametrize(
    ("label", "name", "oldest"), [("1 h", "1h", "108"), ("1 w", "1w", "101"), ("1 y", "1y", "101")]
)
def test_another_range_draws_its_readings(plotted: Page, label: str, name: str, oldest: str) -> None:
    expect_point(plotted, OLDEST, "106")

    plotted.get_by_role("link", name=label, exact=True).click()

    expect(plotted.get_by_role("link", name=label, exact=True)).to_have_attribute("aria-current", "true")
    expect_point(plotted, OLDEST, oldest)
    assert query_of(plotted)["range"] == [name]


def test_another_range_changes_the_picture_and_not_the_page(plotted: Page) -> None:
    before = picture(plotted)

    with plotted.expect_response("**/chart.json*"):
        plotted.get_by_role("link", name="1 w", exact=True).click()

    expect_point(plotted, OLDEST, "101")
    assert picture(plotted) != before
    assert is_same_document(plotted)


def test_a_chosen_range_draws_its_readings_only(plotted: Page) -> None:
    now = datetime.now(UTC)
    form = plotted.locator("#range-form")

    plotted.locator("summary", has_text="Custom").click()
    form.get_by_label("From").fill(f"{now - timedelta(hours=50):%Y-%m-%dT%H:%M}")
    form.get_by_label("To").fill(f"{now - timedelta(hours=20):%Y-%m-%dT%H:%M}")
    form.get_by_role("button", name="Show").click()

    expect(plotted.locator("summary", has_text="Custom")).to_have_attribute("aria-current", "true")
    expect_point(plotted, NEWEST, "105")
    expect_point(plotted, OLDEST, "103")


def test_the_range_is_in_the_address(plotted: Page) -> None:
    plotted.get_by_role("link", name="1 w", exact=True).click()
    expect_point(plotted, OLDEST, "101")

    plotted.reload()

    expect(plotted.get_by_role("link", name="1 w", exact=True)).to_have_attribute("aria-current", "true")
    expect_point(plotted, OLDEST, "101")


def by_picker(page: Page) -> None:
    page.get_by_label("Stream to draw").select_option(label="Air temperature")


def by_tile(page: Page) -> None:
    tile(page, "Air temperature").click()


@pytest.mark.parametrize("choose", [by_picker, by_tile])
def test_another_stream_is_drawn_and_in_the_address(
    plotted: Page, device: SampleDevice, uplink: Uplink, choose: Callable[[Page], None]
) -> None:
    report = report_of(device, [TEN_DEGREES], first_id=9, stream=TEMPERATURE)
    uplink.store(device, report)

    choose(plotted)

    expect(plotted.get_by_role("application", name="Air temperature")).to_be_visible()
    expect_point(plotted, NEWEST, "10.0 °C")
    assert query_of(plotted)["stream"] == [device.temperature]
    assert is_same_document(plotted)


def test_a_stream_without_readings_says_so(plotted: Page) -> None:
    by_picker(plotted)

    expect(chart_state(plotted)).to_contain_text("This stream has no readings yet.")


def test_a_range_without_readings_leads_to_the_newest_ones(
    page: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.store(device, report_of(device, [108]), ago_s=3 * 24 * HOUR_S)
    open_device(page, device)

    expect(chart_state(page)).to_contain_text("No readings in this range.")
    chart_state(page).get_by_role("button", name="Go to the newest readings").click()

    expect_point(page, NEWEST, "108")


def test_a_chart_that_cannot_be_fetched_says_so_and_offers_to_try_again(
    page: Page, device: SampleDevice, uplink: Uplink, problems: PageProblems
) -> None:
    problems.allow("chart.json")
    uplink.store(device, report_of(device, [108]))
    page.route("**/chart.json*", lambda route: route.abort())
    open_device(page, device)

    expect(chart_state(page)).to_contain_text("Data is temporarily unavailable.")
    page.unroute("**/chart.json*")
    chart_state(page).get_by_role("button", name="Try again").click()

    expect_point(page, NEWEST, "108")


def test_a_chart_that_is_slow_in_coming_shows_that_it_is_busy(
    page: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.store(device, report_of(device, [108]))
    held: list[Route] = []
    page.route("**/live/**", lambda route: None)  # when it opens, the page asks for the chart once more
    page.route("**/chart.json*", lambda route: held.append(route))
    open_device(page, device)

    expect(page.locator(".chart")).to_have_attribute("aria-busy", "true")
    held[0].continue_()

    expect(page.locator(".chart")).to_have_attribute("aria-busy", "false")
    expect_point(page, NEWEST, "108")


def downloaded(page: Page) -> list[str]:
    """Returns the lines of the CSV that the chart links to, without its header."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    return download.value.path().read_text().splitlines()[1:]


def test_the_file_follows_the_range_of_the_chart(plotted: Page) -> None:
    assert len(downloaded(plotted)) == 3

    plotted.get_by_role("link", name="1 w", exact=True).click()
    expect_point(plotted, OLDEST, "101")

    assert len(downloaded(plotted)) == 8


def test_the_file_follows_the_stream_of_the_chart(
    plotted: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.store(device, report_of(device, [TEN_DEGREES], first_id=9, stream=TEMPERATURE))

    by_picker(plotted)
    expect_point(plotted, NEWEST, "10.0 °C")

    expect(plotted.get_by_role("link", name="Download CSV of Air temperature")).to_be_visible()
    [line] = downloaded(plotted)
    assert float(line.partition(",")[2]) == pytest.approx(10)


def test_an_empty_chart_offers_no_file(plotted: Page) -> None:
    by_picker(plotted)

    expect(chart_state(plotted)).to_be_visible()
    expect(plotted.get_by_role("link", name="Download CSV")).to_be_hidden()
