"""While live push is unavailable the page polls, and says so."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.device_page import open_device, tile
from webapp.tests.browser.installation import Installation
from webapp.tests.browser.reports import Uplink, report_of
from webapp.tests.browser.sample_data import SampleDevice
from webapp.tests.browser.windows import PageProblems

pytestmark = pytest.mark.browser

PATIENCE_MS = 5_000  # until the page shows that live push is down
ASKS_EVERY_MS = 10_000


@pytest.fixture
def abandoned(
    page: Page, device: SampleDevice, uplink: Uplink, installation: Installation, problems: PageProblems
) -> Iterator[Page]:
    """A device's page that shows that live push is down. Its clock can be set forward."""
    problems.allow("/live/")
    live_push = installation.programs["live"]
    uplink.store(device, report_of(device, [100]), ago_s=60)
    page.clock.install()
    with page.expect_response("**/live/device/**"):
        open_device(page, device)
    try:
        with page.expect_event("requestfailed", lambda request: "/live/" in request.url):
            live_push.end(signal.SIGKILL)
        page.clock.run_for(PATIENCE_MS)
        yield page
    finally:
        if not live_push.is_running:
            installation.start("live")


def test_without_live_push_the_page_says_that_it_is_paused(abandoned: Page) -> None:
    expect(abandoned.get_by_text("Live updates are paused.")).to_be_visible()


def test_without_live_push_the_page_asks_for_new_readings(
    abandoned: Page, device: SampleDevice, uplink: Uplink
) -> None:
    uplink.store(device, report_of(device, [217], first_id=2))

    abandoned.clock.run_for(ASKS_EVERY_MS)

    expect(tile(abandoned, "Volume")).to_contain_text("217")


def test_when_live_push_is_back_the_note_goes_and_readings_come(
    abandoned: Page, device: SampleDevice, uplink: Uplink, installation: Installation
) -> None:
    expect(abandoned.get_by_text("Live updates are paused.")).to_be_visible()

    installation.start("live")

    expect(abandoned.get_by_text("Live updates are paused.")).to_be_hidden()
    uplink.store(device, report_of(device, [217], first_id=2))
    expect(tile(abandoned, "Volume")).to_contain_text("217")
