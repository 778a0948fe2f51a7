"""The rights of the whole API: the tables of the apps, joined. Which views they belong to: server.config.operations."""

from collections.abc import Iterable
from typing import Final

from server.apps.accounts.api import rights as accounts
from server.apps.devices.api import rights as devices
from server.apps.ingest.api import rights as ingest
from server.apps.streams.api import rights as streams
from server.core.rest.rights import (
    ANYONE,
    API_KEY_ONLY,
    MEMBER,
    SELF,
    SIGNED_IN,
    STAFF,
    Right,
    RightsTable,
)

OWN: Final[RightsTable] = {("GET", "server/"): ANYONE}


def joined(tables: Iterable[RightsTable]) -> dict[tuple[str, str], Right]:
    """Raises ValueError for an operation that two tables have."""
    table: dict[tuple[str, str], Right] = {}
    for each in tables:
        if twice := table.keys() & each.keys():
            raise ValueError(f"two apps have a row for {sorted(twice)}")
        table.update(each)
    return table


TABLE: Final = joined([OWN, accounts.RIGHTS, devices.RIGHTS, streams.RIGHTS, ingest.RIGHTS])

_SENTENCES: Final = {
    ANYONE.needs: "Needs no signing in.",
    SIGNED_IN.needs: "For anyone who is signed in.",
    MEMBER.needs: "For members of the organisation.",
    SELF.needs: "For the account itself.",
    STAFF.needs: "For staff of this installation, with `?staff=1`.",
    API_KEY_ONLY.needs: "For programs with an API key of the organisation.",
}


def sentence(right: Right) -> str:
    """What a right asks for, for people."""
    words = [_SENTENCES.get(right.needs) or f"Needs `{right.needs}` in the organisation."]
    if right.scope:
        words.append(f"An API key needs the scope `{right.scope}`.")
    if right.device:
        words.append("A device may do it for itself.")
    if right.hidden:
        words.append("Who lacks it gets 404.")
    return " ".join(words)
