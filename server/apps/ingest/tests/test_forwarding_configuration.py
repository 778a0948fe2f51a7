"""Forwarding reports to another server: for which devices, to which address, with which key."""

import time

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import ConfigAttribute
from server.apps.ingest.models import Forwarding
from server.apps.ingest.services.forwarding import (
    Outcome,
    RecentCheck,
    forward_if_configured,
)
from server.apps.ingest.tests.forwarded import (
    KEY,
    acme_ref,
    carrier,
    configure_forwarding,
    empty_check,
    forward,
    processed_report,
    target,
)
from server.apps.ingest.tests.sent import Carrier, rows, signed_list
from server.core.tests.loopback import Script, scripted_server

__all__ = ["acme_ref", "carrier", "empty_check", "target"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.mark.parametrize("whose", ["device", "project", "organisation"])
def test_the_nearest_configuration_counts(
    carrier: Carrier, alice: Account, target: Script, acme_ref: str, whose: str
) -> None:
    assert carrier.device.project is not None
    chain = {"device": carrier.device.slug, "project": carrier.device.project.slug, "organisation": acme_ref}
    names = list(chain)
    for farther in names[names.index(whose) :]:
        configure_forwarding(chain[farther], f"{target.url}/{farther}", alice)

    forward(processed_report(carrier))

    assert target.seen[0].path.startswith(f"/{whose}?")


def test_a_device_may_be_left_out(carrier: Carrier, alice: Account, target: Script, acme_ref: str) -> None:
    configure_forwarding(acme_ref, target.url, alice)
    configure_forwarding(carrier.device.slug, target.url, alice, enabled=False)

    processed_report(carrier)

    assert not Forwarding.objects.exists()


@pytest.mark.parametrize("enabled", [False, None, 1, "true", "yes"])
def test_only_true_enables(carrier: Carrier, alice: Account, target: Script, enabled: object) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice, enabled=enabled)

    processed_report(carrier)

    assert not Forwarding.objects.exists()


def test_the_key_is_sealed_at_rest(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = processed_report(carrier)
    target.answers = [(400, {}, f"{KEY} is no key of ours".encode())]

    forward(report)

    assert KEY not in str(list(ConfigAttribute.objects.values()))
    assert KEY not in str(list(Forwarding.objects.values()))
    assert Forwarding.objects.get().failure == "400: ******** is no key of ours"


def test_switching_it_off_stops_what_waits(carrier: Carrier, alice: Account, target: Script) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice)
    report = processed_report(carrier)
    configure_forwarding(carrier.device.slug, target.url, alice, enabled=False)

    assert forward(report).outcome is Outcome.GIVEN_UP

    assert target.seen == []


@pytest.mark.parametrize(
    "url", [None, 5, "", "nowhere", "ftp://example.com/", "http://user:pass@example.com/", "http://[::1/"]
)
def test_an_invalid_url_is_reported(carrier: Carrier, alice: Account, url: object) -> None:
    configure_forwarding(carrier.device.slug, url, alice)

    found = forward(processed_report(carrier))

    assert found.outcome is Outcome.GIVEN_UP
    assert Forwarding.objects.get().failure != ""


@pytest.mark.parametrize("key", [None, "", "  ", 5, "schlüssel", "a\r\nX-Other: 1"])
def test_an_invalid_key_is_reported(carrier: Carrier, alice: Account, target: Script, key: object) -> None:
    configure_forwarding(carrier.device.slug, target.url, alice, api_key=key)

    assert forward(processed_report(carrier)).outcome is Outcome.GIVEN_UP

    assert target.seen == []


def test_nobody_makes_us_post_to_ourselves(carrier: Carrier, alice: Account, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = []
    with scripted_server() as script:
        configure_forwarding(carrier.device.slug, script.url, alice)

        found = forward(processed_report(carrier))

    assert (found.outcome, script.seen) == (Outcome.GIVEN_UP, [])


def test_without_any_forwarding_nothing_is_queried(
    carrier: Carrier, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stored = [carrier.deliver(signed_list(carrier.device, rows(at))) for at in (1, 2, 3)]

    with django_assert_num_queries(1):
        for each in stored:
            assert each is not None
            forward_if_configured(each)


def test_a_change_is_known_within_a_second(
    carrier: Carrier, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    known = RecentCheck()
    before = known.is_forwarding_configured()
    configure_forwarding(carrier.device.slug, "https://example.com/", alice)

    clock[0] += 1.0

    assert (before, known.is_forwarding_configured()) == (False, True)
