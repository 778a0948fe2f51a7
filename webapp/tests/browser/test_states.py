"""States that appear only after a page has opened are accessible, too."""

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.accessibility import grave_violations
from webapp.tests.browser.device_page import chart_state, open_device, upload
from webapp.tests.browser.reports import damaged, report_of
from webapp.tests.browser.sample_data import SampleDevice

pytestmark = pytest.mark.browser


def test_an_empty_chart_and_what_opens_over_it_are_accessible(page: Page, device: SampleDevice) -> None:
    open_device(page, device)
    expect(chart_state(page)).to_be_visible()

    page.locator("summary", has_text="Custom").click()
    page.locator("summary", has_text="Your account").press("Enter")

    assert grave_violations(page) == []


def test_a_refused_upload_is_accessible(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")

    upload(page, damaged(report_of(device, [217])))
    expect(page.get_by_role("alert")).to_be_visible()

    assert grave_violations(page) == []


def test_the_lists_of_reports_and_of_refused_uploads_are_accessible(page: Page, device: SampleDevice) -> None:
    open_device(page, device, "?tab=reports")
    upload(page, damaged(report_of(device, [217])))
    expect(page.get_by_role("alert")).to_be_visible()

    upload(page, report_of(device, [217]))
    expect(page.get_by_role("region", name="Reports", exact=True).locator("tbody tr")).to_contain_text(
        "Stored"
    )

    assert grave_violations(page) == []
