"""Reports signed and encrypted with a device's root keys, from the upload to the readings."""

from dataclasses import dataclass
from typing import Final

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.keys import set_report_key
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import SENT_S, USER, Carrier, process, replace_object, rows, stored_ids
from server.core.errors import NotFound
from server.core.storage import get_object
from server.lib.formats import SignatureKind, encode_signed_list

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

USERS: Final = bytes(range(32))
DEVICES: Final = bytes(range(32, 64))
Kind = DeviceKey.Kind


@dataclass(frozen=True)
class Key:
    """A way to sign, the key that belongs to it, and the other one."""

    signature: SignatureKind
    kind: DeviceKey.Kind
    root: bytes
    other: DeviceKey.Kind


KEYS: Final = [
    Key(SignatureKind.USER_KEY, Kind.REPORT_USER, USERS, Kind.REPORT_DEVICE),
    Key(SignatureKind.DEVICE_KEY, Kind.REPORT_DEVICE, DEVICES, Kind.REPORT_USER),
]
EACH: Final = pytest.mark.parametrize("key", KEYS, ids=["user", "device"])


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def signed(device: Device, key: Key, *ids: int) -> bytes:
    return encode_signed_list(
        device_id=device.pk,
        report_id=9,
        sent_s=SENT_S,
        streamer_index=0,
        selector=USER,
        readings=rows(*ids),
        signature=key.signature,
        root_key=key.root,
    )


def know(device: Device, kind: DeviceKey.Kind, root: bytes) -> None:
    set_report_key(device=device, kind=kind, root_key=root, by=None)


def refused(carrier: Carrier, data: bytes) -> str:
    with pytest.raises(RefusedReport):
        carrier.upload(data)
    return RefusedUpload.objects.latest("pk").reason


def fresh(report: StreamerReport) -> StreamerReport:
    return StreamerReport.objects.get(pk=report.pk)


@EACH
def test_a_signed_report_is_opened_and_stored(carrier: Carrier, device: Device, key: Key) -> None:
    know(device, Kind.REPORT_USER, USERS)
    know(device, Kind.REPORT_DEVICE, DEVICES)

    carrier.deliver(signed(device, key, 1, 2, 3))

    assert stored_ids(device) == [1, 2, 3]


@EACH
def test_its_readings_are_nowhere_in_the_clear(carrier: Carrier, device: Device, key: Key) -> None:
    know(device, key.kind, key.root)

    report = carrier.upload(signed(device, key, 0x1234567))

    readings = get_object(report.object_key)[20:-24]
    assert (0x1234567).to_bytes(4, "little") not in readings


@EACH
def test_without_the_key_it_is_refused(carrier: Carrier, device: Device, key: Key) -> None:
    assert refused(carrier, signed(device, key, 1)) == "no-key"


@EACH
def test_with_another_key_it_is_refused(carrier: Carrier, device: Device, key: Key) -> None:
    know(device, key.kind, bytes(32))

    assert refused(carrier, signed(device, key, 1)) == "bad-signature"


@EACH
def test_the_keys_do_not_stand_in_for_each_other(carrier: Carrier, device: Device, key: Key) -> None:
    know(device, key.other, key.root)

    assert refused(carrier, signed(device, key, 1)) == "no-key"


@EACH
@pytest.mark.parametrize("byte", [8, 12, 17, 18, 20, 35, -24, -20, -16, -1])
def test_one_bit_that_flips_anywhere_is_found(carrier: Carrier, device: Device, key: Key, byte: int) -> None:
    """In the header behind the device id, in readings, footer and signature."""
    know(device, key.kind, key.root)
    data = bytearray(signed(device, key, 1))
    data[byte] ^= 0x10

    assert refused(carrier, bytes(data)) == "bad-signature"
    assert not StreamerReport.objects.exists()


@EACH
def test_a_report_whose_device_id_is_damaged_is_that_of_another_device(
    carrier: Carrier, device: Device, key: Key
) -> None:
    know(device, key.kind, key.root)
    data = bytearray(signed(device, key, 1))
    data[4] ^= 0x10

    with pytest.raises(NotFound):
        carrier.upload(bytes(data))


@EACH
def test_a_bit_that_flips_on_the_store_fails_the_report(carrier: Carrier, device: Device, key: Key) -> None:
    know(device, key.kind, key.root)
    report = carrier.upload(signed(device, key, 1))
    data = bytearray(get_object(report.object_key))
    data[25] ^= 1
    replace_object(report.object_key, bytes(data))

    assert process(report) is None

    assert fresh(report).status == StreamerReport.Status.FAILED
    assert "signature" in fresh(report).failure
    assert stored_ids(device) == []


@EACH
def test_a_key_revoked_before_the_report_was_processed_fails_it(
    carrier: Carrier, device: Device, key: Key
) -> None:
    know(device, key.kind, key.root)
    report = carrier.upload(signed(device, key, 1))
    DeviceKey.objects.filter(device=device, kind=key.kind).update(revoked_on=timezone.now())

    assert process(report) is None

    assert fresh(report).status == StreamerReport.Status.FAILED
    assert "key" in fresh(report).failure
    assert stored_ids(device) == []


@EACH
def test_a_key_replaced_before_the_report_was_processed_fails_it(
    carrier: Carrier, device: Device, key: Key
) -> None:
    know(device, key.kind, key.root)
    report = carrier.upload(signed(device, key, 1))
    know(device, key.kind, bytes(32))

    assert process(report) is None

    assert fresh(report).status == StreamerReport.Status.FAILED
    assert "signature" in fresh(report).failure


@EACH
def test_a_report_that_failed_for_its_key_is_stored_when_the_key_is_back(
    carrier: Carrier, device: Device, key: Key
) -> None:
    know(device, key.kind, key.root)
    report = carrier.upload(signed(device, key, 1, 2))
    know(device, key.kind, bytes(32))
    process(report)
    know(device, key.kind, key.root)

    process(report)

    assert (fresh(report).status, fresh(report).failure) == (StreamerReport.Status.STORED, "")
    assert stored_ids(device) == [1, 2]
