"""An organisation may upload so much on one day."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device
from server.apps.devices.tests.factories import make_project
from server.apps.ingest.models import StreamerReport, UploadDay
from server.apps.ingest.services import quotas
from server.apps.ingest.tests.sent import NOW, Carrier, rows, signed_list
from server.apps.ingest.tests.uploads import as_person, upload
from server.apps.streams.tests.factories import make_claimed_device
from server.core.errors import QuotaExceeded
from server.core.quotas import RequestDay

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def test_more_reports_than_the_quota_are_refused_until_the_next_day(
    carrier: Carrier, device: Device, settings: Settings
) -> None:
    settings.UPLOAD_REPORTS_A_DAY = 2
    data = signed_list(device, rows(1))
    for _ in range(2):
        carrier.upload(data)

    with pytest.raises(QuotaExceeded, match="2 reports of today") as refused:
        carrier.upload(data)

    assert refused.value.retry_after_s == 11 * 3600  # it is 13:00 UTC
    assert StreamerReport.objects.count() == 2
    carrier.upload(data, now=NOW + timedelta(days=1))


def test_more_bytes_than_the_quota_are_refused(carrier: Carrier, device: Device, settings: Settings) -> None:
    data = signed_list(device, rows(1))
    settings.UPLOAD_BYTES_A_DAY = 2 * len(data) - 1
    carrier.upload(data)

    with pytest.raises(QuotaExceeded, match="bytes of today"):
        carrier.upload(data)


def test_what_other_processes_counted_counts_too(
    carrier: Carrier, device: Device, acme: Org, settings: Settings
) -> None:
    settings.UPLOAD_REPORTS_A_DAY = 5
    UploadDay.objects.create(org=acme, day=NOW.date(), reports=5)

    with pytest.raises(QuotaExceeded):
        carrier.upload(signed_list(device, rows(1)))


def test_uploads_are_added_to_the_day_of_the_organisation(
    carrier: Carrier, device: Device, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "ADD_EVERY_S", 0.0)
    data = signed_list(device, rows(1))
    for _ in range(3):
        carrier.upload(data)

    day = UploadDay.objects.get(org=acme)
    assert (day.day, day.reports, day.size_bytes) == (NOW.date(), 2, 2 * len(data))  # the last one follows


def test_another_organisation_has_its_own_quota(
    carrier: Carrier, device: Device, charlie: Account, other_org: Org, settings: Settings
) -> None:
    settings.UPLOAD_REPORTS_A_DAY = 1
    carrier.upload(signed_list(device, rows(1)))
    elsewhere = make_claimed_device(project=make_project(name="Else", org=other_org))

    Carrier(elsewhere, charlie).upload(signed_list(elsewhere, rows(1)))


def test_zero_is_no_limit(carrier: Carrier, device: Device, settings: Settings) -> None:
    settings.UPLOAD_REPORTS_A_DAY = settings.UPLOAD_BYTES_A_DAY = 0

    carrier.upload(signed_list(device, rows(1)))


def test_days_older_than_the_setting_are_deleted(acme: Org) -> None:
    for days in (89, 90, 91):
        day = NOW.date() - timedelta(days=days)
        UploadDay.objects.create(org=acme, day=day, reports=1)
        RequestDay.objects.create(caller="account 1", day=day, requests=1)

    assert quotas.delete_old_days(now=NOW, keep_days=90) == 2

    assert UploadDay.objects.count() == RequestDay.objects.count() == 2


def test_a_setting_of_zero_keeps_all_days(acme: Org) -> None:
    UploadDay.objects.create(org=acme, day=NOW.date() - timedelta(days=5000))

    assert quotas.delete_old_days(now=NOW, keep_days=0) == 0


def test_an_upload_over_the_quota_is_answered_429_with_a_time_to_wait(
    device: Device, bob: Account, settings: Settings
) -> None:
    settings.UPLOAD_REPORTS_A_DAY = 1
    headers = as_person(bob)
    upload(signed_list(device, rows(1)), headers)

    answer = upload(signed_list(device, rows(2)), headers)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 86400
    assert "1 reports of today" in answer.json()["detail"]
