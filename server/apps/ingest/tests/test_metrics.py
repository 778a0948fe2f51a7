"""Uploads and readings, counted for `/metrics`."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.uploads import as_person, signed_list, store, upload
from server.core.metrics import exposition

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(databases=["default", "streamdata"]),
]


def figures() -> dict[str, float]:
    lines = exposition().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def grown(before: dict[str, float], name: str) -> float:
    return figures().get(name, 0.0) - before.get(name, 0.0)


def test_uploads_are_counted_by_what_became_of_them(bob: Account, charlie: Account, device: Device) -> None:
    before = figures()

    answers = [
        upload(signed_list(device), as_person(bob)),
        upload(signed_list(device)[:-1], as_person(bob)),
        upload(signed_list(device), as_person(charlie)),
    ]

    assert [answer.status_code for answer in answers] == [201, 400, 404]
    reason = answers[1].json()["reason"]
    assert grown(before, 'fieldline_uploads_total{outcome="taken",reason=""}') == 1
    assert grown(before, f'fieldline_uploads_total{{outcome="refused",reason="{reason}"}}') == 1
    assert grown(before, 'fieldline_uploads_total{outcome="failed",reason="not-found"}') == 1


def test_readings_are_counted_by_what_became_of_them(bob: Account, device: Device) -> None:
    before = figures()

    report = store(device, bob, signed_list(device, (1, 2, 3)))
    process_report(report_id=str(report.pk))
    store(device, bob, signed_list(device, (2, 3, 4, 5)))

    assert grown(before, 'fieldline_readings_total{outcome="stored"}') == 5
    assert grown(before, 'fieldline_readings_total{outcome="duplicate"}') == 5
