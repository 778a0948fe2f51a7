"""A device's page: latest values, readings, reports."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member, change_profile
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.streams.models import StreamId
from server.apps.streams.tests.readings import Given, store_readings
from webapp.tests.conftest import signed_in
from webapp.tests.queries import Counts, counted
from webapp.tests.stored import report_of, store, upload_report

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FRAGMENT = {"HX-Request": "true"}


def page(client: Client, device: Device, query: str = "", **headers: str) -> str:
    answer = client.get(f"/device/{device.slug}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def operator(acme: Org) -> Client:
    """May upload reports, but not read data."""
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)
    return signed_in(dora)


def test_the_newest_value_is_shown_in_its_unit(as_alice: Client, alice: Account, device: Device) -> None:
    store(device, alice, [1000, 2345])

    html = page(as_alice, device)

    assert '2,345 <span class="unit">gal</span>' in html


def test_the_marks_of_reports_are_no_values_of_the_device(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1])

    html = page(as_alice, device)

    assert "IO 1" in html
    assert "Complete report" not in html


def test_a_stream_without_readings_says_so(as_alice: Client, device: Device) -> None:
    assert "no readings" in page(as_alice, device)


def test_any_form_of_the_slug_leads_to_the_device(as_alice: Client, device: Device) -> None:
    answer = as_alice.get(f"/device/{device.slug.upper()}/")

    assert answer.status_code == 200


def test_a_stranger_and_a_wrong_slug_get_the_same_answer(
    as_charlie: Client, as_alice: Client, device: Device
) -> None:
    foreign = as_charlie.get(f"/device/{device.slug}/")
    unknown = as_alice.get("/device/d--ffff-ffff-ffff-ffff/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content


def test_the_page_never_enters_a_shared_cache(as_alice: Client, device: Device) -> None:
    answer = as_alice.get(f"/device/{device.slug}/")

    assert "private" in answer.headers["Cache-Control"]
    assert "Cookie" in answer.headers["Vary"]


def test_somebody_who_may_not_read_data_sees_an_explanation_and_no_value(
    operator: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [2345])

    html = page(operator, device)

    assert "Readings are not shown to your role" in html
    assert "2,345" not in html


def test_who_may_not_read_data_sees_no_readings_either(
    operator: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [2345])

    html = page(operator, device, "?tab=readings")

    assert "Readings are not shown to your role" in html
    assert "2,345" not in html


def test_the_newest_values_come_alone_for_a_script(as_alice: Client, alice: Account, device: Device) -> None:
    store(device, alice, [2345])

    html = page(as_alice, device, **FRAGMENT, **{"HX-Target": "latest"})

    assert html.lstrip().startswith('<div id="latest"')
    assert re.search(r'id="facts"\s+hx-swap-oob="true"', html)


def test_a_chosen_stream_and_range_are_marked_without_scripts(as_alice: Client, device: Device) -> None:
    html = page(as_alice, device, "?range=1w")

    assert re.search(r'data-range="1w"\s+aria-current="true"', html)
    assert len(re.findall(r'data-range="\w+"\s+aria-current', html)) == 1


def test_readings_are_listed_newest_first_in_the_readers_time_zone(
    as_alice: Client, alice: Account, device: Device
) -> None:
    change_profile(user=alice, name="", time_zone="Asia/Kathmandu")
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
    store_readings(
        device, [Given(1, noon, 10), Given(2, noon + timedelta(minutes=1), 20)], received=timezone.now()
    )

    html = page(as_alice, device, "?tab=readings")

    assert html.index("17:46:00") < html.index("17:45:00")
    assert "2 readings" in html


def test_readings_can_be_limited_to_a_range(as_alice: Client, device: Device) -> None:
    now = timezone.now().replace(microsecond=0)
    store_readings(device, [Given(1, now - timedelta(days=3), 111), Given(2, now, 222)], received=now)
    until = (now - timedelta(days=2)).isoformat().replace("+00:00", "Z")

    html = page(as_alice, device, f"?tab=readings&end={until}")

    assert "111" in html
    assert ">222 <" not in html


def test_an_impossible_range_is_explained(as_alice: Client, device: Device) -> None:
    html = page(as_alice, device, "?tab=readings&start=2026-02-02T00:00&end=2026-02-01T00:00")

    assert "The end must be later than the start." in html


def test_many_readings_are_on_several_pages(as_alice: Client, alice: Account, device: Device) -> None:
    store(device, alice, range(1001, 1061))

    first, second = page(as_alice, device, "?tab=readings"), page(as_alice, device, "?tab=readings&page=2")

    assert "1,060" in first
    assert "1,010" not in first
    assert 'rel="next"' in first
    assert "1,010" in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_number_that_is_none_does_no_harm(as_alice: Client, device: Device, number: str) -> None:
    page(as_alice, device, f"?tab=readings&page={number}")


def test_a_report_is_listed_with_what_became_of_its_readings(
    as_alice: Client, alice: Account, device: Device
) -> None:
    store(device, alice, [1, 2, 3])
    store(device, alice, [3, 4], first_id=3)

    html = page(as_alice, device, "?tab=reports")

    assert 'data-label="Stored">1<' in html
    assert 'data-label="Duplicate">1<' in html
    assert 'data-label="Ids">3 to 4<' in html


def test_readings_that_were_refused_are_listed_with_the_reason(
    as_alice: Client, alice: Account, device: Device
) -> None:
    StreamId.objects.filter(device=device).update(enabled=False)
    store(device, alice, [1, 2])

    html = page(as_alice, device, "?tab=reports")

    assert "stream-disabled 2" in html


def test_a_report_that_is_not_processed_is_listed_as_waiting(
    as_alice: Client, alice: Account, device: Device
) -> None:
    upload_report(device, alice, report_of(device, [1]))

    assert "Waiting" in page(as_alice, device, "?tab=reports")


def test_a_refused_upload_is_listed_with_reason_and_place(
    as_alice: Client, alice: Account, device: Device
) -> None:
    data = report_of(device, [1])
    with pytest.raises(RefusedReport) as refused:
        upload_report(device, alice, data[:-1] + bytes([data[-1] ^ 1]))

    html = page(as_alice, device, "?tab=reports")

    assert "<code>bad-hash</code>" in html
    assert f'data-label="Byte">{refused.value.offset}<' in html


def test_labels_cannot_bring_markup(as_alice: Client, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(label="<script>alert(1)</script>")

    for tab in ("overview", "readings", "reports"):
        assert "<script>alert" not in page(as_alice, device, f"?tab={tab}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", Counts(5, 1)), ("?tab=readings", Counts(5, 2)), ("?tab=reports", Counts(7, 1))],
)
def test_a_device_page_takes_few_queries_however_much_there_is(
    as_alice: Client, alice: Account, device: Device, query: str, expected: Counts
) -> None:
    store(device, alice, [1])
    with counted() as few:
        page(as_alice, device, query)
    for first_id in range(2, 100, 20):
        store(device, alice, range(20), first_id=first_id)
    with counted() as many:
        page(as_alice, device, query)

    assert few == many == expected
