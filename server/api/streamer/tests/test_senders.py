"""Who brings reports beside people: a device with its token, and programs of its organisation."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.devices.models import Device, Project
from server.apps.devices.services.keys import issue_device_token
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.tests.uploads import REPORTS, as_device, signed_list, upload
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Scope = OrgApiKey.Scope


def with_token(device: Device, by: Account) -> dict[str, str]:
    return {"Authorization": f"a-jwt {issue_device_token(device=device, by=by)}"}


def as_program(org: Org, *scopes: Scope) -> dict[str, str]:
    _, clear = create_org_api_key(org=org, name="Gateway", scopes=list(scopes), by=org.created_by)
    return {"Authorization": f"Api-Key {clear}"}


def test_a_device_brings_its_report_with_its_token(device: Device, alice: Account) -> None:
    answer = upload(signed_list(device), with_token(device, alice))

    assert answer.status_code == 201
    assert StreamerReport.objects.get().created_by is None


def test_a_device_token_does_not_bring_the_report_of_another(
    device: Device, project: Project, alice: Account
) -> None:
    answer = upload(signed_list(make_claimed_device(project=project)), with_token(device, alice))

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_a_device_token_does_not_list_reports(device: Device, alice: Account) -> None:
    assert Client().get(REPORTS, headers=with_token(device, alice)).status_code == 403


def test_a_program_brings_reports_of_its_organisation(device: Device, acme: Org) -> None:
    answer = upload(signed_list(device), as_program(acme, Scope.UPLOAD))

    assert answer.status_code == 201
    assert StreamerReport.objects.get().created_by is None


def test_a_program_without_the_scope_brings_nothing(device: Device, acme: Org) -> None:
    answer = upload(signed_list(device), as_program(acme, Scope.CATALOGUE, Scope.PRODUCTION))

    assert answer.status_code == 403
    assert not StreamerReport.objects.exists()


def test_a_program_brings_no_reports_of_other_organisations(device: Device, charlie: Account) -> None:
    answer = upload(signed_list(device), as_program(charlie.orgs.get(), Scope.UPLOAD))

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("path", ["streamer/", "streamer/report/", "device/", "data/?filter=d--0081"])
def test_a_program_that_uploads_reads_nothing(acme: Org, path: str) -> None:
    assert Client().get(f"/api/v1/{path}", headers=as_program(acme, Scope.UPLOAD)).status_code == 403


def test_an_upload_with_a_token_takes_as_few_queries_as_one_with_a_key(
    device: Device, alice: Account
) -> None:
    counts = []
    for start, headers in ((1, as_device(device)), (20, with_token(device, alice))):
        upload(signed_list(device, (start, start + 1)), headers)
        with CaptureQueriesContext(connection) as queries:
            answer = upload(signed_list(device, (start + 2, start + 3)), headers)
        assert answer.status_code == 201
        counts.append(len(queries))

    assert counts[1] <= counts[0] <= 8
