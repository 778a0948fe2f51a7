"""A browser's window on the installation, and what it has to complain of."""

from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, expect

from webapp.tests.browser.sample_data import Person

CHROMIUM_OPTIONS: Final = [
    "--no-sandbox",  # CI runs as root, whom Chromium's sandbox does not let in
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ELSEWHERE: Final = "America/St_Johns"  # where the browser is; pages go by the account's time zone
_REPORTED: Final = {"error", "warning"}  # of the console; a violated Content-Security-Policy is an error
_INSIDE: Final = {"data", "blob"}  # fetch nothing


class OpenWindow(Protocol):
    def __call__(self, person: Person | None = None, **options: Any) -> Page:
        """A window of its own for a person, or for nobody; takes what `Browser.new_context` takes."""


@dataclass
class PageProblems:
    """Errors and warnings of the console, uncaught exceptions, and requests to anybody but `hosts`."""

    hosts: set[str]
    found: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)

    def allow(self, words: str) -> None:
        """For a test that provokes it."""
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
    """On the sign-in page, and sent."""
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.password if password is None else password)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page: Page, person: Person) -> None:
    page.goto("/account/login/")
    fill_in_sign_in(page, person)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
