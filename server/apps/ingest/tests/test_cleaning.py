from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.devices.models import Device
from server.apps.ingest.models import RefusedUpload
from server.apps.ingest.services.cleaning import KEEP, KEEP_NEWEST, clean_refused_uploads
from server.apps.ingest.tests.sent import is_kept
from server.core.storage import put_object

pytestmark = pytest.mark.integration


def refusal(device: Device, *, number: int = 0, days_old: int = 0) -> RefusedUpload:
    key = f"refused/test/{device.pk}-{number}-{days_old}.bin"
    put_object(key, b"nothing", overwrite=True)
    made = RefusedUpload.objects.create(device=device, reason="bad-hash", message="no", object_key=key)
    RefusedUpload.objects.filter(pk=made.pk).update(
        created_on=timezone.now() - timedelta(days=days_old, seconds=number)
    )
    return made


def test_old_refusals_go_with_their_bytes(device: Device) -> None:
    old, young = refusal(device, days_old=KEEP.days + 1), refusal(device, number=1)

    deleted = clean_refused_uploads(now=timezone.now())

    assert deleted == 1
    assert list(RefusedUpload.objects.all()) == [young]
    assert not is_kept(old.object_key)
    assert is_kept(young.object_key)


def test_a_device_keeps_its_newest_refusals_only(device: Device) -> None:
    refusals = [refusal(device, number=number) for number in range(KEEP_NEWEST + 3)]

    deleted = clean_refused_uploads(now=timezone.now())

    assert deleted == 3
    kept = set(RefusedUpload.objects.values_list("pk", flat=True))
    assert kept == {each.pk for each in refusals[:KEEP_NEWEST]}


def test_a_second_run_finds_nothing(device: Device) -> None:
    refusal(device, days_old=KEEP.days + 1)
    clean_refused_uploads(now=timezone.now())

    assert clean_refused_uploads(now=timezone.now()) == 0
