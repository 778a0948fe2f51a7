from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from server.apps.accounts.models import Account


@pytest.fixture
def as_alice(alice: Account) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_charlie(charlie: Account) -> Client:
    return signed_in(charlie)


def signed_in(user: Account) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def berlin() -> Iterator[None]:
    """The time zone that the middleware would set."""
    with timezone.override("Europe/Berlin"):
        yield
