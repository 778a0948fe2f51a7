"""A device's page. The points of its chart are read by keyboard, as a screen reader would."""

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
    """The tile with the latest value of a stream."""
    return page.locator(".tile", has_text=label)


def chart(page: Page) -> Locator:
    return page.get_by_role("application")


def chart_state(page: Page) -> Locator:
    """The message of the chart when it has nothing to draw."""
    return page.locator(".chart-state[role=status]")


def expect_point(page: Page, key: str, text: str, *, seconds: float = 10.0) -> None:
    """Wait until the chart is drawn and the key leads to this point."""
    voice = page.locator("[data-chart-voice]")

    def reads_out() -> bool:
        chart(page).press(key)
        return text in voice.inner_text()

    wait_until(reads_out, f"{key} leads to {text}", seconds=seconds)


def query_of(page: Page) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def mark_document(page: Page) -> None:
    """Set a mark that a reload would remove."""
    page.evaluate("window.isTheSameDocument = true")


def is_same_document(page: Page) -> bool:
    return page.evaluate("window.isTheSameDocument === true") is True


def upload(page: Page, data: bytes) -> None:
    """Upload a report by the form of the tab Reports."""
    file: FilePayload = {"name": "report.bin", "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("Report file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
