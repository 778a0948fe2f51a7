"""One mailbox, one user name and one password, however they are spelled."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from server.apps.accounts.models import Account, Invitation, Org, OrgDomain, OrgMembership, Role
from server.apps.accounts.selectors.accounts import account_by_login
from server.apps.accounts.services.accounts import create_account
from server.apps.accounts.services.invitations import invite, may_sign_up_with
from server.apps.accounts.services.memberships import join_by_domain
from server.apps.accounts.services.orgs import add_domain, verify_domain
from server.apps.accounts.services.people import set_password, sign_up
from server.apps.accounts.services.signing import account_with_password
from server.apps.accounts.services.tries import password_try
from server.apps.accounts.tests.factories import PASSWORD, make_account
from server.core.errors import Conflict, Invalid, LimitReached
from server.core.mail.limits import count_mail
from server.core.mail.models import CausedMail

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

TYPED, STORED = "info@dömäin.example", "info@xn--dmin-moa0i.example"
COMPOSED, DECOMPOSED = "cr\u00e8me br\u00fbl\u00e9e forever", "cre\u0300me bru\u0302le\u0301e forever"


@pytest.fixture
def dora(db: None) -> Account:
    return create_account(email=TYPED, username="dora", password=PASSWORD)


def test_an_address_is_stored_with_its_domain_in_ascii(dora: Account) -> None:
    assert dora.email == STORED
    assert EmailAddress.objects.get(user=dora).email == STORED


@pytest.mark.parametrize("email", [TYPED, STORED, "INFO@DÖMÄIN.example"])
def test_a_mailbox_has_one_account(dora: Account, email: str) -> None:
    with pytest.raises(Conflict):
        create_account(email=email)


@pytest.mark.parametrize("email", [TYPED, STORED])
def test_signing_up_again_with_a_mailbox_makes_no_account(
    dora: Account, email: str, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = True

    assert sign_up(email=email, password="another long pass phrase") is None


def test_signing_up_on_the_page_again_makes_no_account(
    dora: Account, client: Client, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = True

    client.post(
        reverse("account_signup"),
        {"email": TYPED, "password1": "another long phrase", "password2": "another long phrase"},
    )

    assert Account.objects.count() == 1


def test_a_domain_that_is_none_is_no_address() -> None:
    with pytest.raises(Invalid) as refused:
        create_account(email="info@-ö-.example")

    assert refused.value.field == "email"


@pytest.mark.parametrize("login", [TYPED, STORED, "dora", "DORA"])
def test_each_spelling_signs_in(dora: Account, login: str) -> None:
    assert account_with_password(login=login, password=PASSWORD) == dora


@pytest.mark.parametrize("login", [TYPED, STORED])
def test_each_spelling_signs_in_on_the_page(dora: Account, client: Client, login: str) -> None:
    client.post(reverse("account_login"), {"login": login, "password": PASSWORD})

    assert client.get("/profile/").status_code == 200


def test_a_reset_is_mailed_for_each_spelling(dora: Account, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": TYPED})

    assert not mail.outbox  # the worker sends it
    assert account_by_login(TYPED) == dora


def test_tries_for_an_unknown_mailbox_are_counted_together(settings: Settings, db: None) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "sign-in": "1/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}

    with password_try(login=TYPED, address="192.0.2.7"):
        pass

    with pytest.raises(LimitReached), password_try(login=STORED, address="192.0.2.7"):
        pass


def test_an_invitation_is_for_the_mailbox(alice: Account, acme: Org) -> None:
    first = invite(org=acme, email=TYPED, role=Role.MEMBER, by=alice)
    second = invite(org=acme, email=STORED, role=Role.MEMBER, by=alice)

    assert first.pk == second.pk
    assert Invitation.objects.get().email == STORED


def test_an_invitation_lets_its_mailbox_sign_up(alice: Account, acme: Org) -> None:
    invite(org=acme, email=TYPED, role=Role.MEMBER, by=alice)

    assert not may_sign_up_with("not the secret", TYPED)
    assert Invitation.objects.filter(email=STORED).exists()


def test_mails_to_a_mailbox_are_counted_together(acme: Org) -> None:
    for each in (TYPED, STORED):
        count_mail(kind="invitation", org_id=acme.pk, to=each)

    assert CausedMail.objects.values("target").distinct().count() == 1


@pytest.mark.parametrize("name", ["dömäin.example", "xn--dmin-moa0i.example", "@Dömäin.Example"])
def test_people_join_by_a_domain_in_each_spelling(
    dora: Account, acme: Org, alice: Account, name: str
) -> None:
    domain = add_domain(org=acme, name=name, default_role=Role.OPERATOR, by=alice)
    verify_domain(domain=domain, verified=True, by=alice)

    join_by_domain(user=dora)

    assert OrgMembership.objects.filter(org=acme, user=dora).exists()


def test_a_domain_is_one_in_each_spelling(acme: Org, alice: Account) -> None:
    add_domain(org=acme, name="dömäin.example", default_role=Role.OPERATOR, by=alice)

    with pytest.raises(Conflict):
        add_domain(org=acme, name="xn--dmin-moa0i.example", default_role=Role.OPERATOR, by=alice)
    assert OrgDomain.objects.get().name == "xn--dmin-moa0i.example"


def test_the_database_itself_refuses_a_user_name_in_another_case(alice: Account, charlie: Account) -> None:
    with pytest.raises(IntegrityError, match="any_case"):
        Account.objects.filter(pk=charlie.pk).update(username="ALICE")


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_is_one_on_every_keyboard(alice: Account, chosen: str, typed: str) -> None:
    set_password(user=alice, current=PASSWORD, new=chosen)

    assert account_with_password(login="alice", password=typed) == alice
    assert account_with_password(login="alice", password=chosen) == alice


@pytest.mark.parametrize("chosen", [COMPOSED, DECOMPOSED])
def test_a_password_that_was_hashed_as_typed_still_signs_in(alice: Account, chosen: str) -> None:
    Account.objects.filter(pk=alice.pk).update(password=make_password(chosen))

    assert account_with_password(login="alice", password=chosen) == alice


def test_a_password_on_the_page_is_one_on_every_keyboard(alice: Account, client: Client) -> None:
    set_password(user=alice, current=PASSWORD, new=COMPOSED)

    client.post(reverse("account_login"), {"login": "alice@example.com", "password": DECOMPOSED})

    assert client.get("/profile/").status_code == 200


def test_what_is_short_without_its_decoration_is_too_short(alice: Account) -> None:
    with pytest.raises(Invalid):
        set_password(user=alice, current=PASSWORD, new="e\u0301e\u0300" * 3)  # twelve characters, six letters


def test_former_spellings_become_one(alice: Account, charlie: Account) -> None:
    migration = import_module("server.apps.accounts.migrations.0006_names_and_addresses_in_one_form")
    Account.objects.filter(pk=alice.pk).update(email=TYPED)
    Account.objects.filter(pk=charlie.pk).update(email="info@dömain.example")
    create_account(email="info@dömain.example", username="dora")

    migration.spell_addresses(apps, None)

    assert Account.objects.get(pk=alice.pk).email == STORED
    assert Account.objects.get(pk=charlie.pk).email == "info@dömain.example"  # Dora has its form


def test_former_user_names_that_differ_in_case_only_get_a_number(alice: Account, charlie: Account) -> None:
    migration = import_module("server.apps.accounts.migrations.0006_names_and_addresses_in_one_form")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX user_name_is_unique_in_any_case")
        cursor.execute("UPDATE accounts_account SET username = 'ALICE' WHERE id = %s", [charlie.pk])
        cursor.execute(migration.NUMBER_NAMES)

    assert Account.objects.get(pk=alice.pk).username == "alice"
    assert Account.objects.get(pk=charlie.pk).username == f"ALICE-{charlie.pk}"


def test_a_user_name_that_is_taken_in_another_case_gets_a_number(alice: Account) -> None:
    assert make_account(username="ALICE2").username == "ALICE2"
    assert create_account(email="x@example.com", username="Alice").username == "Alice-2"
