"""Social sign-in: the sites whose client id and secret are in the environment."""

from typing import Any, Final

from server.config.settings import environment as env

_KNOWN: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "google": ("SOCIAL_GOOGLE", "Google", {"SCOPE": ["profile", "email"], "OAUTH_PKCE_ENABLED": True}),
    "github": ("SOCIAL_GITHUB", "GitHub", {"SCOPE": ["user:email"]}),
}


def providers() -> dict[str, dict[str, Any]]:
    """Returns allauth's `SOCIALACCOUNT_PROVIDERS`."""
    found: dict[str, dict[str, Any]] = {
        provider: {**options, "APPS": [{"name": name, **_secrets(prefix)}]}
        for provider, (prefix, name, options) in _KNOWN.items()
        if env.text(f"{prefix}_ID", "")
    }
    if env.text("SOCIAL_OIDC_ID", ""):
        found["openid_connect"] = {"OAUTH_PKCE_ENABLED": True, "APPS": [_openid_connect()]}
    return found


def _secrets(prefix: str) -> dict[str, str]:
    return {"client_id": env.text(f"{prefix}_ID"), "secret": env.text(f"{prefix}_SECRET")}


def _openid_connect() -> dict[str, Any]:
    return {
        "provider_id": "oidc",
        "name": env.text("SOCIAL_OIDC_NAME", "Single sign-on"),
        **_secrets("SOCIAL_OIDC"),
        "settings": {"server_url": env.text("SOCIAL_OIDC_URL")},
    }
