"""What a device uploads appears on open pages by itself."""

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.device_page import (
    NEWEST,
    expect_point,
    is_same_document,
    mark_document,
    open_device,
    tile,
)
from webapp.tests.browser.polling import wait_until
from webapp.tests.browser.reports import Uplink, report_of
from webapp.tests.browser.sample_data import SampleData, SampleDevice

pytestmark = pytest.mark.browser

AT_MOST_MS = 1000
SHOWS = "([place, text]) => document.querySelector(place).textContent.includes(text)"


@pytest.fixture
def watched(page: Page, device: SampleDevice, uplink: Uplink) -> Page:
    """A live page of a device that has reported once."""
    uplink.store(device, report_of(device, [100]), ago_s=60)
    with page.expect_response("**/live/device/**"):
        open_device(page, device)
    expect_point(page, NEWEST, "100")
    mark_document(page)
    return page


def count_of_readings(page: Page, device: SampleDevice) -> int:
    return int(page.request.get(f"/api/v1/stream/{device.volume}/data/").json()["count"])


def send_and_wait_for_the_commit(page: Page, device: SampleDevice, uplink: Uplink, word: int) -> None:
    uplink.send(device, report_of(device, [word], first_id=2))
    wait_until(lambda: count_of_readings(page, device) == 2, "the reading is committed")


def test_a_new_reading_is_on_the_open_page_within_a_second_of_its_commit(
    watched: Page, device: SampleDevice, uplink: Uplink
) -> None:
    send_and_wait_for_the_commit(watched, device, uplink, 217)

    watched.wait_for_function(SHOWS, arg=[".tile .value", "217"], timeout=AT_MOST_MS)
    assert is_same_document(watched)


def test_a_new_reading_is_in_the_open_chart_within_a_second_of_its_commit(
    watched: Page, device: SampleDevice, uplink: Uplink
) -> None:
    send_and_wait_for_the_commit(watched, device, uplink, 217)

    expect_point(watched, NEWEST, "217", seconds=AT_MOST_MS / 1000)
    assert is_same_document(watched)


def test_the_tile_of_a_new_reading_says_that_it_is_new(
    watched: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.send(device, report_of(device, [217], first_id=2))

    expect(tile(watched, "Volume")).to_contain_text("217")
    expect(tile(watched, "Volume")).to_contain_text("just now")


def test_a_new_reading_is_on_top_of_the_open_table(page: Page, device: SampleDevice, uplink: Uplink) -> None:
    uplink.store(device, report_of(device, [100]), ago_s=60)
    open_device(page, device, "?tab=readings")
    mark_document(page)

    uplink.send(device, report_of(device, [217], first_id=2))

    expect(page.locator("#readings tbody tr").first).to_contain_text("217")
    assert is_same_document(page)


def test_a_new_report_is_on_top_of_the_open_list(page: Page, device: SampleDevice, uplink: Uplink) -> None:
    open_device(page, device, "?tab=reports")
    expect(page.get_by_text("No reports yet")).to_be_visible()
    mark_document(page)

    uplink.send(device, report_of(device, [217, 218]))

    expect(page.locator("#reports tbody tr").first).to_contain_text("Stored")
    assert is_same_document(page)


def test_a_new_value_is_on_the_open_page_of_the_project(
    page: Page, sample: SampleData, device: SampleDevice, uplink: Uplink
) -> None:
    page.goto(f"/project/{sample.project}/")
    mark_document(page)

    uplink.send(device, report_of(device, [217]))

    expect(page.get_by_role("row", name=device.slug)).to_contain_text("217")
    assert is_same_document(page)
