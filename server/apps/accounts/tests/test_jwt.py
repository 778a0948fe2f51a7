"""JSON web tokens: their bearers, refreshing and revoking them."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from server.apps.accounts.adapter import AccountAdapter
from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt, jwt_key
from server.apps.accounts.services.signing import issue_jwt, refresh_jwt, revoke_credentials
from server.core.errors import Invalid

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

NOBODY = (None, None)


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, jwt_key(), algorithms=["HS256"])
    return claims


def test_a_token_names_its_bearer_and_when_they_signed_in(alice: Account) -> None:
    now = timezone.now().replace(microsecond=0)

    assert bearer_of_jwt(issue_jwt(user=alice, now=now)) == (alice, now)


def test_it_carries_the_claims_that_existing_clients_read(alice: Account) -> None:
    claims = claims_of(issue_jwt(user=alice))

    assert claims["user_id"] == alice.pk
    assert (claims["username"], claims["email"]) == ("alice", "alice@example.com")
    assert {"exp", "orig_iat"} <= claims.keys()


def test_no_two_tokens_are_the_same(alice: Account) -> None:
    now = timezone.now()

    assert issue_jwt(user=alice, now=now) != issue_jwt(user=alice, now=now)


def test_a_token_expires(alice: Account) -> None:
    lifetime = timedelta(days=settings.JWT_LIFETIME_DAYS)
    now = timezone.now()

    assert bearer_of_jwt(issue_jwt(user=alice, now=now - lifetime + timedelta(minutes=1)))[0] == alice
    assert bearer_of_jwt(issue_jwt(user=alice, now=now - lifetime - timedelta(minutes=1))) == NOBODY


@pytest.mark.parametrize("garbage", ["", ".", "..", "a.b.c", "not a token", "ü.ü.ü", "\x00", "e30.e30.e30"])
def test_garbage_is_nobodys(alice: Account, garbage: str) -> None:
    assert bearer_of_jwt(garbage) == NOBODY


def test_a_token_signed_with_the_sessions_key_is_nobodys(alice: Account) -> None:
    claims = claims_of(issue_jwt(user=alice))

    assert bearer_of_jwt(jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")) == NOBODY


def test_an_unsigned_token_is_nobodys(alice: Account) -> None:
    claims = claims_of(issue_jwt(user=alice))

    assert bearer_of_jwt(jwt.encode(claims, "", algorithm="none")) == NOBODY


def test_a_token_whose_contents_were_changed_is_nobodys(alice: Account, bob: Account) -> None:
    header, body, signature = issue_jwt(user=bob).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "user_id": alice.pk}).encode()).decode()

    assert bearer_of_jwt(f"{header}.{forged.rstrip('=')}.{signature}") == NOBODY


@pytest.mark.parametrize("claim", ["exp", "orig_iat", "ver", "user_id"])
def test_a_token_without_a_claim_is_nobodys(alice: Account, claim: str) -> None:
    claims = claims_of(issue_jwt(user=alice))
    del claims[claim]

    assert bearer_of_jwt(jwt.encode(claims, jwt_key(), algorithm="HS256")) == NOBODY


@pytest.mark.parametrize(
    ("claim", "value"),
    [("user_id", "alice"), ("user_id", None), ("ver", []), ("orig_iat", 10**30), ("orig_iat", "yesterday")],
)
def test_a_token_with_a_senseless_claim_is_nobodys(alice: Account, claim: str, value: object) -> None:
    claims = {**claims_of(issue_jwt(user=alice)), claim: value}

    assert bearer_of_jwt(jwt.encode(claims, jwt_key(), algorithm="HS256")) == NOBODY


def test_revoking_stops_all_of_a_persons_tokens_and_nobody_elses(alice: Account, bob: Account) -> None:
    first, second, of_bob = issue_jwt(user=alice), issue_jwt(user=alice), issue_jwt(user=bob)

    revoke_credentials(user=alice)

    assert [bearer_of_jwt(token) for token in (first, second)] == [NOBODY, NOBODY]
    assert bearer_of_jwt(of_bob)[0] == bob


def test_after_revoking_a_new_token_works(alice: Account) -> None:
    revoke_credentials(user=alice)

    assert bearer_of_jwt(issue_jwt(user=alice))[0] == alice


def test_what_was_revoked_stays_revoked_after_a_second_revocation(alice: Account) -> None:
    """Two requests that loaded the account before either revoked."""
    one, other = Account.objects.get(pk=alice.pk), Account.objects.get(pk=alice.pk)
    revoke_credentials(user=one)
    token = issue_jwt(user=Account.objects.get(pk=alice.pk))

    revoke_credentials(user=other)

    assert bearer_of_jwt(token) == NOBODY


def test_an_inactive_account_bears_nothing(alice: Account) -> None:
    token = issue_jwt(user=alice)
    Account.objects.filter(pk=alice.pk).update(is_active=False)

    assert bearer_of_jwt(token) == NOBODY


def test_finding_the_bearer_costs_one_query(
    alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = issue_jwt(user=alice)

    with django_assert_num_queries(1):
        bearer_of_jwt(token)


def test_a_refreshed_token_lives_longer_and_remembers_the_sign_in(alice: Account) -> None:
    signed_in_on = timezone.now().replace(microsecond=0) - timedelta(days=3)
    token = issue_jwt(user=alice, now=signed_in_on)

    refreshed = refresh_jwt(token=token)

    assert bearer_of_jwt(refreshed) == (alice, signed_in_on)
    assert expiry(refreshed) - expiry(token) >= timedelta(days=3) - timedelta(minutes=1)


def expiry(token: str) -> datetime:
    return datetime.fromtimestamp(int(str(claims_of(token)["exp"])), UTC)


def test_a_chain_of_refreshes_ends_at_the_window_after_the_sign_in(alice: Account) -> None:
    now = timezone.now()
    window = timedelta(days=settings.JWT_REFRESH_DAYS)
    inside = issue_jwt(user=alice, now=now, first_issued_on=now - window + timedelta(minutes=1))
    outside = issue_jwt(user=alice, now=now, first_issued_on=now - window - timedelta(minutes=1))

    assert bearer_of_jwt(refresh_jwt(token=inside))[0] == alice
    with pytest.raises(Invalid, match="too old"):
        refresh_jwt(token=outside)


def test_an_expired_token_cannot_be_refreshed(alice: Account) -> None:
    long_ago = timezone.now() - timedelta(days=settings.JWT_LIFETIME_DAYS, minutes=1)

    with pytest.raises(Invalid, match="expired"):
        refresh_jwt(token=issue_jwt(user=alice, now=long_ago))


def test_a_revoked_token_cannot_be_refreshed(alice: Account) -> None:
    token = issue_jwt(user=alice)
    revoke_credentials(user=alice)

    with pytest.raises(Invalid):
        refresh_jwt(token=token)


@pytest.mark.parametrize("garbage", ["", "a.b.c"])
def test_garbage_cannot_be_refreshed(garbage: str) -> None:
    with pytest.raises(Invalid):
        refresh_jwt(token=garbage)


def test_a_new_password_ends_the_tokens_of_the_old_one(alice: Account) -> None:
    token = issue_jwt(user=alice)

    AccountAdapter().set_password(alice, "a new and longer password")

    assert bearer_of_jwt(token) == (None, None)
    assert bearer_of_jwt(issue_jwt(user=alice))[0] == alice


def test_a_token_of_a_former_secret_key_is_valid_while_that_is_a_fallback(
    alice: Account, settings: Settings
) -> None:
    token = issue_jwt(user=alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key, which signs from now on"

    assert bearer_of_jwt(token)[0] == alice

    settings.SECRET_KEY_FALLBACKS = []
    assert bearer_of_jwt(token) == NOBODY
