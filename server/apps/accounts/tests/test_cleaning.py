from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account, ApiToken
from server.apps.accounts.services.cleaning import KEEP_ENDED_TOKENS, clean_accounts
from server.apps.accounts.services.signing import create_api_token
from server.core.sessions import BrowserSession

pytestmark = pytest.mark.integration

MOMENT = timedelta(minutes=1)


def test_a_token_that_ended_long_ago_is_forgotten_and_a_valid_one_is_not(alice: Account) -> None:
    create_api_token(user=alice)
    valid = ApiToken.objects.get()
    create_api_token(user=alice)
    ApiToken.objects.exclude(pk=valid.pk).update(revoked_on=timezone.now() - KEEP_ENDED_TOKENS - MOMENT)

    clean_accounts(now=timezone.now())

    assert list(ApiToken.objects.all()) == [valid]


def test_sessions_that_ended_are_forgotten_and_the_others_are_not(alice: Account) -> None:
    now = timezone.now()
    for key, ends in (("past", now - MOMENT), ("live", now + MOMENT)):
        BrowserSession.objects.create(session_key=key, session_data="", expire_date=ends)

    clean_accounts(now=now)

    assert BrowserSession.objects.get().session_key == "live"
