"""The pages of the product, with the demo's data on them."""

from collections.abc import Mapping
from typing import Final

from playwright.sync_api import Page, ViewportSize, expect

from webapp.tests.browser.device_page import chart
from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_DEVICE: Final = "/device/d--0000-0000-0000-0d01/"  # a water meter

OPEN_TO_ALL: Final[Mapping[str, str]] = {
    "sign-in": "/account/login/",
    "password-reset": "/account/password/reset/",
    "mail-sent": "/account/confirm-email/",
}
SIGNED_IN: Final[Mapping[str, str]] = {
    "home": "/",
    "project": "/project/{project}/",
    "project-variables": "/project/{project}/?tab=variables",
    "device": _DEVICE,
    "device-readings": f"{_DEVICE}?tab=readings",
    "device-reports": f"{_DEVICE}?tab=reports",
    "device-key": f"{_DEVICE}?tab=key",
    "profile": "/profile/",
    "security": "/profile/security/",
    "org-new": "/organisation/new/",
    "org": "/org/{org}/",
    "org-members": "/org/{org}/members/",
    "org-leave": "/org/{org}/leave/",
    "org-apikeys": "/org/{org}/apikeys/",
    "org-audit": "/org/{org}/audit/",
    "password": "/account/password/change/",
    "staff": "/staff/",
    "staff-worker": "/staff/worker/?span=day",
    "staff-log": "/staff/worker/log/",
    "staff-dead": "/staff/worker/dead/",
    "staff-post": "/staff/worker/schedule/?action=move-device",
    "staff-mails": "/staff/mail/",
    "not-found": "/no-such-page/",
}
PAGES: Final = [*OPEN_TO_ALL, *SIGNED_IN]


def open_page(open_window: OpenWindow, demo: SampleData, name: str, size: ViewportSize = DESK) -> Page:
    """Open a page and, where it has a chart, wait until that is drawn."""
    page = open_window(None if name in OPEN_TO_ALL else demo.owner, viewport=size)
    path = OPEN_TO_ALL.get(name) or SIGNED_IN[name].format(project=demo.demo_project, org=demo.demo_org)
    page.goto(path)
    if name == "device":
        expect(chart(page).locator("canvas")).to_be_visible()
    return page
