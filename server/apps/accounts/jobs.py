"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SendMail:
    action: ClassVar[str] = "send-mail"
    order_key: ClassVar[str] = ""

    to: list[str]
    template: str
    context: dict[str, str | int]
