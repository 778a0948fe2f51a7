"""The payload of the Action that sends a mail."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SendMail:
    action: ClassVar[str] = "send-mail"
    order_key: ClassVar[str] = ""

    to: list[str]
    template: str
    context: dict[str, str | int] = field(metadata={"secret": True})  # links that open an account
