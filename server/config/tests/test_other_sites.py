"""Signing in with another site: offered when it is configured, and only then."""

from typing import Any

import pytest
from allauth.core import context as allauth_context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.config.settings.social import providers

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SITES = {
    "SOCIAL_GOOGLE_ID": "g-id",
    "SOCIAL_GOOGLE_SECRET": "g-secret",
    "SOCIAL_GITHUB_ID": "h-id",
    "SOCIAL_GITHUB_SECRET": "h-secret",
    "SOCIAL_OIDC_ID": "o-id",
    "SOCIAL_OIDC_SECRET": "o-secret",
    "SOCIAL_OIDC_NAME": "Waterworks",
    "SOCIAL_OIDC_URL": "https://login.example.com",
}


@pytest.fixture
def sites(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SITES.items():
        monkeypatch.setenv(name, value)
    settings.SOCIALACCOUNT_PROVIDERS = providers()


def test_the_environment_names_the_sites(sites: None) -> None:
    found = providers()

    assert sorted(found) == ["github", "google", "openid_connect"]
    assert found["google"]["APPS"] == [{"name": "Google", "client_id": "g-id", "secret": "g-secret"}]
    assert found["openid_connect"]["APPS"][0]["settings"] == {"server_url": "https://login.example.com"}


def test_without_any_the_page_offers_none(client: Client) -> None:
    page = client.get("/account/login/").content.decode()

    assert "Continue with" not in page


def test_the_page_offers_those_that_there_are(client: Client, sites: None) -> None:
    page = client.get("/account/login/").content.decode()

    assert [name for name in ("Google", "GitHub", "Waterworks") if f"Continue with {name}" in page] == [
        "Google",
        "GitHub",
        "Waterworks",
    ]


def test_the_way_to_another_site_is_a_page_and_no_redirect(client: Client, sites: None) -> None:
    """A form of ours may lead nowhere else, by the Content-Security-Policy."""
    answer = client.post("/account/github/login/")

    assert answer.status_code == 200
    assert "Continue to github.com" in answer.content.decode()
    assert 'content="0;url=https://github.com/login/oauth/authorize?' in answer.content.decode()


def test_to_ask_by_get_does_not_leave(client: Client, sites: None) -> None:
    assert "Continue with GitHub?" in client.get("/account/github/login/").content.decode()


def come_back(email: str, *, verified: bool = True) -> tuple[HttpResponse, Any]:
    """Acts as if a person had signed in at GitHub."""
    request = RequestFactory().get("/account/github/login/callback/")
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    MessageMiddleware(lambda _: HttpResponse()).process_request(request)
    request.user = AnonymousUser()
    with allauth_context.request_context(request):
        profile = {
            "id": 42,
            "login": "octo",
            "email": email,
            "emails": [{"email": email, "verified": verified, "primary": True}],
        }
        login = get_adapter().get_provider(request, "github").sociallogin_from_response(request, profile)
        login.state = {}
        return complete_login(request, login), request


def test_a_confirmed_address_signs_in_to_its_account(alice: Account, sites: None) -> None:
    _, request = come_back("alice@example.com")

    assert request.user == alice
    assert SocialAccount.objects.get().user == alice


def test_an_address_that_the_other_site_did_not_confirm_signs_in_to_nothing(
    alice: Account, sites: None, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = True

    _, request = come_back("alice@example.com", verified=False)

    assert not request.user.is_authenticated
    assert not SocialAccount.objects.exists()


def test_somebody_new_gets_no_account_while_sign_up_is_closed(sites: None) -> None:
    answer, _ = come_back("dora@example.com")

    assert "Sign-up is closed" in answer.content.decode()
    assert not Account.objects.exists()


def test_somebody_new_gets_an_account_when_sign_up_is_open(sites: None, settings: Settings) -> None:
    settings.SIGNUP_OPEN = True

    _, request = come_back("dora@example.com")

    assert request.user.slug == "octo"
    assert not request.user.has_usable_password()
