"""A report that comes several times is listed each time, and its bytes are kept once."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.equal_reports import share_bytes
from server.apps.ingest.services.forgetting import remove_reports
from server.apps.ingest.tests.sent import Carrier, is_kept, process, rows, signed_list
from server.core.storage import get_object

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def delivered(carrier: Carrier, data: bytes) -> StreamerReport:
    report = carrier.upload(data)
    process(report)
    report.refresh_from_db()
    return report


def test_equal_reports_share_the_bytes_of_the_first(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1, 2))
    first = delivered(carrier, data)
    second = carrier.upload(data)
    own_key = second.object_key

    process(second)

    second.refresh_from_db()
    assert second.object_key == first.object_key
    assert get_object(second.object_key) == data
    assert not is_kept(own_key)
    assert second.status == StreamerReport.Status.STORED


def test_a_report_of_the_same_readings_with_other_bytes_keeps_its_own(
    carrier: Carrier, device: Device
) -> None:
    first = delivered(carrier, signed_list(device, rows(1, 2)))

    second = delivered(carrier, signed_list(device, rows(1, 2), sent_s=3601))

    assert second.object_key != first.object_key
    assert is_kept(second.object_key)


def test_a_report_shares_its_bytes_once_however_often_its_job_runs(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1, 2))
    delivered(carrier, data)
    second = delivered(carrier, data)

    process(second)

    assert not share_bytes(second.pk)
    assert is_kept(second.object_key)


def test_shared_bytes_stay_until_the_last_report_is_deleted(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1, 2))
    first, second = delivered(carrier, data), delivered(carrier, data)

    remove_reports(device.pk, before=second.created_on)

    assert not StreamerReport.objects.filter(pk=first.pk).exists()
    assert get_object(second.object_key) == data
    remove_reports(device.pk)
    assert not is_kept(second.object_key)
