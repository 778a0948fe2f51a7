"""Passwords as keyboards write them: one password may be several sequences of characters."""

import unicodedata


def plain_password(typed: str) -> str:
    """Returns it in NFKC, as NIST SP 800-63B asks for.

    NFC would join letters and accents of macOS, but not the full-width letters that an input method
    writes for the same keys.
    """
    return unicodedata.normalize("NFKC", typed)


def spellings(typed: str) -> list[str]:
    """Returns the plain form, then the typed one if it differs: what was hashed before passwords
    were made plain."""
    return list(dict.fromkeys((plain_password(typed), typed)))
