"""A device's page as its reader sees it. What the chart draws is asked by its keyboard, which reads the points out."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import FilePayload, Locator, Page

from webapp.tests.browser.polling import wait_until
from webapp.tests.browser.sample_data import SampleDevice

OLDEST: Final = "Home"
NEWEST: Final = "End"


def open_device(page: Page, device: SampleDevice, query: str = "") -> None:
    page.goto(f"/device/{device.slug}/{query}")


def tile(page: Page, label: str) -> Locator:
    """The newest value of a stream."""
    return page.locator(".tile", has_text=label)


def chart(page: Page) -> Locator:
    return page.get_by_role("application")


def chart_state(page: Page) -> Locator:
    """What the chart says when it has nothing to draw."""
    return page.locator(".chart-state[role=status]")


def expect_point(page: Page, key: str, text: str, *, seconds: float = 10.0) -> None:
    """The chart is drawn, or soon will be, and the point that the key leads to is this one."""
    voice = page.locator("[data-chart-voice]")

    def reads_out() -> bool:
        chart(page).press(key)
        return text in voice.inner_text()

    wait_until(reads_out, f"{key} leads to {text}", seconds=seconds)


def query_of(page: Page) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def mark_document(page: Page) -> None:
    """A reload would lose it."""
    page.evaluate("window.isTheSameDocument = true")


def is_same_document(page: Page) -> bool:
    return page.evaluate("window.isTheSameDocument === true") is True


def upload(page: Page, data: bytes) -> None:
    """By the form of the tab of reports."""
    file: FilePayload = {"name": "report.bin", "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("Report file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
