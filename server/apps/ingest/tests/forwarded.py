"""Reports that are forwarded to a server of the test."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import ConfigName, Device
from server.apps.devices.services.configuration import set_config_attribute
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services import forwarding
from server.apps.ingest.services.forwarding import (
    CONFIGURATION,
    ForwardingAttempt,
    RecentCheck,
    forward_if_configured,
    forward_report,
)
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.sent import Carrier, rows, signed_list
from server.core.tests.loopback import Script, scripted_server

KEY = "abcdefgh.0123456789abcdef0123456789abcdef"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def empty_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers for a second must not come from another test."""
    monkeypatch.setattr(forwarding, "_recent_check", RecentCheck())


@pytest.fixture
def target(settings: Settings) -> Iterator[Script]:
    with scripted_server() as script:
        settings.OUTBOUND_ALLOWED = [f"127.0.0.1:{script.port}"]
        yield script


@pytest.fixture
def carrier(device: Device, alice: Account) -> Carrier:
    return Carrier(device, alice)


def configure_forwarding(target: str, url: object, by: Account, **changes: Any) -> None:
    """Forward the reports of `target`."""
    name, _ = ConfigName.objects.get_or_create(name=CONFIGURATION)
    document = {"enabled": True, "api_url": url, "api_key": KEY, **changes}
    set_config_attribute(target=target, org=None, name=name, data=document, by=by)


def processed_report(carrier: Carrier, *ids: int) -> StreamerReport:
    """A report that was processed, with what follows."""
    report = carrier.upload(signed_list(carrier.device, rows(*(ids or (1, 2, 3)))), name="week 7.bin")
    stored = process_report(report_id=str(report.pk))
    assert stored is not None
    forward_if_configured(stored)
    return report


def forward(report: StreamerReport, *, now: datetime = NOW) -> ForwardingAttempt:
    return forward_report(report_id=str(report.pk), now=now)


@pytest.fixture
def acme_ref(device: Device) -> str:
    assert device.org is not None
    return device.org.ref
