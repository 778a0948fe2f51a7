"""Pictures of the pages, for people to look at after a run."""

from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import ViewportSize

from webapp.tests.browser.pages import DESK, PHONE, open_page
from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow

pytestmark = pytest.mark.browser

LOOKS: Final[list[tuple[ViewportSize, list[Literal["light", "dark"]]]]] = [
    (DESK, ["light", "dark"]),
    (PHONE, ["light"]),
]
SHOWN: Final = [
    *("home", "project", "device", "device-readings", "device-reports", "sign-in"),
    *("security", "org", "org-members", "org-apikeys", "org-audit"),
    *("staff", "staff-worker"),
]


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_of_a_page_are_kept(
    name: str, open_window: OpenWindow, demo: SampleData, pictures: Path
) -> None:
    files = []

    for size, schemes in LOOKS:
        page = open_page(open_window, demo, name, size=size)
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            files.append(pictures / f"{name}-{scheme}-{size['width']}.png")
            page.screenshot(path=files[-1], full_page=True, animations="disabled")

    assert all(file.stat().st_size > 0 for file in files)
