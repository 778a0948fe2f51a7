"""Errors of reports, phrased so that senders can act on them."""


class FormatError(ValueError):
    """A report cannot be read.

    `reason` is a short code for programs and counters ("bad-hash"), `offset` the byte and `field`
    the key where reading stopped. str() is a sentence for people that names the one of the two that
    is known.
    """

    def __init__(
        self, reason: str, message: str, *, offset: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message
        self.offset = offset
        self.field = field

    def __str__(self) -> str:
        if self.field is not None:
            return f"{self.message} (field {self.field})"
        if self.offset is not None:
            return f"{self.message} (byte {self.offset})"
        return self.message


class NotUploadable(FormatError):
    """A well-formed report of a kind that is never uploaded: it has no signature and no reading
    ids."""


class SignatureError(FormatError):
    """The signature does not match the contents: damaged, forged, or signed with another key."""


class KeyMissing(FormatError):
    """The report is signed with a key that this server does not have."""


class LayoutError(ValueError):
    """A decoder of packets cannot be read, or a packet does not fit it; str() is a sentence for
    people."""

    def __init__(self, message: str, *, field: str = "packet_info") -> None:
        super().__init__(message)
        self.field = field
