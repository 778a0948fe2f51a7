"""What properties, configuration and places are about, as far as this app has to know."""

from typing import Protocol

from server.apps.accounts.models import Account, Org


class Targeted(Protocol):
    """`streams` has one for each kind of target; it went through the gate."""

    @property
    def slug(self) -> str: ...

    @property
    def org(self) -> Org: ...

    def require(self, by: Account, permission: str) -> None:
        """Raises Forbidden."""
