"""A report uploaded on the page: accepted, or refused with its reason."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from webapp.tests.browser.device_page import is_same_document, mark_document, open_device, upload
from webapp.tests.browser.reports import damaged, report_of
from webapp.tests.browser.sample_data import SampleData, SampleDevice
from webapp.tests.browser.windows import OpenWindow, PageProblems

pytestmark = pytest.mark.browser

SLOW_BYTES_A_SECOND = 64 * 1024
IS_IN_PROGRESS = """() => {
  const bar = document.querySelector("progress");
  return !bar.hidden && 0 < bar.value && bar.value < 100;
}"""


@pytest.fixture
def without_scripts(open_window: OpenWindow, sample: SampleData, problems: PageProblems) -> Page:
    """A window of Alice with JavaScript disabled."""
    problems.allow("400 (Bad Request)")  # the console names every such answer
    return open_window(sample.alice, java_script_enabled=False)


def slow_line(page: Page) -> CDPSession:
    """Chromium's own."""
    session = page.context.new_cdp_session(page)
    limits = {
        "offline": False,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": SLOW_BYTES_A_SECOND,
    }
    session.send("Network.emulateNetworkConditions", limits)
    return session


def test_a_bad_file_is_answered_with_the_reason_and_the_byte(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")
    mark_document(page)

    upload(page, damaged(report_of(device, [217])))

    expect(page.get_by_role("alert")).to_contain_text("Not accepted")
    expect(page.get_by_role("alert")).to_contain_text("(byte ")
    expect(page.get_by_role("alert").locator("code")).to_have_text("bad-length")
    assert is_same_document(page)


def test_a_bad_file_is_in_the_list_of_refused_uploads(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")
    upload(page, damaged(report_of(device, [217])))
    expect(page.get_by_role("alert")).to_be_visible()

    page.reload()

    refused = page.get_by_role("region", name="Refused uploads", exact=True).locator("tbody tr")
    expect(refused).to_contain_text("bad-length")
    expect(refused).to_contain_text("report.bin")


def test_a_good_file_is_accepted_and_soon_in_the_list(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")
    mark_document(page)

    upload(page, report_of(device, [217, 218, 219]))

    expect(page.locator("#upload [role=status]")).to_contain_text("Accepted 3 readings, ids 1 to 3.")
    row = page.get_by_role("region", name="Reports", exact=True).locator("tbody tr")
    expect(row).to_contain_text("Stored")
    expect(row).to_contain_text("1 to 3")
    assert is_same_document(page)


def test_a_large_file_shows_how_far_it_is(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")
    slow_line(page)

    upload(page, report_of(device, range(4000), every_s=1))

    page.wait_for_function(IS_IN_PROGRESS)
    expect(page.locator("#upload [role=status]")).to_contain_text("Accepted 4,000 readings")
    expect(page.locator("progress")).to_be_hidden()


def test_without_scripts_a_bad_file_is_answered_with_the_reason_and_the_byte(
    without_scripts: Page, device: SampleDevice
) -> None:
    open_device(without_scripts, device, "?tab=reports")

    upload(without_scripts, damaged(report_of(device, [217])))

    expect(without_scripts.get_by_role("alert")).to_contain_text("(byte ")
    expect(without_scripts.get_by_role("alert").locator("code")).to_have_text("bad-length")


def test_without_scripts_a_good_file_is_accepted_and_in_the_list(
    without_scripts: Page, device: SampleDevice
) -> None:
    open_device(without_scripts, device, "?tab=reports")

    upload(without_scripts, report_of(device, [217, 218, 219]))

    expect(without_scripts.get_by_role("status").first).to_contain_text("Accepted: 3 readings")
    row = without_scripts.get_by_role("region", name="Reports", exact=True).locator("tbody tr")
    expect(row).to_contain_text("1 to 3")
