"""Times are shown in the time zone of the account, wherever the browser is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.device_page import NEWEST, expect_point, open_device
from webapp.tests.browser.reports import Uplink, report_of
from webapp.tests.browser.sample_data import FAR_ZONE, SampleData, SampleDevice
from webapp.tests.browser.windows import OpenWindow

pytestmark = pytest.mark.browser

AGO_S = 5 * 3600


@pytest.fixture
def mina_page(open_window: OpenWindow, sample: SampleData, device: SampleDevice, uplink: Uplink) -> Page:
    """A window of Mina, whose time zone is Kathmandu, and a device that reported five hours ago."""
    uplink.store(device, report_of(device, [217]), ago_s=AGO_S)
    return open_window(sample.mina)


def moment_of_reading(page: Page, device: SampleDevice) -> datetime:
    """Returns the time of the reading from the API, in UTC."""
    [row] = page.request.get(f"/api/v1/stream/{device.volume}/data/").json()["results"]
    return datetime.fromisoformat(row["timestamp"]).astimezone(ZoneInfo(FAR_ZONE))


def test_the_table_shows_times_of_the_account(mina_page: Page, device: SampleDevice) -> None:
    open_device(mina_page, device, "?tab=readings")

    moment = moment_of_reading(mina_page, device)
    expect(mina_page.locator("#readings tbody tr")).to_contain_text(f"{moment.day} {moment:%b %Y, %H:%M:%S}")


def test_the_chart_shows_times_of_the_account(mina_page: Page, device: SampleDevice) -> None:
    open_device(mina_page, device)

    moment = moment_of_reading(mina_page, device)
    expect_point(mina_page, NEWEST, f"{moment.day} {moment:%b %Y, %H:%M:%S}")


def test_a_chosen_range_is_meant_in_the_time_of_the_account(mina_page: Page, device: SampleDevice) -> None:
    open_device(mina_page, device)
    moment = moment_of_reading(mina_page, device)
    form = mina_page.locator("#range-form")

    mina_page.locator("summary", has_text="Custom").click()
    form.get_by_label("From").fill(f"{moment - timedelta(minutes=2):%Y-%m-%dT%H:%M}")
    form.get_by_label("To").fill(f"{moment + timedelta(minutes=2):%Y-%m-%dT%H:%M}")
    form.get_by_role("button", name="Show").click()

    expect(mina_page.locator("summary", has_text="Custom")).to_have_attribute("aria-current", "true")
    expect_point(mina_page, NEWEST, "217")


def test_a_page_says_which_time_zone_it_shows(mina_page: Page) -> None:
    mina_page.goto("/")

    expect(mina_page.get_by_text(f"Times are in {FAR_ZONE}.")).to_be_visible()
