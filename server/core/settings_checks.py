"""Settings that are fine one by one and not together. `manage.py` runs the check with each command,
and the web process before it serves."""

from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, run_checks
from django.core.exceptions import ImproperlyConfigured

_VARIABLES: Final = {
    "google": "SOCIAL_GOOGLE_ID",
    "github": "SOCIAL_GITHUB_ID",
    "openid_connect": "SOCIAL_OIDC_ID",
}


def check_sign_up(**_: Any) -> list[CheckMessage]:
    """An error where strangers can sign up: in production, or with a public address."""
    sites = [_VARIABLES[provider] for provider in settings.SOCIALACCOUNT_PROVIDERS]
    if not sites or settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
        return []
    is_public = settings.SETTINGS_MODULE.endswith(".production") or settings.PUBLIC is not None
    return [
        (Error if is_public else Warning)(
            f"SIGNUP_CONFIRM_EMAIL is false while {' and '.join(sites)} "
            f"{'is' if len(sites) == 1 else 'are'} set: whoever signs up with the address of somebody else "
            "waits in the account that its owner gets by the other site.",
            hint=f"Set SIGNUP_CONFIRM_EMAIL=true, or remove {' and '.join(sites)}.",
            id="fieldline.E001" if is_public else "fieldline.W001",
        )
    ]


def require_safe_settings() -> None:
    """Raises ImproperlyConfigured, with a sentence for each error of this kind."""
    errors = [found for found in run_checks(tags=[Tags.security]) if found.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(str(error) for error in errors))
