"""Tokens of the API: hashed at rest, expiring, revocable, their last use recorded."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from server.apps.accounts.models import Account, ApiToken
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.signing import create_api_token, revoke_api_token, revoke_credentials

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_a_token_names_its_bearer(alice: Account) -> None:
    token = create_api_token(user=alice)

    assert authenticate_api_token(token) == alice


def test_a_token_is_forty_hex_digits_as_the_clients_expect(alice: Account) -> None:
    token = create_api_token(user=alice)

    assert len(token) == 40
    int(token, 16)


def test_the_token_itself_is_nowhere_kept(alice: Account) -> None:
    token = create_api_token(user=alice)

    row = ApiToken.objects.filter(user=alice).values().get()
    assert token not in str(row)


def test_what_is_kept_does_not_work_as_a_token(alice: Account) -> None:
    create_api_token(user=alice)

    assert authenticate_api_token(ApiToken.objects.get().digest) is None


@pytest.mark.parametrize("garbage", ["", "0" * 40, "not a token", "ü", "\x00"])
def test_garbage_is_nobodys(alice: Account, garbage: str) -> None:
    create_api_token(user=alice)

    assert authenticate_api_token(garbage) is None


def test_a_token_expires(alice: Account, settings: Settings) -> None:
    settings.API_TOKEN_LIFETIME_DAYS = 10
    now = timezone.now()
    young = create_api_token(user=alice, now=now - timedelta(days=10) + timedelta(minutes=1))
    old = create_api_token(user=alice, now=now - timedelta(days=10, minutes=1))

    assert authenticate_api_token(young) == alice
    assert authenticate_api_token(old) is None


def test_a_revoked_token_stops_and_the_others_go_on(alice: Account) -> None:
    lost, kept = create_api_token(user=alice), create_api_token(user=alice)

    revoke_api_token(token=lost)

    assert authenticate_api_token(lost) is None
    assert authenticate_api_token(kept) == alice


def test_revoking_again_keeps_the_first_date(alice: Account) -> None:
    token = create_api_token(user=alice)
    revoke_api_token(token=token)
    first = ApiToken.objects.get().revoked_on

    revoke_api_token(token=token)

    assert ApiToken.objects.get().revoked_on == first


def test_revoking_all_credentials_stops_ones_own_tokens_only(alice: Account, bob: Account) -> None:
    of_alice, of_bob = create_api_token(user=alice), create_api_token(user=bob)

    revoke_credentials(user=alice)

    assert authenticate_api_token(of_alice) is None
    assert authenticate_api_token(of_bob) == bob


def test_an_inactive_account_bears_nothing(alice: Account) -> None:
    token = create_api_token(user=alice)
    Account.objects.filter(pk=alice.pk).update(is_active=False)

    assert authenticate_api_token(token) is None


def test_the_last_use_is_recorded(alice: Account) -> None:
    token = create_api_token(user=alice)
    before = timezone.now()

    authenticate_api_token(token)

    used_on = ApiToken.objects.get().last_used_on
    assert used_on is not None
    assert before <= used_on <= timezone.now()


def test_a_use_soon_after_is_not_written_again(
    alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = create_api_token(user=alice)
    authenticate_api_token(token)

    with django_assert_num_queries(1):
        authenticate_api_token(token)


def test_a_use_long_after_is_written(alice: Account) -> None:
    token = create_api_token(user=alice)
    long_ago = timezone.now() - timedelta(hours=1)
    ApiToken.objects.update(last_used_on=long_ago)

    authenticate_api_token(token)

    used_on = ApiToken.objects.get().last_used_on
    assert used_on is not None
    assert used_on > long_ago
