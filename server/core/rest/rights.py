"""The words of the rights table: what a caller must be to do something with the API.

Each noun of the API has a table `rights.py`; `server.config.rights` joins them. The table documents the API and a test walks it with
every role; what really decides are the gates and permission checks of the selectors and services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Right:
    """`needs` is a permission of the role matrix, or one of the words below. `hidden`: who lacks it gets 404, not 403."""

    needs: str
    scope: str = ""
    """An org API key with this scope may do it too."""
    device: bool = False
    """A device (with its key or token) may do it too, on itself."""
    hidden: bool = False
    seen_with: str = ""
    """A permission without which the object is not there (404) for a member."""
    staff: bool = True
    """Staff that asks with `?staff=1` may do it in every organisation."""

    def or_api_key(self, scope: str) -> "Right":
        return replace(self, scope=scope)

    def or_device(self) -> "Right":
        return replace(self, device=True)

    def where_seen(self, permission: str) -> "Right":
        """Who lacks this other permission is told that the object is not there."""
        return replace(self, seen_with=permission)

    def not_for_staff(self) -> "Right":
        """Staff may do it only as a member."""
        return replace(self, staff=False)

    def or_not_found(self) -> "Right":
        """Who lacks the permission is told that the object is not there."""
        return replace(self, hidden=True)


def needs(permission: str) -> Right:
    """A permission of the role matrix in the object's organisation. A stranger gets 404, a member without it 403."""
    return Right(permission)


ANYONE: Final = Right("anyone")
"""Also without signing in."""
SIGNED_IN: Final = Right("signed-in")
"""Any person. Lists hold what the person may see."""
MEMBER: Final = Right("member")
"""Any active member of the object's organisation; everybody else gets 404."""
SELF: Final = Right("self")
"""The account itself; everybody else gets 404."""
STAFF: Final = Right("staff")
"""Staff of the installation; everybody else gets 403."""
API_KEY_ONLY: Final = Right("api-key")
"""No person at all: an org API key with the scope."""

RightsTable: TypeAlias = Mapping[tuple[str, str], Right]
"""By method and path below /api/v1/, parameters as in the URL map without converters: ("POST", "device/{slug}/reset/")."""
