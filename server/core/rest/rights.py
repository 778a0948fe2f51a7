"""The vocabulary of the rights tables: what a caller needs for an operation of the API.

Each noun has a table in `rights.py`; `server.config.rights` joins them. The tables document the
API, and a test compares them with what happens; access itself is decided by the gates and
permission checks of selectors and services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Right:
    """`needs` is a permission of the role matrix, or one of the constants below. `hidden`: a member
    without it gets 404, not 403."""

    needs: str
    scope: str = ""
    """An API key of the organisation with this scope may do it too."""
    device: bool = False
    """A device (by its key or token) may do it too, for itself."""
    hidden: bool = False
    visible_with: str = ""
    """A permission without which a member gets 404."""
    staff: bool = True
    """Staff may do it in every organisation, with `?staff=1`."""

    def or_api_key(self, scope: str) -> "Right":
        return replace(self, scope=scope)

    def or_device(self) -> "Right":
        return replace(self, device=True)

    def where_visible_with(self, permission: str) -> "Right":
        """A member without this other permission gets 404."""
        return replace(self, visible_with=permission)

    def not_for_staff(self) -> "Right":
        """Staff may do it only as a member."""
        return replace(self, staff=False)

    def or_not_found(self) -> "Right":
        """A member without the permission gets 404 instead of 403."""
        return replace(self, hidden=True)


def needs(permission: str) -> Right:
    """A permission of the role matrix in the object's organisation. A stranger gets 404, a member
    without it 403."""
    return Right(permission)


ANYONE: Final = Right("anyone")
"""Also without signing in."""
SIGNED_IN: Final = Right("signed-in")
"""Any person. Lists hold what the person may see."""
MEMBER: Final = Right("member")
"""Any active member of the object's organisation; all others get 404."""
SELF: Final = Right("self")
"""The account itself; all others get 404."""
STAFF: Final = Right("staff")
"""Staff of the installation; all others get 403."""
API_KEY_ONLY: Final = Right("api-key")
"""No person: only an API key of the organisation with the scope."""

DEVICE_ONLY: Final = Right("device", device=True, staff=False)
"""No person: only a device, for itself."""

RightsTable: TypeAlias = Mapping[tuple[str, str], Right]
"""By method and path below /api/v1/, with parameters as in the URL map but without converters:
("POST", "device/{slug}/reset/")."""
