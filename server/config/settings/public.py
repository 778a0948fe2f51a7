"""`PUBLIC_URL`: where people and devices find this installation, and what follows from it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class PublicUrl:
    scheme: str
    netloc: str
    """Host, with the port if it is not the usual one."""
    path: str
    """Without a slash at its end; "" at the root of the host."""

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"


def public_url(text: str) -> PublicUrl | None:
    """None for "". Raises ImproperlyConfigured for anything that is not an address of pages."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"PUBLIC_URL is {text!r}: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"PUBLIC_URL is {text!r}; it takes an address like https://iot.example.com or …/iot."
        )
    return PublicUrl(parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"))
