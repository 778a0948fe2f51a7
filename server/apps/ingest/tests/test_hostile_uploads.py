"""Uploads that are well-formed and yet not what they should be."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.uploads import REPORTS, as_person, signed_list

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

TIMESTAMP = "2021-03-01T11:23:15Z"


def test_an_upload_of_two_reports_is_refused_and_not_one_of_them_lost(bob: Account, device: Device) -> None:
    files = [SimpleUploadedFile(f"{at}.bin", signed_list(device, (at,))) for at in (1, 2)]

    answer = Client(headers=as_person(bob)).post(f"{REPORTS}?timestamp={TIMESTAMP}", {"file": files})

    assert answer.status_code == 400
    assert "more than one" in answer.json()["file"][0]
    assert not StreamerReport.objects.exists()
