"""What every page must do: be accessible, be quiet, stay within a telephone's width."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.accessibility import grave_violations
from webapp.tests.browser.places import PHONE, PLACES, open_place
from webapp.tests.browser.windows import Complaints, OpenWindow
from webapp.tests.browser.world import World

pytestmark = pytest.mark.browser

OVERHANG: Final = "document.scrollingElement.scrollWidth - innerWidth"


@pytest.fixture(params=PLACES)
def name(request: pytest.FixtureRequest, complaints: Complaints) -> str:
    if request.param == "not-found":
        complaints.allow("404 (Not Found)")  # the console names every such answer
    return str(request.param)


@pytest.fixture
def place(name: str, open_window: OpenWindow, demo: World) -> Page:
    return open_place(open_window, demo, name)


def test_axe_finds_nothing_serious_in_light_and_dark(place: Page) -> None:
    assert grave_violations(place) == []


def test_it_says_nothing_to_the_console_and_asks_nobody_else(place: Page, complaints: Complaints) -> None:
    place.wait_for_load_state("networkidle")

    assert complaints.serious == []


def test_a_telephone_need_not_scroll_sideways(name: str, open_window: OpenWindow, demo: World) -> None:
    page = open_place(open_window, demo, name, size=PHONE)

    assert page.evaluate(OVERHANG) <= 0


def test_the_api_documentation_asks_nobody_else(page: Page, complaints: Complaints) -> None:
    page.goto("/api/docs/")
    page.locator("#operations-tag-account").click()

    expect(page.get_by_text("/account/").first).to_be_visible()
    assert complaints.serious == []
