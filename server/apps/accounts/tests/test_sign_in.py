"""Use cases: signing in to the API, and changing one's profile."""

import pytest

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.services.accounts import change_profile, create_account
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.signing import account_with_password, sign_in
from server.apps.accounts.tests.factories import PASSWORD
from server.core.errors import Invalid

HERE = "192.0.2.7"
pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.mark.parametrize("login", ["alice@example.com", "Alice@Example.COM", "alice"])
def test_address_and_username_are_both_good_for_signing_in(alice: Account, login: str) -> None:
    assert account_with_password(login=login, password=PASSWORD) == alice


def test_signing_in_gives_a_token_and_a_jwt_of_that_person(alice: Account) -> None:
    signed_in = sign_in(login="alice", password=PASSWORD, address=HERE)

    assert signed_in is not None
    assert signed_in.account == alice
    assert authenticate_api_token(signed_in.token) == alice
    assert bearer_of_jwt(signed_in.jwt)[0] == alice


@pytest.mark.parametrize(
    ("login", "password"),
    [("alice", "wrong"), ("alice", ""), ("nobody", PASSWORD), ("", ""), ("", PASSWORD), ("%", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_person_are_the_same_answer(
    alice: Account, login: str, password: str
) -> None:
    assert sign_in(login=login, password=password, address=HERE) is None


def test_an_inactive_account_does_not_sign_in(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(is_active=False)

    assert sign_in(login="alice", password=PASSWORD, address=HERE) is None


def test_an_account_without_a_password_does_not_sign_in() -> None:
    create_account(email="dora@example.com")

    assert sign_in(login="dora@example.com", password="", address=HERE) is None


def test_a_username_that_looks_like_an_address_takes_over_nobody(alice: Account) -> None:
    create_account(email="mallory@example.com", username="alice@example.com", password="mallory is here")

    assert account_with_password(login="alice@example.com", password=PASSWORD) == alice
    assert account_with_password(login="alice@example.com", password="mallory is here") is None


def test_a_username_that_looks_like_an_older_address_does_not_lock_its_owner_out() -> None:
    """A user name must not stand for the address of somebody who signed up later."""
    create_account(email="mallory@example.com", username="dora@example.com", password="mallory is here")
    dora = create_account(email="dora@example.com", password=PASSWORD)

    assert account_with_password(login="dora@example.com", password=PASSWORD) == dora


def test_name_and_time_zone_can_be_changed(alice: Account) -> None:
    change_profile(user=alice, name="Alice Smith", time_zone="Asia/Kathmandu")

    alice.refresh_from_db()
    assert (alice.name, alice.time_zone) == ("Alice Smith", "Asia/Kathmandu")


@pytest.mark.parametrize("time_zone", ["", "Mars/Olympus", "../etc/passwd", "europe/berlin"])
def test_a_time_zone_that_is_none_is_refused(alice: Account, time_zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        change_profile(user=alice, name="Alice", time_zone=time_zone)

    assert refused.value.field == "time_zone"
    alice.refresh_from_db()
    assert alice.time_zone == "UTC"
