from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from server.apps.files import services
from server.apps.files.models import StoredFile
from server.apps.files.services import PENDING_UPLOAD_LIFETIME
from server.core.identified import Identified

pytestmark = pytest.mark.integration

MOMENT = timedelta(minutes=1)


def test_a_file_that_never_came_is_forgotten(acme: Identified[UUID]) -> None:
    promised = StoredFile.objects.create(org_id=acme.id, kind="note", title="a.txt", object_key="file/a")
    there = StoredFile.objects.create(
        org_id=acme.id, kind="note", title="b.txt", object_key="file/b", uploaded_on=timezone.now()
    )
    StoredFile.objects.update(created_on=timezone.now() - PENDING_UPLOAD_LIFETIME - MOMENT)

    services.clean_files(now=timezone.now())

    assert list(StoredFile.objects.all()) == [there]
    assert promised.uploaded_on is None
