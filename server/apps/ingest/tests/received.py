"""Signed reports, and who carries them."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import (
    SENT_S,
    USER,
    Carrier,
    rows,
)
from server.lib.formats import SignatureKind, encode_signed_list


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def signed(device: Device, kind: SignatureKind, root_key: bytes) -> bytes:
    return encode_signed_list(
        device_id=device.pk,
        report_id=9,
        sent_s=SENT_S,
        streamer_index=0,
        selector=USER,
        readings=rows(1),
        signature=kind,
        root_key=root_key,
    )
