"""Valid accounts and organisations; a test names only what matters to it."""

import itertools

from server.apps.accounts.models import Account, Org
from server.apps.accounts.services.accounts import create_account, create_org

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_account(*, username: str = "", is_staff: bool = False) -> Account:
    username = username or f"person{next(_numbers)}"
    return create_account(
        username=username, email=f"{username}@example.com", password=PASSWORD, is_staff=is_staff
    )


def make_org(*, name: str = "", owner: Account | None = None) -> Org:
    return create_org(name=name or f"Organisation {next(_numbers)}", by=owner or make_account())
