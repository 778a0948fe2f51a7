from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account, ApiToken
from server.apps.accounts.services.cleaning import KEEP_ENDED_TOKENS, clean_accounts
from server.apps.accounts.services.signing import create_api_token

pytestmark = pytest.mark.integration

MOMENT = timedelta(minutes=1)


def test_a_token_that_ended_long_ago_is_forgotten_and_a_valid_one_is_not(alice: Account) -> None:
    create_api_token(user=alice)
    valid = ApiToken.objects.get()
    create_api_token(user=alice)
    ApiToken.objects.exclude(pk=valid.pk).update(revoked_on=timezone.now() - KEEP_ENDED_TOKENS - MOMENT)

    clean_accounts(now=timezone.now())

    assert list(ApiToken.objects.all()) == [valid]
