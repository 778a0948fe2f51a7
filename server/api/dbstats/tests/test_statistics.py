"""How much there is on an installation, for its staff."""

import pytest

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
PATH = "/api/v1/dbstats/"


def test_staff_see_how_much_there_is(device: Device) -> None:
    staff = api_client(make_account(is_staff=True))

    answer = staff.get(PATH).json()

    assert answer["days"] is None
    assert answer["stats"] == {
        "Users": 2,
        "Orgs": 1,
        "Projects": 1,
        "ActiveDevices": 1,
        "ClaimedDevices": 1,
        "EnabledStreams": 1,
        "StreamData*": 0,
        "StreamEvents*": 0,
        "StreamNotes": 0,
        "StreamerReports": 0,
    }


def test_only_what_is_new_is_counted_when_asked_for(device: Device) -> None:
    Device.objects.update(created_on="2020-01-01T00:00:00Z", claimed_on="2020-01-01T00:00:00Z")
    staff = api_client(make_account(is_staff=True))

    stats = staff.get(f"{PATH}?days=7").json()["stats"]

    assert (stats["Users"], stats["ActiveDevices"], stats["ClaimedDevices"]) == (2, 0, 0)


@pytest.mark.parametrize("days", ["0", "-1", "x", "9999999", "%00"])
def test_days_that_are_none_are_named(db: None, days: str) -> None:
    response = api_client(make_account(is_staff=True)).get(f"{PATH}?days={days}")

    assert response.status_code == 400
    assert list(response.json()) == ["days"]


def test_nobody_else_sees_it(alice: Account) -> None:
    assert api_client(alice).get(f"{PATH}?staff=1").status_code == 403
