"""Limits on guessing: tries of passwords and of second factors. Pages and the API share the
counters.

What strangers fail at does not lock out an address that the account signed in from lately: it has
counters of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import account_by_login
from server.core import credentials, limits
from server.core.durable import durable_cache
from server.lib.mailboxes import mailbox

ADDRESS_SCOPE: Final = "sign-in-address"
_LOGIN_SCOPE: Final = "sign-in"
_FAILURE_SCOPE: Final = "sign-in-login"
_SECOND_FACTOR_SCOPE: Final = "second-factor"
_KNOWN_FOR: Final = timedelta(days=30)


@dataclass
class Try:
    failed: bool = True


@contextmanager
def password_try(*, login: str, address: str) -> Iterator[Try]:
    """Counts as a failure unless `failed` is set to False inside. Raises LimitReached.

    By the account, whichever of its names is typed. Successes do not count against the account: a
    hundred gateways with one account can all sign in after a power cut.
    """
    account = account_by_login(login)
    who = _ref(account) if account is not None else credentials.digest(mailbox(login))
    limits.count(_LOGIN_SCOPE, f"{who} {address}")
    with _failure_counted(_FAILURE_SCOPE, _counted_for(account, address) or who) as this:
        yield this


@contextmanager
def second_factor_try(*, account: Account, address: str) -> Iterator[Try]:
    """The same for a code."""
    with _failure_counted(_SECOND_FACTOR_SCOPE, _counted_for(account, address)) as this:
        yield this


@contextmanager
def _failure_counted(scope: str, who: str) -> Iterator[Try]:
    # Counted before the try: a hundred tries at the same moment are a hundred.
    limits.count(scope, who)
    this = Try()
    yield this
    if not this.failed:
        limits.uncount(scope, who)


def remember_address(*, account: Account, address: str) -> None:
    """Called when somebody has signed in completely."""
    durable_cache.set(_known_key(account, address), True, timeout=_KNOWN_FOR.total_seconds())


def use_code_once(*, account: Account, code: str, seconds: float) -> bool:
    """Returns False for a code that was used in this time."""
    return bool(durable_cache.add(f"used code {account.pk} {code}", True, timeout=seconds))


def _counted_for(account: Account | None, address: str) -> str:
    """Returns whose failures a try from this address counts among; "" for no account."""
    if account is None:
        return ""
    known = durable_cache.get(_known_key(account, address))
    return f"{_ref(account)} {address}" if known else _ref(account)


def _ref(account: Account) -> str:
    return f"account {account.pk}"


def _known_key(account: Account, address: str) -> str:
    """With another password no address is known any more: the former one may have been in wrong
    hands."""
    return f"known address {account.pk} {account.credentials_version} {address}"
