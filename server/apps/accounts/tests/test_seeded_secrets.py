"""Nobody can sign in with what every installation has."""

import uuid
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt, jwt_key
from server.apps.accounts.services.signing import issue_jwt

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def claims_of(account: Account) -> dict[str, object]:
    now = timezone.now()
    return {
        "user_id": account.pk,
        "ver": account.credentials_version,
        "exp": now + timedelta(days=1),
        "orig_iat": int(now.timestamp()),
        "jti": uuid.uuid4().hex,
    }


def test_weak_point_16_a_new_installation_has_no_account() -> None:
    assert not Account.objects.exists()


def test_weak_point_16_admin_with_the_password_admin_is_nobody() -> None:
    for field, url in (("email", "auth/login/"), ("username", "auth/api-jwt-auth/")):
        answer = APIClient().post(f"/api/v1/{url}", {field: "admin", "password": "admin"}, format="json")

        assert answer.status_code in {400, 401}


def test_weak_point_16_what_signs_sessions_signs_no_jwt(alice: Account) -> None:
    by_secret_key = jwt.encode(claims_of(alice), settings.SECRET_KEY, algorithm="HS256")
    by_its_own = jwt.encode(claims_of(alice), jwt_key(), algorithm="HS256")

    assert bearer_of_jwt(by_secret_key)[0] is None
    assert bearer_of_jwt(by_its_own)[0] == alice


def test_weak_point_16_a_jwt_without_signature_is_nobodys(alice: Account) -> None:
    unsigned = jwt.encode(claims_of(alice), "", algorithm="none")

    assert bearer_of_jwt(unsigned)[0] is None


def test_weak_point_16_an_account_that_is_closed_takes_its_jwt_along(alice: Account) -> None:
    token = issue_jwt(user=alice)

    Account.objects.filter(pk=alice.pk).update(is_active=False)

    assert bearer_of_jwt(token)[0] is None
