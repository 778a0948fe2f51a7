"""Signing in with another site to an account whose address nobody had confirmed."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from django.test import Client, RequestFactory

from server.apps.accounts.adapter import SocialAdapter
from server.apps.accounts.selectors.accounts import bearer_of_jwt, valid_api_token
from server.apps.accounts.services.accounts import create_account
from server.apps.accounts.services.signing import create_api_token, issue_jwt

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.mark.parametrize("confirmed", [False, True])
def test_credentials_that_a_stranger_made_end_when_the_owner_of_the_address_comes(confirmed: bool) -> None:
    user = create_account(email="dora@example.com", password="a long pass phrase", confirmed=confirmed)
    token, jwt = create_api_token(user=user), issue_jwt(user=user)
    login = SocialLogin(user=user)
    login._did_authenticate_by_email = "dora@example.com"

    SocialAdapter().pre_social_login(RequestFactory().get("/"), login)

    user.refresh_from_db()
    assert EmailAddress.objects.get(user=user).verified is confirmed
    assert user.has_usable_password() is confirmed
    assert (valid_api_token(token) is not None) is confirmed
    assert (bearer_of_jwt(jwt)[0] is not None) is confirmed


@pytest.mark.parametrize("path", ["google/login/", "google/login/callback/", "github/login/callback/?code=x"])
def test_the_pages_of_a_site_that_is_not_configured_do_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}").status_code == 404
