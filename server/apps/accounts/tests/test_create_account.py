"""Use case: creating an account."""

import pytest
from django.db import IntegrityError

from server.apps.accounts.models import Account
from server.apps.accounts.services.accounts import create_account
from server.core.errors import Conflict, Invalid

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

PASSWORD = "seven purple kettles"


def test_a_new_account_signs_in_with_its_password() -> None:
    account = create_account(email="dora@example.com", password=PASSWORD)

    assert Account.objects.get(pk=account.pk).check_password(PASSWORD)


def test_an_account_without_a_password_lets_nobody_in() -> None:
    account = create_account(email="dora@example.com")

    assert not account.has_usable_password()
    assert not account.check_password("")


def test_username_and_slug_come_from_the_address() -> None:
    account = create_account(email="dora.smith@example.com")

    assert (account.username, account.slug, account.ref) == ("dora.smith", "dorasmith", "@dorasmith")


def test_the_address_is_kept_in_lower_case() -> None:
    assert create_account(email="Dora@Example.COM").email == "dora@example.com"


@pytest.mark.parametrize("password", ["short", "password1234", "dora@example.com"])
def test_a_weak_password_is_refused_and_nothing_is_kept(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_account(email="dora@example.com", password=password)

    assert refused.value.field == "password"
    assert not Account.objects.exists()


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@EXAMPLE.COM", "Alice@example.com"])
def test_an_address_is_taken_in_any_case(alice: Account, email: str) -> None:
    with pytest.raises(Conflict) as refused:
        create_account(email=email, username="somebody-else")

    assert refused.value.field == "email"
    assert Account.objects.count() == 1


def test_the_database_itself_refuses_an_address_in_another_case(alice: Account) -> None:
    other = create_account(email="other@example.com")

    with pytest.raises(IntegrityError, match="any_case"):
        Account.objects.filter(pk=other.pk).update(email="ALICE@example.com")


def test_a_taken_username_gets_a_number() -> None:
    first, second, third = (create_account(email=f"dora@{n}.example.com") for n in range(3))

    assert [a.username for a in (first, second, third)] == ["dora", "dora-2", "dora-3"]
    assert [a.slug for a in (first, second, third)] == ["dora", "dora-2", "dora-3"]


def test_a_username_is_taken_in_any_case() -> None:
    create_account(email="a@example.com", username="Dora")

    assert create_account(email="b@example.com", username="dora").username == "dora-2"


def test_different_usernames_with_the_same_slug_get_different_slugs() -> None:
    first = create_account(email="a@example.com", username="dora.smith")
    second = create_account(email="b@example.com", username="dorasmith")

    assert (first.username, second.username) == ("dora.smith", "dorasmith")
    assert (first.slug, second.slug) == ("dorasmith", "dorasmith-2")


def test_a_username_without_latin_letters_has_a_slug_all_the_same() -> None:
    first = create_account(email="a@example.com", username="水")
    second = create_account(email="b@example.com", username="火")

    assert (first.slug, second.slug) == ("user", "user-2")


def test_a_very_long_username_fits() -> None:
    first = create_account(email=f"{'x' * 60}@example.com")
    second = create_account(email=f"{'x' * 60}@2.example.com")

    assert len(first.username) <= 40
    assert first.username != second.username


def test_nobody_is_staff_by_default() -> None:
    assert not create_account(email="a@example.com").is_staff
    assert create_account(email="b@example.com", is_staff=True).is_staff


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@example.com", "a da@example.com"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as error:
        create_account(email=email)

    assert error.value.field == "email"
