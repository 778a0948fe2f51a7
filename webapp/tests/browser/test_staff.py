"""The staff pages of the worker."""

import pytest
from playwright.sync_api import Page, expect

from stack.services import manage_command
from webapp.tests.browser.accessibility import grave_violations
from webapp.tests.browser.installation import Installation
from webapp.tests.browser.sample_data import SampleData
from webapp.tests.browser.windows import OpenWindow

pytestmark = pytest.mark.browser

BURY = """
from server.core.queue.models import DeadJob
DeadJob.objects.bulk_create(DeadJob(body="", action=name, attempts=5, reason="No.") for name in ("one", "two"))
"""


@pytest.fixture
def desk(open_window: OpenWindow, sample: SampleData) -> Page:
    """A window of the demo's owner, who is staff."""
    return open_window(sample.owner)


def test_a_job_that_is_posted_by_hand_is_followed_until_it_is_done(desk: Page) -> None:
    desk.goto("/staff/worker/schedule/")
    desk.get_by_role("link", name="make-partitions").click()
    desk.get_by_role("button", name="Post the job").click()

    expect(desk.get_by_role("region", name="make-partitions")).to_contain_text("Done")
    expect(desk.get_by_role("region", name="Runs").locator("tbody tr")).to_have_count(1)


def test_dead_letters_are_chosen_at_once_and_deleted(desk: Page, installation: Installation) -> None:
    installation.run(*manage_command("shell", "--no-imports", "--command", BURY))
    desk.goto("/staff/worker/dead/")

    desk.get_by_label("All that are shown").check()
    desk.get_by_label("Choose one").uncheck()
    desk.get_by_role("button", name="Delete selected").click()
    expect(desk.get_by_role("heading", name="Delete 1 dead letter?")).to_be_visible()
    assert grave_violations(desk) == []
    desk.get_by_role("button", name="Delete", exact=True).click()

    expect(desk.get_by_role("status")).to_contain_text("1 dead letter deleted.")
    expect(desk.locator(".letters li")).to_have_count(1)
    assert grave_violations(desk) == []
