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
