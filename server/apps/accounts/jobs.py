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
    """Delete ended tokens and sessions, old invitations, finished operations, old changes and
    uploads that never came."""

    action: ClassVar[str] = "clean-accounts"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class SyncPermissions:
    """Give memberships the permissions that are newer than they are; `org`: a slug, "" for all
    organisations."""

    action: ClassVar[str] = "sync-permissions"
    order_key: ClassVar[str] = "sync-permissions"

    org: str = ""
