"""Mail addresses and their domains in one form, so that two spellings of a mailbox are one text."""

import re
from typing import Final

import idna

_LONGEST_DOMAIN: Final = 253
_DOTS: Final = re.compile("[\u3002\uff0e\uff61]")  # what input methods write for a dot


def mailbox(text: str) -> str:
    """Returns an address in lower case with its domain in ASCII (`xn--…`), as mail servers know it;
    what is no address, in lower case only."""
    local, at, domain = text.strip().rpartition("@")
    return f"{local.lower()}{at}{ascii_domain(domain)}"


def ascii_domain(text: str) -> str:
    """Returns a domain in lower case and in ASCII, by the rules of IDNA 2008 and UTS 46; what is no
    domain name, in lower case only."""
    plain = text.strip().lower()
    if plain.isascii() or len(plain) > _LONGEST_DOMAIN:
        return plain
    try:
        return idna.encode(_DOTS.sub(".", plain), uts46=True).decode()
    except idna.IDNAError:
        return plain
