from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.accounts import services
from server.apps.accounts.models import Account, ApiToken, Change, Operation, Org
from server.apps.accounts.services.cleaning import (
    GIVEN_UP_AFTER,
    KEEP_CHANGES,
    KEEP_ENDED_TOKENS,
    KEEP_OPERATIONS,
)

pytestmark = pytest.mark.integration

MOMENT = timedelta(minutes=1)


def test_a_token_that_ended_long_ago_is_forgotten_and_a_valid_one_is_not(alice: Account) -> None:
    services.create_api_token(user=alice)
    valid = ApiToken.objects.get()
    services.create_api_token(user=alice)
    ApiToken.objects.exclude(pk=valid.pk).update(revoked_on=timezone.now() - KEEP_ENDED_TOKENS - MOMENT)

    services.clean_accounts(now=timezone.now())

    assert list(ApiToken.objects.all()) == [valid]


def test_the_audit_trail_outlives_the_feed(acme: Org, alice: Account) -> None:
    Change.objects.all().delete()
    for audited in (True, False):
        services.note_change(
            org=acme,
            kind="org",
            ref=acme.slug,
            verb=services.Verb.CHANGED,
            event="test",
            by=alice,
            audited=audited,
        )
    Change.objects.update(at=timezone.now() - KEEP_CHANGES - MOMENT)

    services.clean_accounts(now=timezone.now())

    assert [change.audited for change in Change.objects.all()] == [True]


def test_an_operation_that_never_finished_is_given_up_before_it_is_forgotten(acme: Org) -> None:
    Operation.objects.create(kind="test", org=acme, target="x")
    Operation.objects.update(created_on=timezone.now() - GIVEN_UP_AFTER - MOMENT)

    services.clean_accounts(now=timezone.now())

    assert Operation.objects.get().state == Operation.State.FAILED


def test_a_finished_operation_is_forgotten_after_a_while(acme: Org) -> None:
    young = Operation.objects.create(kind="test", org=acme, target="x", finished_on=timezone.now())
    old = timezone.now() - KEEP_OPERATIONS - MOMENT
    Operation.objects.create(kind="test", org=acme, target="x", finished_on=old)

    services.clean_accounts(now=timezone.now())

    assert list(Operation.objects.all()) == [young]
