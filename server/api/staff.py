"""`?staff=1`, with which staff see the objects of all organisations."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from server.apps.accounts.selectors.accounts import is_staff_request
from server.core.errors import Forbidden

STAFF = OpenApiParameter(
    "staff", OpenApiTypes.STR, enum=["1"], description="For staff: of all organisations, not only your own."
)


def require_staff_asking(request: Request) -> None:
    """Raises Forbidden."""
    if not is_staff_request(request):
        raise Forbidden("Restricted Access")
