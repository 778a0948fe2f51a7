"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MessageMembers:
    """Mail the members of an organisation who have one of the roles; no roles: all of them."""

    action: ClassVar[str] = "message-members"
    order_key: ClassVar[str] = ""

    pid: str
    org: str
    roles: list[str]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class CleanAccounts:
    """Forget ended tokens, old invitations, finished operations, old changes and files that never came."""

    action: ClassVar[str] = "clean-accounts"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class SyncPermissions:
    """Give memberships the permissions that came to be after them; `org` is a slug, "" all organisations."""

    action: ClassVar[str] = "sync-permissions"
    order_key: ClassVar[str] = "sync-permissions"

    org: str = ""
