"""A browser and a complete installation, both started once; each test opens windows of its own.

They end with the last test of this package: while a browser is open Django takes the thread for an
asynchronous one, and refuses its databases to all other tests.
"""

import functools
import os
import re
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from stack.home import ROOT
from stack.services import manage_command
from stack.testing import throw_away_folder
from stack.testrun import LEFT_OUT, chromium
from webapp.tests.browser.installation import Installation, running_installation
from webapp.tests.browser.reports import Uplink
from webapp.tests.browser.sample_data import Person, SampleData, SampleDevice, parse_sample_data
from webapp.tests.browser.windows import CHROMIUM_OPTIONS, ELSEWHERE, OpenWindow, PageProblems, sign_in

PATIENCE_MS: Final = 10_000  # a busy machine is no failure
PICTURES: Final = Path(os.environ.get("FIELDLINE_PICTURES_DIR") or ROOT / "var" / "pictures")
FAILED: Final = PICTURES / "failed"
INSTALLATION: Final = pytest.StashKey[Installation]()
WINDOWS: Final = pytest.StashKey[list[Page]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the ends of the servers' logs to a failed test's report, and saves pictures of its
    windows."""
    report = yield
    installation = item.config.stash.get(INSTALLATION, None)
    if report.failed and installation is not None:
        for name, program in installation.programs.items():
            report.sections.append((f"end of the log of {name}", program.last_lines()))
    if report.failed and report.when != "teardown":
        pages: list[Page] = item.stash.get(WINDOWS, [])
        for number, page in enumerate(pages):
            keep_picture(page, f"{item.name}-{number}")
    return report


def keep_picture(page: Page, name: str) -> None:
    file_name = re.sub(r"[^\w-]+", "-", name)
    with suppress(PlaywrightError):  # the failure itself matters more than a missing picture
        page.screenshot(path=FAILED / f"{file_name}.png")


@pytest.fixture(scope="package")
def chromium_path() -> str:
    path = os.environ.get("FIELDLINE_CHROMIUM") or chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail(LEFT_OUT)
    return path or pytest.skip(LEFT_OUT)


@pytest.fixture(scope="package")
def sigterm_as_interrupt() -> Iterator[None]:
    """Turns SIGTERM into an interrupt, so that the fixtures stop what they have started."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, previous)


@pytest.fixture(scope="package")
def installation(
    chromium_path: str, sigterm_as_interrupt: None, pytestconfig: pytest.Config
) -> Iterator[Installation]:
    # Not below pytest's own folder, which is closed to the user that runs PostgreSQL under root.
    with throw_away_folder(ROOT / "var" / "test") as folder, running_installation(folder) as running:
        pytestconfig.stash[INSTALLATION] = running
        yield running


@pytest.fixture(scope="package")
def sample(installation: Installation, request: pytest.FixtureRequest) -> SampleData:
    """Has a device for each test of this package that uses the fixture `device`."""
    ours = [item for item in request.session.items if item.path.is_relative_to(Path(__file__).parent)]
    count = sum("device" in getattr(item, "fixturenames", ()) for item in ours)
    script = f"from webapp.tests.browser.sample_data import print_sample_data; print_sample_data({count})"
    return parse_sample_data(installation.run(*manage_command("shell", "--no-imports", "--command", script)))


@pytest.fixture(scope="package")
def uplink(installation: Installation) -> Uplink:
    return Uplink(installation.address)


@pytest.fixture(scope="package")
def demo(installation: Installation, sample: SampleData, uplink: Uplink) -> SampleData:
    """The demo's devices, with their history uploaded."""
    uplink.upload_history(installation.home.var / "demo" / "devices.json")
    return sample


@pytest.fixture(scope="package")
def _fresh_devices(sample: SampleData) -> Iterator[SampleDevice]:
    return iter(sample.devices)


@pytest.fixture
def device(_fresh_devices: Iterator[SampleDevice]) -> SampleDevice:
    """A device in Alice's project, for this test only; it has never reported."""
    return next(_fresh_devices)


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    shutil.rmtree(FAILED, ignore_errors=True)  # of an earlier run
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, installation: Installation) -> Callable[[Person], Any]:
    """Returns the cookies of a person, who signs in once for all tests."""

    @functools.cache
    def cookies(person: Person) -> Any:
        with browser.new_context(base_url=installation.address) as context:
            sign_in(context.new_page(), person)
            return context.storage_state()

    return cookies


@pytest.fixture
def problems(installation: Installation) -> PageProblems:
    return PageProblems(hosts={installation.host_of("web"), installation.host_of("live")})


@pytest.fixture
def windows(request: pytest.FixtureRequest) -> list[Page]:
    """The windows that this test has opened."""
    item: pytest.Item = request.node
    return item.stash.setdefault(WINDOWS, [])


@pytest.fixture
def open_window(
    browser: Browser,
    installation: Installation,
    signed_in: Callable[[Person], Any],
    problems: PageProblems,
    windows: list[Page],
) -> Iterator[OpenWindow]:
    """Opens a window for a person, or a signed-out one, with the options of `Browser.new_context`.

    The test fails if a window had a problem that it did not allow.
    """
    with ExitStack() as stack:

        def open_one(person: Person | None = None, **options: Any) -> Page:
            state = signed_in(person) if person else None
            settings: dict[str, Any] = {
                "base_url": installation.address,
                "timezone_id": ELSEWHERE,
                "locale": "en-GB",
            }
            context = browser.new_context(**{**settings, **options}, storage_state=state)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            problems.listen(context)
            windows.append(context.new_page())
            return windows[-1]

        yield open_one
    assert problems.serious == []


@pytest.fixture
def page(open_window: OpenWindow, sample: SampleData) -> Page:
    """A window in which Alice is signed in."""
    return open_window(sample.alice)


@pytest.fixture
def pictures() -> Path:
    """Where pictures are kept after the tests."""
    return PICTURES
