from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from server.apps.activity.models import Change, Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.cleaning import (
    GIVEN_UP_AFTER,
    KEEP_CHANGES,
    KEEP_OPERATIONS,
    clean_activity,
)
from server.core.identified import Identified

pytestmark = pytest.mark.integration

MOMENT = timedelta(minutes=1)


def test_the_audit_trail_outlives_the_feed(acme: Identified[UUID], alice: Identified[int]) -> None:
    Change.objects.all().delete()
    for audited in (True, False):
        record_change(
            org=acme,
            kind="org",
            ref="acme",
            verb=Verb.CHANGED,
            event="test",
            by=alice,
            audited=audited,
        )
    Change.objects.update(at=timezone.now() - KEEP_CHANGES - MOMENT)

    clean_activity(now=timezone.now())

    assert [change.audited for change in Change.objects.all()] == [True]


def test_an_operation_that_never_finished_is_given_up_before_it_is_forgotten(acme: Identified[UUID]) -> None:
    Operation.objects.create(kind="test", org_id=acme.id, target="x")
    Operation.objects.update(created_on=timezone.now() - GIVEN_UP_AFTER - MOMENT)

    clean_activity(now=timezone.now())

    assert Operation.objects.get().state == Operation.State.FAILED


def test_a_finished_operation_is_forgotten_after_a_while(acme: Identified[UUID]) -> None:
    young = Operation.objects.create(kind="test", org_id=acme.id, target="x", finished_on=timezone.now())
    old = timezone.now() - KEEP_OPERATIONS - MOMENT
    Operation.objects.create(kind="test", org_id=acme.id, target="x", finished_on=old)

    clean_activity(now=timezone.now())

    assert list(Operation.objects.all()) == [young]
