"""The rights of the whole API: the joined tables of the nouns. `server.config.operations` has the
views they belong to."""

from collections.abc import Iterable
from typing import Final

from server.api.account import rights as account
from server.api.alias import rights as alias
from server.api.auth import rights as auth
from server.api.changes import rights as changes
from server.api.config import rights as config
from server.api.data import rights as data
from server.api.datablock import rights as datablock
from server.api.dbstats import rights as dbstats
from server.api.device import rights as device
from server.api.dt import rights as dt
from server.api.event import rights as event
from server.api.file import rights as file
from server.api.in_ import rights as in_
from server.api.location import rights as location
from server.api.note import rights as note
from server.api.operation import rights as operation
from server.api.org import rights as org
from server.api.ot import rights as ot
from server.api.production import rights as production
from server.api.project import rights as project
from server.api.property import rights as properties
from server.api.sg import rights as sg
from server.api.stream import rights as stream
from server.api.streamer import rights as streamer
from server.api.variable import rights as variable
from server.api.vartype import rights as vartype
from server.core.rest.rights import (
    ANYONE,
    API_KEY_ONLY,
    DEVICE_ONLY,
    MEMBER,
    SELF,
    SIGNED_IN,
    STAFF,
    Right,
    RightsTable,
)

OWN: Final[RightsTable] = {("GET", "server/"): ANYONE}


def join_tables(tables: Iterable[RightsTable]) -> dict[tuple[str, str], Right]:
    """Returns the tables as one. Raises ValueError for an operation that two tables have."""
    table: dict[tuple[str, str], Right] = {}
    for each in tables:
        if twice := table.keys() & each.keys():
            raise ValueError(f"two nouns have a row for {sorted(twice)}")
        table.update(each)
    return table


TABLE: Final = join_tables(
    [
        OWN,
        account.RIGHTS,
        alias.RIGHTS,
        auth.RIGHTS,
        changes.RIGHTS,
        config.RIGHTS,
        data.RIGHTS,
        datablock.RIGHTS,
        dbstats.RIGHTS,
        device.RIGHTS,
        dt.RIGHTS,
        event.RIGHTS,
        file.RIGHTS,
        in_.RIGHTS,
        location.RIGHTS,
        note.RIGHTS,
        operation.RIGHTS,
        org.RIGHTS,
        ot.RIGHTS,
        production.RIGHTS,
        project.RIGHTS,
        properties.RIGHTS,
        sg.RIGHTS,
        stream.RIGHTS,
        streamer.RIGHTS,
        variable.RIGHTS,
        vartype.RIGHTS,
    ]
)

_SENTENCES: Final = {
    ANYONE.needs: "Public: no authentication needed.",
    SIGNED_IN.needs: "For anyone who is signed in.",
    MEMBER.needs: "For members of the organisation.",
    SELF.needs: "For the account itself.",
    STAFF.needs: "For staff of this installation, with `?staff=1`.",
    API_KEY_ONLY.needs: "For programs with an API key of the organisation.",
    DEVICE_ONLY.needs: "For a device, with its key.",
}


def sentence(right: Right) -> str:
    """Returns what a right needs, as a text for the documentation."""
    words = [_SENTENCES.get(right.needs) or f"Needs `{right.needs}` in the organisation."]
    if right.scope:
        words.append(f"An API key needs the scope `{right.scope}`.")
    if right.device and right.needs != DEVICE_ONLY.needs:
        words.append("A device may use it for itself.")
    if right.hidden:
        words.append("Callers without it get 404.")
    return " ".join(words)
