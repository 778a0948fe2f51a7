"""Windows of the browser, and the problems that they report."""

from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, expect

from webapp.tests.browser.sample_data import Person

CHROMIUM_OPTIONS: Final = [
    "--no-sandbox",  # CI runs as root, for whom Chromium has no sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ELSEWHERE: Final = "America/St_Johns"  # the browser's time zone; pages use the account's
_REPORTED: Final = {"error", "warning"}  # of the console; a violated Content-Security-Policy is an error
_INSIDE: Final = {"data", "blob"}  # fetch nothing


class OpenWindow(Protocol):
    def __call__(self, person: Person | None = None, **options: Any) -> Page:
        """Opens a window for a person, or a signed-out one, with the options of
        `Browser.new_context`."""


@dataclass
class PageProblems:
    """Errors and warnings of the console, uncaught exceptions, and requests to other hosts than
    `hosts`."""

    hosts: set[str]
    found: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)

    def allow(self, words: str) -> None:
        """Ignore problems that contain `words`, for a test that provokes them."""
        self._allowed.append(words)

    @property
    def serious(self) -> list[str]:
        return [text for text in self.found if not any(words in text for words in self._allowed)]

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_exception)
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in _REPORTED:
            self.found.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _on_exception(self, error: WebError) -> None:
        self.found.append(f"exception: {error.error.message}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _INSIDE and parts.netloc not in self.hosts:
            self.found.append(f"request to a stranger: {request.url}")


def fill_in_sign_in(page: Page, person: Person, *, password: str | None = None) -> None:
    """Fill in and submit the form of the sign-in page."""
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.password if password is None else password)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page: Page, person: Person) -> None:
    page.goto("/account/login/")
    fill_in_sign_in(page, person)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
