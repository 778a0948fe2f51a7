"""A device's page offers the tabs of the table."""

import re

import pytest
from django.test import Client

from server.apps.accounts.models import Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from webapp.tests.conftest import signed_in
from webapp.views.device.tabs import TABS, DeviceTab

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def as_dora(acme: Org) -> Client:
    """An operator sees devices, but may not change them."""
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)
    return signed_in(dora)


def navigation(client: Client, device: Device) -> list[str]:
    """Returns the names of the tabs that the page lists."""
    return re.findall('<a id="tab-([a-z]+)"', client.get(f"/device/{device.slug}/").content.decode())


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_the_owner_opens_every_tab(as_alice: Client, device: Device, tab: DeviceTab) -> None:
    answer = as_alice.get(f"/device/{device.slug}/?tab={tab.name}")

    assert answer.status_code == 200
    assert f'aria-current="page">{tab.label}</a>' in answer.content.decode()


def test_the_navigation_of_the_owner_is_the_whole_table(as_alice: Client, device: Device) -> None:
    assert navigation(as_alice, device) == [tab.name for tab in TABS]


def test_a_tab_that_takes_a_permission_is_not_listed_without_it(as_dora: Client, device: Device) -> None:
    assert navigation(as_dora, device) == [tab.name for tab in TABS if not tab.permission]


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab.permission], ids=lambda tab: tab.name)
def test_a_tab_that_takes_a_permission_is_refused_without_it(
    as_dora: Client, device: Device, tab: DeviceTab
) -> None:
    answer = as_dora.get(f"/device/{device.slug}/?tab={tab.name}")

    assert answer.status_code == 403
