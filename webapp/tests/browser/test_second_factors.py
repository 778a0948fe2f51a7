"""Passkeys and authenticator apps in a real browser, under the strict policy of our pages."""

import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import hotp_value
from playwright.sync_api import Page, expect

from webapp.tests.browser.accessibility import grave_violations
from webapp.tests.browser.installation import Installation
from webapp.tests.browser.pages import DESK, PHONE
from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow, PageProblems, fill_in_sign_in, sign_in

pytestmark = pytest.mark.browser

PERIOD_S = 30
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def by_name(installation: Installation, problems: PageProblems) -> str:
    """The address by host name: passkeys do not work on an IP address."""
    host = installation.host_of("web").replace("127.0.0.1", "localhost")
    problems.hosts.add(host)
    problems.hosts.add(installation.host_of("live").replace("127.0.0.1", "localhost"))
    return f"http://{host}"


def with_authenticator(page: Page) -> Page:
    session: Any = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def reauthenticate(page: Page, sample: SampleData) -> None:
    page.get_by_label("Password").fill(sample.mina.password)
    page.get_by_role("button", name="Confirm").click()


def take_pictures(page: Page, pictures: Path, name: str) -> list[str]:
    """Take pictures in both sizes. Returns what axe finds."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=pictures / f"{name}-light-{size['width']}.png", full_page=True)
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size(DESK)
    return grave_violations(page)


def test_a_passkey_is_added_and_signs_in(
    open_window: OpenWindow, sample: SampleData, by_name: str, pictures: Path
) -> None:
    page = with_authenticator(open_window(base_url=by_name))
    sign_in(page, sample.mina)
    page.goto("/profile/security/")
    page.get_by_role("link", name="Add a passkey").click()
    found = take_pictures(page, pictures, "reauthenticate")
    reauthenticate(page, sample)
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Passwordless").check()
    found += take_pictures(page, pictures, "passkey-add")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    found += take_pictures(page, pictures, "recovery-codes")
    page.goto("/profile/security/")
    expect(page.get_by_role("link", name="Remove Phone")).to_be_visible()
    found += take_pictures(page, pictures, "security-passkey")

    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/profile/security/")
    page.get_by_role("link", name="Remove Phone").click()
    page.get_by_role("button", name="Use a passkey").or_(page.get_by_label("Password")).first.wait_for()
    if page.get_by_label("Password").is_visible():
        reauthenticate(page, sample)
    else:
        page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("link", name="Remove Phone")).to_have_count(0)
    assert found == []


def test_an_authenticator_app_is_set_up_and_asked_for(
    open_window: OpenWindow, sample: SampleData, pictures: Path
) -> None:
    page = open_window()
    sign_in(page, sample.charlie)
    page.goto("/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(sample.charlie.password)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator("code.secret").inner_text()
    found = take_pictures(page, pictures, "totp")
    page.get_by_label("Authenticator code").fill(f"{hotp_value(secret, int(time.time()) // PERIOD_S):06}")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    code = page.locator(".codes code").first.inner_text()

    page.context.clear_cookies()
    page.goto("/account/login/")
    fill_in_sign_in(page, sample.charlie)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    found += take_pictures(page, pictures, "second-factor")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/account/2fa/totp/deactivate/")
    page.get_by_label("Password").fill(sample.charlie.password)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("heading", name="Security", exact=True)).to_be_visible()
    assert found == []


def test_a_passkey_that_cannot_be_used_shows_an_error(
    open_window: OpenWindow, sample: SampleData, problems: PageProblems
) -> None:
    """On an IP address, where browsers refuse passkeys."""
    page = with_authenticator(open_window())
    page.goto("/account/login/")

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("That did not work")


def test_a_token_is_made_and_shown_once(open_window: OpenWindow, sample: SampleData, pictures: Path) -> None:
    page = open_window()
    sign_in(page, sample.alice)
    page.goto("/profile/security/")
    page.get_by_role("link", name="Create a token").click()
    page.get_by_label("Password").fill(sample.alice.password)
    page.get_by_role("button", name="Confirm").click()
    found = take_pictures(page, pictures, "token-add")
    page.get_by_label("What is it for?").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("code.secret")).to_be_visible()
    found += take_pictures(page, pictures, "token-made")
    page.get_by_role("link", name="Done").click()

    expect(page.get_by_role("button", name="Revoke Laptop")).to_be_visible()
    found += take_pictures(page, pictures, "security-token")
    page.get_by_role("button", name="Revoke Laptop").click()
    expect(page.get_by_text("The token no longer works.")).to_be_visible()
    assert found == []
