"""The gap map: what came of a device's streamers day by day, and which reading ids never came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.sent import SYSTEM, USER, Carrier, process, rows, signed_list
from server.lib.timeseries import MAX_JUMP

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, alice: Account) -> Carrier:
    return Carrier(device, alice)


def deliver_on(
    carrier: Carrier, on: datetime, *ids: int, index: int = 0, selector: int = USER
) -> StreamerReport:
    """A report that was processed at this time."""
    report = carrier.upload(signed_list(carrier.device, rows(*ids), index=index, selector=selector))
    process(report)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE report_ledger SET worked_off_on = %s WHERE report = %s", [on, str(report.pk)])
    return report


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def gaps(
    user: Account, device: Device, query: str = "start=2026-05-01&end=2026-05-31"
) -> list[dict[str, Any]]:
    answer = api_client(user).get(f"/api/v1/device/{device.slug}/gaps/?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["streamers"]
    return found


def day(number: int, **counts: int) -> dict[str, object]:
    names = ("reports", "received", "stored", "duplicate", "refused", "missing", "jumps")
    return {"day": f"2026-05-{number:02}", **dict.fromkeys(names, 0), **counts}


def test_each_day_counts_what_came(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(4, 13), 2, 3, 4)
    deliver_on(carrier, at(6), 5, 6)

    (streamer,) = gaps(alice, carrier.device)

    assert streamer["streamer"].endswith("0000")
    assert streamer["days"] == [
        day(4, reports=2, received=6, stored=4, duplicate=2),
        day(6, reports=1, received=2, stored=2),
    ]
    assert streamer["gaps"] == []


def test_what_is_missing_stands_on_the_day_the_device_went_on(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(6), 10, 11)
    deliver_on(carrier, at(6, 15), 12)
    deliver_on(carrier, at(9), 14)

    (streamer,) = gaps(alice, carrier.device)

    assert [(each["day"], each["missing"]) for each in streamer["days"]] == [
        ("2026-05-04", 0),
        ("2026-05-06", 5),  # 9 is the id of the reports themselves
        ("2026-05-09", 1),
    ]
    assert streamer["gaps"] == [
        {"day": "2026-05-06", "first_id": 4, "last_id": 9, "missing": 5, "jump": False},
        {"day": "2026-05-09", "first_id": 13, "last_id": 13, "missing": 1, "jump": False},
    ]


def test_a_late_report_fills_its_gap(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(6), 8, 9)
    deliver_on(carrier, at(7), 4, 5, 6)

    (streamer,) = gaps(alice, carrier.device)

    assert [each["missing"] for each in streamer["days"]] == [0, 1, 0]


def test_what_another_streamer_of_the_device_brought_is_not_missing(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(5), 4, 5, index=1, selector=SYSTEM)
    deliver_on(carrier, at(6), 8, 9)

    user, system = gaps(alice, carrier.device)

    assert [each["missing"] for each in (*user["days"], *system["days"])] == [
        0,
        0,
        0,
    ]  # 6 and 7 may still come


def test_what_no_streamer_can_bring_any_more_is_missing(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(5), 4, 5, index=1, selector=SYSTEM)
    deliver_on(carrier, at(6), 8, 9)
    deliver_on(carrier, at(7), 12, index=1, selector=SYSTEM)

    user, system = gaps(alice, carrier.device)

    assert [each["missing"] for each in user["days"]] == [0, 2]
    assert [each["missing"] for each in system["days"]] == [0, 2]  # 10 and 11 may still come with the other


def test_a_streamer_that_has_stopped_is_not_waited_for(carrier: Carrier, alice: Account) -> None:
    a_week_ago = replace(carrier, received=carrier.received - timedelta(days=7))
    deliver_on(a_week_ago, at(4), 1, index=1, selector=SYSTEM)
    deliver_on(carrier, at(11), 2, 3)
    deliver_on(carrier, at(12), 6)

    user, _ = gaps(alice, carrier.device)

    assert [each["missing"] for each in user["days"]] == [0, 2]


def test_a_gap_from_before_is_not_of_these_days(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(6), 10)
    deliver_on(carrier, at(9), 11)

    (streamer,) = gaps(alice, carrier.device, "start=2026-05-08&end=2026-05-31")

    assert (streamer["days"], streamer["gaps"]) == ([day(9, reports=1, received=1, stored=1)], [])


def test_a_report_that_only_repeats_does_not_place_a_gap(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(6), 10, 11)
    deliver_on(carrier, at(5), 10, 11)

    (streamer,) = gaps(alice, carrier.device)

    assert [each["day"] for each in streamer["gaps"]] == ["2026-05-06"]


def test_an_id_that_no_device_reaches_is_a_jump(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 3)
    deliver_on(carrier, at(6), 5 + MAX_JUMP)

    (streamer,) = gaps(alice, carrier.device)

    assert streamer["days"][1] == day(6, reports=1, received=1, stored=1, jumps=1)
    assert streamer["gaps"][0]["jump"]


def test_a_gap_inside_of_one_report_is_placed_on_its_day(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4), 1, 2, 5 + MAX_JUMP)

    (streamer,) = gaps(alice, carrier.device)

    assert [(each["day"], each["jump"]) for each in streamer["gaps"]] == [("2026-05-04", True)]


@pytest.mark.parametrize(
    ("zone", "days"), [("UTC", [4]), ("Pacific/Auckland", [5]), ("America/Los_Angeles", [4])]
)
def test_days_are_those_of_a_calendar(carrier: Carrier, alice: Account, zone: str, days: list[int]) -> None:
    deliver_on(carrier, at(4, 13), 1, 2, 3)

    (streamer,) = gaps(alice, carrier.device, f"start=2026-05-01&end=2026-05-31&tz={zone}")

    assert [each["day"] for each in streamer["days"]] == [f"2026-05-{number:02}" for number in days]


def test_first_and_last_day_belong_to_it(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, at(4, 0), 1)
    deliver_on(carrier, at(6, 23), 2)
    deliver_on(carrier, at(7, 0), 3)

    (streamer,) = gaps(alice, carrier.device, "start=2026-05-04&end=2026-05-06")

    assert [each["day"] for each in streamer["days"]] == ["2026-05-04", "2026-05-06"]


def test_without_days_it_is_the_last_ninety(carrier: Carrier, alice: Account) -> None:
    deliver_on(carrier, timezone.now() - timedelta(days=89), 1)
    deliver_on(carrier, timezone.now() - timedelta(days=91), 2)

    (streamer,) = gaps(alice, carrier.device, "")

    assert sum(each["reports"] for each in streamer["days"]) == 1


def test_a_device_that_never_reported_has_no_streamers(device: Device, alice: Account) -> None:
    assert gaps(alice, device) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=x", "start"),
        ("end=2026-13-01", "end"),
        ("start=2026-05-02&end=2026-05-01", "end"),
        ("start=2024-01-01&end=2026-05-01", "start"),
        ("start=0001-01-01&end=0001-01-02", "start"),
        ("start=9999-12-30&end=9999-12-31", "end"),
        ("tz=Mars", "tz"),
    ],
)
def test_what_makes_no_sense_is_refused(device: Device, alice: Account, query: str, field: str) -> None:
    answer = api_client(alice).get(f"/api/v1/device/{device.slug}/gaps/?{query}")

    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_stranger_learns_nothing(device: Device, charlie: Account) -> None:
    assert api_client(charlie).get(f"/api/v1/device/{device.slug}/gaps/").status_code == 404
