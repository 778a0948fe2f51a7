"""Files of old reports are deleted, where a setting says so; what was stored of them stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.retention import clean_report_files
from server.apps.ingest.tests.sent import Carrier, is_kept, process, rows, signed_list, stored_ids

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def aged(report: StreamerReport, *, days: float) -> StreamerReport:
    created = timezone.now() - timedelta(days=days)
    StreamerReport.objects.filter(pk=report.pk).update(created_on=created)
    report.refresh_from_db()
    return report


def test_files_of_processed_reports_are_kept_for_so_many_days(carrier: Carrier, device: Device) -> None:
    old, young = (carrier.upload(signed_list(device, rows(number))) for number in (1, 2))
    for report, days in ((old, 31), (young, 29)):
        process(report)
        aged(report, days=days)

    assert clean_report_files(now=timezone.now(), keep_days=30) == 1

    assert not is_kept(old.object_key)
    assert is_kept(young.object_key)
    assert stored_ids(device) == [1, 2]
    assert clean_report_files(now=timezone.now(), keep_days=30) == 0


def test_without_the_setting_all_files_are_kept(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1)))
    process(report)
    aged(report, days=4000)

    assert clean_report_files(now=timezone.now(), keep_days=0) == 0
    assert is_kept(report.object_key)


def test_a_report_that_waits_keeps_its_file_however_old_it_is(carrier: Carrier, device: Device) -> None:
    report = aged(carrier.upload(signed_list(device, rows(1))), days=31)

    assert clean_report_files(now=timezone.now(), keep_days=30) == 0
    assert is_kept(report.object_key)


def test_bytes_that_a_younger_report_shares_are_kept_with_it(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1))
    first, second = carrier.upload(data), carrier.upload(data)
    for report in (first, second):
        process(report)
    aged(first, days=31)

    clean_report_files(now=timezone.now(), keep_days=30)

    second.refresh_from_db()
    assert second.object_key == first.object_key
    assert is_kept(second.object_key)
