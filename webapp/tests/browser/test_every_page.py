"""Every page is accessible, logs nothing, and fits the width of a phone."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.accessibility import grave_violations
from webapp.tests.browser.pages import PAGES, PHONE, open_page
from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow, PageProblems

pytestmark = pytest.mark.browser

OVERHANG: Final = "document.scrollingElement.scrollWidth - innerWidth"


@pytest.fixture(params=PAGES)
def name(request: pytest.FixtureRequest, problems: PageProblems) -> str:
    if request.param == "not-found":
        problems.allow("404 (Not Found)")  # the console names every such answer
    return str(request.param)


@pytest.fixture
def place(name: str, open_window: OpenWindow, demo: SampleData) -> Page:
    return open_page(open_window, demo, name)


def test_axe_finds_nothing_serious_in_light_and_dark(place: Page) -> None:
    assert grave_violations(place) == []


def test_it_logs_nothing_to_the_console_and_requests_no_other_host(
    place: Page, problems: PageProblems
) -> None:
    place.wait_for_load_state("networkidle")

    assert problems.serious == []


def test_a_telephone_need_not_scroll_sideways(name: str, open_window: OpenWindow, demo: SampleData) -> None:
    page = open_page(open_window, demo, name, size=PHONE)

    assert page.evaluate(OVERHANG) <= 0


def test_the_api_documentation_requests_no_other_host(page: Page, problems: PageProblems) -> None:
    page.goto("/api/docs/")
    page.locator("#operations-tag-account").click()

    expect(page.get_by_text("/account/").first).to_be_visible()
    assert problems.serious == []
