"""Names of others in the subjects of our mails: data, never words of ours and nothing that leads
somewhere."""

import re
from typing import Final

from server.lib.lines import one_line

_LINK: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//\S+|\b(?:[\w-]+\.)+[a-z]{2,}\b\S*", re.IGNORECASE)
_MOST_CHARACTERS: Final = 60


def name_in_subject(name: str) -> str:
    """Returns the name on one line, without addresses of sites and e-mail hosts, cut after 60
    characters.

    >>> name_in_subject("Locked: http://evil.example/unlock")
    'Locked: …'
    """
    plain = _LINK.sub("…", one_line(name))
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[: _MOST_CHARACTERS - 1]}…"
