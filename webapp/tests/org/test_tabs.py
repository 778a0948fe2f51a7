"""An organisation's pages offer the tabs of the table."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from server.apps.accounts.models import Account, Org
from webapp.tests.conftest import signed_in
from webapp.views.org.tabs import TABS, OrgTab

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def navigation(client: Client, org: Org) -> list[str]:
    """Returns the labels of the tabs that the page lists."""
    html = client.get(f"/org/{org.slug}/").content.decode()
    [listed] = re.findall('<nav class="tabs".*?</nav>', html, re.DOTALL)
    return re.findall(">([^<]+)</a>", listed)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.url_name)
def test_the_owner_opens_every_tab(as_alice: Client, acme: Org, tab: OrgTab) -> None:
    answer = as_alice.get(reverse(tab.url_name, args=[acme.slug]))

    assert f'aria-current="page">{tab.label}</a>' in answer.content.decode()


def test_the_navigation_of_the_owner_is_the_whole_table(as_alice: Client, acme: Org) -> None:
    assert navigation(as_alice, acme) == [tab.label for tab in TABS]


def test_a_member_is_shown_what_takes_no_permission(bob: Account, acme: Org) -> None:
    assert navigation(signed_in(bob), acme) == [tab.label for tab in TABS if not tab.permission]
