import pytest
from playwright.sync_api import Page, expect

from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow, fill_in_sign_in, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(open_window: OpenWindow) -> Page:
    """A window in which nobody is signed in."""
    return open_window()


def test_a_wrong_password_is_answered_with_an_error(stranger: Page, sample: SampleData) -> None:
    stranger.goto("/account/login/")

    fill_in_sign_in(stranger, sample.charlie, password="not my password")

    expect(stranger.get_by_role("alert")).to_contain_text("not correct")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_right_password_leads_home(stranger: Page, sample: SampleData) -> None:
    stranger.goto("/account/login/")

    fill_in_sign_in(stranger, sample.alice)

    expect(stranger).to_have_url("/")
    expect(stranger.get_by_role("heading", name="Overview")).to_be_visible()


def test_signing_in_leads_to_the_page_that_was_asked_for(stranger: Page, sample: SampleData) -> None:
    stranger.goto(f"/project/{sample.project}/")

    fill_in_sign_in(stranger, sample.alice)

    expect(stranger).to_have_url(f"/project/{sample.project}/")


def test_after_signing_out_the_pages_are_closed(stranger: Page, sample: SampleData) -> None:
    sign_in(stranger, sample.alice)

    stranger.locator("summary", has_text="Your account").click()
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    stranger.goto(f"/project/{sample.project}/")

    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
