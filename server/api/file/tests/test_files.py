"""Files: promised, brought with a signed form, finished, opened with a signed address."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.http import content_disposition_header
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.files import services
from server.apps.files.models import StoredFile
from server.apps.files.services import MAX_FILE_BYTES, PendingUpload
from server.core.errors import Conflict, Invalid, NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
NOTE = StoredFile.Kind.NOTE
UPLOAD = "/api/v1/file/upload/"


@pytest.fixture
def promised(acme: Org, alice: Account) -> PendingUpload:
    return services.start_upload(kind=NOTE, title="pump.jpg", content_type="image/jpeg", org=acme, by=alice)


def bring(fields: dict[str, str], data: bytes = b"a picture") -> int:
    form = {**fields, "file": SimpleUploadedFile("x", data)}
    return int(APIClient().post(UPLOAD, form, format="multipart").status_code)


def finish(promised: PendingUpload, org: Org, by: Account) -> StoredFile:
    return services.finish_upload(file_id=promised.file.pk, kind=NOTE, org=org, by=by)


def test_a_promised_file_comes_and_opens(promised: PendingUpload, acme: Org, alice: Account) -> None:
    assert promised.url == UPLOAD
    assert bring(promised.fields) == 204
    file = finish(promised, acme, alice)

    answer = APIClient().get(services.file_url(file))

    assert answer.status_code == 200
    assert answer.content == b"a picture"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pump.jpg"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_weak_point_14_a_form_is_for_its_key_only(promised: PendingUpload, acme: Org, alice: Account) -> None:
    """The original signed a policy for any key of the bucket, so any signed-in person could
    overwrite every file."""
    other = services.start_upload(kind=NOTE, title="b.txt", content_type="", org=acme, by=alice)

    status = bring({**promised.fields, "key": other.file.object_key})

    assert status == 400
    assert bring({**promised.fields, "key": "reports/somebody-elses"}) == 400
    assert not StoredFile.objects.exclude(size_bytes=None).exists()


def test_weak_point_14_a_form_is_for_its_size_only(promised: PendingUpload) -> None:
    assert bring(promised.fields, b"x" * (MAX_FILE_BYTES + 1)) in {400, 413}
    assert bring(promised.fields, b"x" * MAX_FILE_BYTES) == 204


def test_weak_point_14_only_our_own_forms_are_taken(promised: PendingUpload) -> None:
    policy = {"file": str(promised.file.pk), "key": promised.file.object_key, "most": 10**9}
    forged = signing.dumps(policy, key="another key", salt="fieldline file form")
    of_another_kind = signing.dumps(policy, salt="something else")

    assert bring({**promised.fields, "policy": forged}) == 400
    assert bring({**promised.fields, "policy": of_another_kind}) == 400
    assert bring({**promised.fields, "policy": promised.fields["policy"][:-1]}) == 400


def test_weak_point_14_nothing_is_signed_on_demand(alice: Account) -> None:
    wanted = {"expiration": "2030-01-01T00:00:00Z", "conditions": [{"key": "reports/x"}]}

    response = api_client(alice).post("/api/v1/s3file/sign/", wanted, format="json")

    assert response.status_code == 400
    assert "signature" not in response.json()


def test_a_form_is_good_for_six_hours(promised: PendingUpload, monkeypatch: pytest.MonkeyPatch) -> None:
    later = (timezone.now() + timedelta(hours=6, minutes=1)).timestamp()

    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert bring(promised.fields) == 400


def test_an_address_is_good_for_an_hour(
    promised: PendingUpload, acme: Org, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(promised.fields)
    url = services.file_url(finish(promised, acme, alice))
    later = (timezone.now() + timedelta(hours=1, minutes=1)).timestamp()

    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert APIClient().get(url).status_code == 404


def test_an_address_opens_its_file_only(promised: PendingUpload, acme: Org, alice: Account) -> None:
    other = services.start_upload(kind=NOTE, title="b.txt", content_type="", org=acme, by=alice)
    for each in (promised, other):
        bring(each.fields)
        finish(each, acme, alice)
    token = services.file_url(promised.file).partition("?")[2]

    assert APIClient().get(f"/api/v1/file/{other.file.pk}/?{token}").status_code == 404
    assert APIClient().get(f"/api/v1/file/{other.file.pk}/?token=x").status_code == 404
    assert APIClient().get(f"/api/v1/file/{other.file.pk}/").status_code in {400, 404}


def test_a_file_that_did_not_come_is_not_finished(promised: PendingUpload, acme: Org, alice: Account) -> None:
    with pytest.raises(Conflict):
        finish(promised, acme, alice)


def test_a_file_is_used_once(promised: PendingUpload, acme: Org, alice: Account) -> None:
    bring(promised.fields)
    finish(promised, acme, alice)

    with pytest.raises(Conflict):
        finish(promised, acme, alice)
    assert bring(promised.fields, b"something else") == 400


def test_nobody_else_finishes_it(promised: PendingUpload, acme: Org, bob: Account, charlie: Account) -> None:
    bring(promised.fields)

    for other in (bob, charlie):
        with pytest.raises(NotFound):
            finish(promised, acme, other)


@pytest.mark.parametrize("title", ["", "  ", "..", "a\0b", "a\nb", "x" * 201, "folder/"])
def test_what_is_no_file_name_is_refused(acme: Org, alice: Account, title: str) -> None:
    with pytest.raises(Invalid):
        services.start_upload(kind=NOTE, title=title, content_type="", org=acme, by=alice)


@pytest.mark.parametrize("title", ["pump.jpg", "Übersicht.csv", "שלום.csv", "測定.csv", "\U0001f4a7.csv"])
def test_a_file_keeps_its_name_in_any_script(acme: Org, alice: Account, title: str) -> None:
    promised = services.start_upload(kind=NOTE, title=title, content_type="", org=acme, by=alice)
    bring(promised.fields)
    file = finish(promised, acme, alice)

    header = APIClient().get(services.file_url(file)).headers["Content-Disposition"]

    assert header == content_disposition_header(as_attachment=True, filename=services.download_name(file))
    assert header.isascii()
    assert header.startswith("attachment; filename")


@pytest.mark.parametrize("title", ["../../etc/passwd", "C:\\temp\\a.txt", 'a"; filename="b.exe'])
def test_a_name_of_a_file_is_no_path_and_no_header(acme: Org, alice: Account, title: str) -> None:
    promised = services.start_upload(kind=NOTE, title=title, content_type="", org=acme, by=alice)
    bring(promised.fields)
    file = finish(promised, acme, alice)

    shown = APIClient().get(services.file_url(file)).headers["Content-Disposition"]

    name = shown.removeprefix('attachment; filename="').removesuffix('"')
    assert not set(name) & set('/\\";')
    assert "/" not in file.object_key.removeprefix(f"files/note/{timezone.now():%Y/%m}/")
