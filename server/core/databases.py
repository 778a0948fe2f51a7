"""Which database a table lives in.

Models live in `default`. The stream-data tables are plain SQL, made by migrations whose operations carry the hint
`database="streamdata"`; those run there and nowhere else.
"""

from typing import Any

STREAMDATA = "streamdata"


class StreamDataRouter:
    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return None

    def db_for_write(self, model: type, **hints: Any) -> str | None:
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return bool(db == hints.get("database", "default"))


def storable(text: str) -> str:
    """Returns the text with ? or U+FFFD for what PostgreSQL cannot hold and a hostile message can have: half a character (a lone
    surrogate) and NUL.
    """
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
