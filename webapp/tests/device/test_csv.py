"""The CSV links of a device's page have the readings that the page shows."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member, change_profile
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, VarTypeOutputUnit
from server.apps.streams.tests.data import text
from server.apps.streams.tests.readings import Given, store_readings
from webapp.tests.conftest import signed_in
from webapp.tests.stored import store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ON_THE_CHART = ""
ON_THE_LIST = "tab=readings"
LINK = re.compile(
    r'<a\s+href="([^"]+)"\s+download[^>]*>Download CSV<span class="visually-hidden"> of ([^<]+)<'
)


def link(client: Client, device: Device, query: str) -> tuple[str, str]:
    """Returns the address of the link and the stream that it names."""
    html = client.get(f"/device/{device.slug}/?{query}").content.decode()
    [(address, of)] = LINK.findall(html)
    return unescape(address), of


def rows(client: Client, address: str) -> list[tuple[str, float]]:
    """Returns the times and values of the file."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    header, *lines = text(answer).splitlines()
    assert header == "Timestamp,Value"
    cells = [line.split(",") for line in lines]
    return [(time, float(value)) for time, value in cells]


def store_four_days(device: Device) -> datetime:
    """Store 10, 20, 30 and 40 at noon in Kathmandu. Returns the time of the first one."""
    first = timezone.now().replace(hour=6, minute=15, second=0, microsecond=0) - timedelta(days=5)
    given = [Given(day + 1, first + timedelta(days=day), 10 * (day + 1)) for day in range(4)]
    store_readings(device, given, received=timezone.now())
    return first


@pytest.mark.parametrize("place", [ON_THE_CHART, ON_THE_LIST])
def test_the_file_has_the_readings_that_the_page_shows(
    as_alice: Client, alice: Account, device: Device, place: str
) -> None:
    store(device, alice, [1000, 2345])

    address, of = link(as_alice, device, place)

    assert of == "IO 1"
    assert [value for _, value in rows(as_alice, address)] == pytest.approx([1000, 2345])


@pytest.mark.parametrize("place", [ON_THE_CHART, ON_THE_LIST])
def test_the_file_is_in_the_unit_of_the_page(
    as_alice: Client, alice: Account, device: Device, place: str
) -> None:
    liters = VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--liters")
    StreamId.objects.filter(device=device).update(output_unit=liters)
    store(device, alice, [1000])

    address, _ = link(as_alice, device, place)

    [(_, value)] = rows(as_alice, address)
    assert value == pytest.approx(3785.41)


@pytest.mark.parametrize("place", [ON_THE_CHART, ON_THE_LIST])
def test_the_file_has_the_chosen_range_of_the_readers_time_zone(
    as_alice: Client, alice: Account, device: Device, place: str
) -> None:
    change_profile(user=alice, name="", time_zone="Asia/Kathmandu")
    first = store_four_days(device)
    second_day, third_day = (first + timedelta(days=day) for day in (1, 2))
    query = f"{place}&start={second_day:%Y-%m-%d}T12:00&end={third_day:%Y-%m-%d}T12:01"

    address, _ = link(as_alice, device, query)

    found = rows(as_alice, address)
    assert [time for time, _ in found] == [f"{day:%Y/%m/%d} 12:00:00" for day in (second_day, third_day)]
    assert [value for _, value in found] == pytest.approx([20, 30])


def test_the_file_of_a_usual_range_begins_where_the_chart_begins(as_alice: Client, device: Device) -> None:
    store_four_days(device)

    day, week = (link(as_alice, device, f"range={name}")[0] for name in ("1d", "1w"))

    assert (len(rows(as_alice, day)), len(rows(as_alice, week))) == (0, 4)


def test_the_file_of_the_list_has_the_readings_of_all_pages(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, range(60))

    address, _ = link(as_alice, device, f"{ON_THE_LIST}&page=2")

    assert len(rows(as_alice, address)) == 60


def test_the_chart_has_the_address_of_its_csv(as_alice: Client, device: Device) -> None:
    store_four_days(device)
    stream = StreamId.objects.get(device=device)

    chart = as_alice.get(f"/device/{device.slug}/stream/{stream.slug}/chart.json", {"range": "1w"}).json()

    assert len(rows(as_alice, chart["csv"])) == sum(chart["n"]) == 4


def test_a_list_without_readings_offers_no_file(as_alice: Client, device: Device) -> None:
    assert "Download CSV" not in as_alice.get(f"/device/{device.slug}/?{ON_THE_LIST}").content.decode()


def test_a_range_that_makes_no_sense_offers_no_file(as_alice: Client, device: Device) -> None:
    html = as_alice.get(
        f"/device/{device.slug}/?start=2026-02-02T00:00&end=2026-02-01T00:00"
    ).content.decode()

    assert re.search(r"<a hidden\s+download", html)


def test_who_may_not_read_data_gets_neither_link_nor_file(
    as_alice: Client, acme: Org, alice: Account, device: Device
) -> None:
    store(device, alice, [1])
    address, _ = link(as_alice, device, ON_THE_CHART)
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)
    as_dora = signed_in(dora)

    assert "Download CSV" not in as_dora.get(f"/device/{device.slug}/").content.decode()
    assert as_dora.get(address).status_code == 404


def test_for_a_stranger_the_file_is_not_there(
    as_alice: Client, as_charlie: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1])
    address, _ = link(as_alice, device, ON_THE_CHART)

    assert as_charlie.get(address).status_code == 404
