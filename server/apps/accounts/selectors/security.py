"""Second factors, tokens and sessions of an account."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, ApiToken
from server.core.sessions import BrowserSession


@dataclass(frozen=True, slots=True)
class SecondFactors:
    has_app: bool
    passkeys: list[Authenticator]
    recovery_codes: int | None
    """Unused ones; None before any are generated."""

    @property
    def any(self) -> bool:
        return self.has_app or bool(self.passkeys)


def second_factors_of(user: Account) -> SecondFactors:
    by_type: dict[str, list[Authenticator]] = {}
    for factor in Authenticator.objects.filter(user=user).order_by("created_at"):
        by_type.setdefault(factor.type, []).append(factor)
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES, [])
    return SecondFactors(
        has_app=Authenticator.Type.TOTP in by_type,
        passkeys=by_type.get(Authenticator.Type.WEBAUTHN, []),
        recovery_codes=len(codes[0].wrap().get_unused_codes()) if codes else None,
    )


def live_tokens_of(user: Account) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user, revoked_on=None, expires_on__gt=timezone.now())


def sessions_of(user: Account) -> QuerySet[BrowserSession]:
    """Those with which the person is signed in, the last used first."""
    live = BrowserSession.objects.filter(account_id=user.pk, expire_date__gt=timezone.now())
    return live.order_by("-last_seen_on", "session_key")
