"""Context processors: variables that every template may use."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import get_script_prefix


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    live_url: str
    """The address of live push: an absolute URL when it is another port of this host."""
    signup_open: bool = False

    @property
    def home(self) -> str:
        """Not by the name of the page: live push has another map of URLs, and error pages too."""
        return get_script_prefix()


def site(request: HttpRequest) -> dict[str, Product]:
    """The variable is `product`, since allauth uses `site`."""
    return {
        "product": Product(
            name=settings.SITE_NAME, live_url=live_url(request), signup_open=settings.SIGNUP_OPEN
        )
    }


def live_url(request: HttpRequest) -> str:
    """Returns LIVE_URL; `:8001/live/` in the settings becomes that port of the host name of the
    request."""
    if not settings.LIVE_URL.startswith(":"):
        return str(settings.LIVE_URL)
    return f"{live_origin(request)}/{settings.LIVE_URL.partition('/')[2]}"


def live_origin(request: HttpRequest) -> str | None:
    """Returns the origin that a page must be allowed to connect to beside its own; None when it is
    the same."""
    if not settings.LIVE_URL.startswith(":"):
        return None
    host, _ = split_domain_port(request.get_host())
    port = settings.LIVE_URL[1:].partition("/")[0]
    return f"{request.scheme}://{host}:{port}"
