"""A stranger gets the same answer for what is not theirs and for what does not exist."""

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.sample_data import SampleData, SampleDevice
from webapp.tests.browser.windows import OpenWindow, PageProblems

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(open_window: OpenWindow, sample: SampleData, problems: PageProblems) -> Page:
    """A window of Charlie, who is in no organisation of Alice's."""
    problems.allow("404")
    return open_window(sample.charlie)


def expect_not_found(page: Page, path: str) -> None:
    answer = page.goto(path)

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_foreign_project_is_not_found(stranger: Page, sample: SampleData) -> None:
    expect_not_found(stranger, f"/project/{sample.project}/")


def test_a_foreign_device_is_not_found(stranger: Page, device: SampleDevice) -> None:
    expect_not_found(stranger, f"/device/{device.slug}/")


def test_a_foreign_device_looks_like_one_that_does_not_exist(stranger: Page, device: SampleDevice) -> None:
    expect_not_found(stranger, f"/device/{device.slug}/")
    foreign = stranger.content()

    expect_not_found(stranger, "/device/d--0000-0000-0000-9999/")

    assert stranger.content() == foreign


def test_the_page_that_was_not_found_leads_home(stranger: Page, device: SampleDevice) -> None:
    expect_not_found(stranger, f"/device/{device.slug}/")

    stranger.get_by_role("link", name="Back to the overview").click()

    expect(stranger).to_have_url("/")
