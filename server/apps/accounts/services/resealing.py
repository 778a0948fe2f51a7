"""Secrets of second factors, sealed again after a change of SEAL_KEY."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from server.core import credentials
from server.core.errors import Unavailable


def reseal_second_factors() -> tuple[int, int]:
    """Returns how many were sealed again, and how many could not be opened."""
    done = failed = 0
    for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if factor is None:
                continue
            try:
                factor.data = {name: _resealed(name, value) for name, value in factor.data.items()}
            except Unavailable:
                failed += 1
                continue
            factor.save(update_fields=["data"])
        done += 1
    return done, failed


def _resealed(name: str, value: Any) -> Any:
    """By the names that allauth gives to what it has us seal."""
    if name in {"secret", "seed"}:
        return credentials.reseal(value.encode()).decode()
    if name == "migrated_codes":
        return [credentials.reseal(code.encode()).decode() for code in value]
    return value
