"""Which database a table lives in. Models live in `default`; the stream-data tables are plain SQL,
created by migrations whose operations carry the hint `database="streamdata"` and run only there."""

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
    """Returns the text with what PostgreSQL cannot store replaced: lone surrogates by ?, NUL by
    U+FFFD. A hostile message may have both."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
