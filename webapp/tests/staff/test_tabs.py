"""The staff pages offer the tabs of the table."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from webapp.views.staff.tabs import TABS, StaffTab

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LISTED = [tab for tab in TABS if tab.url_name != "staff-mails"]  # the tests' installation keeps no mails


@pytest.mark.parametrize("tab", LISTED, ids=lambda tab: tab.url_name)
def test_staff_open_every_tab(as_staff: Client, tab: StaffTab) -> None:
    answer = as_staff.get(reverse(tab.url_name))

    assert f'aria-current="page">{tab.label}</a>' in answer.content.decode()


def test_the_navigation_is_the_table(as_staff: Client) -> None:
    html = as_staff.get("/staff/").content.decode()
    [listed] = re.findall('<nav class="tabs many".*?</nav>', html, re.DOTALL)

    assert re.findall(">([^<]+)</a>", listed) == [tab.label for tab in LISTED]
