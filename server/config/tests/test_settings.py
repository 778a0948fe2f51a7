"""Settings that follow from the environment, each in a process of its own."""

import os
import subprocess
import sys

import pytest

from stack.checks import PRODUCTION_SETTINGS

READ_MAIL = "from django.conf import settings as s; print(s.EMAIL_USE_TLS, s.EMAIL_USE_SSL, s.EMAIL_TIMEOUT)"


def production(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"], **PRODUCTION_SETTINGS, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"EMAIL_HOST": "mail.example.com"}, "True False 10"),
        ({"EMAIL_HOST": "localhost"}, "False False 10"),
        ({"EMAIL_HOST": "mail.example.com", "EMAIL_USE_TLS": "false"}, "False False 10"),
        ({"EMAIL_HOST": "mail.example.com", "EMAIL_USE_SSL": "true"}, "False True 10"),
        ({"EMAIL_HOST": "mail.example.com", "EMAIL_TIMEOUT": "3"}, "True False 3"),
    ],
    ids=["far", "here", "plain", "ssl", "timeout"],
)
def test_mail_is_encrypted_unless_the_environment_says_otherwise(
    environment: dict[str, str], expected: str
) -> None:
    assert production(READ_MAIL, **environment) == expected


GOOGLE = {"SOCIAL_GOOGLE_ID": "an id", "SOCIAL_GOOGLE_SECRET": "a secret"}
UNCONFIRMED = {"SIGNUP_CONFIRM_EMAIL": "false"}
START_WEB = "import server.config.wsgi; print('started')"
RUN_CHECKS = "from django.core.management import execute_from_command_line as run; run(['manage', 'check'])"
EMBEDDED = {"DJANGO_SETTINGS_MODULE": "server.config.settings.embedded"}


def refusal(script: str, **environment: str) -> str:
    """Returns what a process writes that does not start."""
    with pytest.raises(subprocess.CalledProcessError) as refused:
        production(script, **environment)
    return str(refused.value.stderr)


@pytest.mark.parametrize("script", [START_WEB, RUN_CHECKS], ids=["web", "manage"])
@pytest.mark.parametrize(
    "shape", [{}, {**EMBEDDED, "PUBLIC_URL": "https://iot.example.com"}], ids=["production", "embedded"]
)
def test_other_sites_need_confirmed_addresses(script: str, shape: dict[str, str]) -> None:
    said = refusal(script, **GOOGLE, **UNCONFIRMED, **shape)

    assert "SIGNUP_CONFIRM_EMAIL is false while SOCIAL_GOOGLE_ID is set" in said


def test_each_site_is_named() -> None:
    github = {"SOCIAL_GITHUB_ID": "an id", "SOCIAL_GITHUB_SECRET": "a secret"}

    said = refusal(RUN_CHECKS, **GOOGLE, **github, **UNCONFIRMED)

    assert "remove SOCIAL_GOOGLE_ID and SOCIAL_GITHUB_ID" in said


@pytest.mark.parametrize(
    "environment",
    [GOOGLE, UNCONFIRMED, {**GOOGLE, **UNCONFIRMED, **EMBEDDED}],
    ids=["confirmed", "no site", "this machine alone"],
)
def test_what_hurts_nobody_starts(environment: dict[str, str]) -> None:
    assert production(START_WEB, **environment) == "started"
