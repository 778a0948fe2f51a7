"""A double click on the form to sign up."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_a_double_click_on_sign_up_makes_one_account(db: None, settings: Settings) -> None:
    settings.SIGNUP_OPEN = True
    form = {
        "email": "dora@example.com",
        "password1": "quite another horse",
        "password2": "quite another horse",
    }

    answers = at_once(*[lambda: Client().post(reverse("account_signup"), form)] * 4)

    assert [answer.status_code for answer in answers] == [302] * 4
    assert Account.objects.filter(email="dora@example.com").count() == 1
