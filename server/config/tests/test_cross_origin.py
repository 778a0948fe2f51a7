"""Pages of other origins call the API with a token; cookies never count for them."""

import os
import subprocess
import sys

import pytest
from django.test import Client
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ELSEWHERE = "https://somewhere.example"


@pytest.fixture
def client(alice: Account) -> APIClient:
    return api_client(alice)


def test_weak_point_15_another_origin_reads_with_a_token_and_never_with_a_cookie(client: APIClient) -> None:
    answer = client.get("/api/v1/device/", headers={"Origin": ELSEWHERE})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_preflight_needs_no_token() -> None:
    answer = Client().options(
        "/api/v1/device/claim/",
        headers={
            "Origin": ELSEWHERE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, x-otp",
        },
    )

    allowed = {name.strip() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert answer.status_code == 200
    assert {"authorization", "content-type", "idempotency-key", "x-otp"} <= allowed
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_the_session_of_a_person_writes_nothing_for_a_page_of_another_origin(alice: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    answer = browser.post("/api/v1/auth/logout/", headers={"Origin": ELSEWHERE})

    assert answer.status_code == 403


def test_a_page_of_ours_is_not_open_to_other_origins() -> None:
    answer = Client().get("/account/login/", headers={"Origin": ELSEWHERE})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_installation_can_narrow_the_origins() -> None:
    """In a process of its own: the settings configure logging for all that comes after."""
    script = "from server.config.settings import base; print(base.CORS_ALLOWED_ORIGINS, base.CORS_ALLOW_ALL_ORIGINS)"
    narrowed = {**os.environ, "CORS_ALLOWED_ORIGINS": "https://ours.example"}

    result = subprocess.run([sys.executable, "-c", script], env=narrowed, capture_output=True, check=True)

    assert result.stdout.decode() == "['https://ours.example'] False\n"
