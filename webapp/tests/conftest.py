from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.tests.factories import make_account


@pytest.fixture
def as_alice(alice: Account) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_charlie(charlie: Account) -> Client:
    return signed_in(charlie)


@pytest.fixture
def staff(db: None) -> Account:
    """Sara runs the installation and is in no organisation."""
    return make_account(username="sara", is_staff=True)


@pytest.fixture
def as_staff(staff: Account) -> Client:
    return signed_in(staff)


def signed_in(user: Account) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def berlin() -> Iterator[None]:
    """Activates a time zone, as the middleware does."""
    with timezone.override("Europe/Berlin"):
        yield
