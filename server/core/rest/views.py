"""Views that belong to no app, and base classes of views that read."""

from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.models import Model
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from server.core.databases import STREAMDATA
from server.core.errors import NotFound

Row = TypeVar("Row", bound=Model)

# For URL maps: which HTTP method calls which method of a view set.
LIST: Final[dict[str, Any]] = {"get": "list", "post": "create"}
DETAIL: Final[dict[str, Any]] = {"get": "retrieve", "put": "update", "patch": "partial_update"}
REMOVABLE: Final[dict[str, Any]] = {**DETAIL, "delete": "destroy"}


class ReadView(APIView):
    """Base class of views that read."""


class ReadViewSet(ReadView, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Row]):
    """List and detail. A subclass decides who may see what: its `get_queryset` calls a selector,
    its `get_object` the gate.

    The docstring of a subclass is its description in the API's documentation.
    """


class ServerOutput(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    stage = serializers.CharField(help_text="Which settings it runs with.")
    name = serializers.CharField()
    company = serializers.CharField()


class ServerInfo(APIView):
    """Name and clock of this server; carriers set their clock by it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=ServerOutput)
    def get(self, request: Request) -> Response:
        about = {
            "now": timezone.now(),
            "stage": settings.SETTINGS_MODULE.rpartition(".")[2],
            "name": settings.SITE_NAME,
            "company": settings.SITE_NAME,
        }
        return Response(ServerOutput(about).data)


class InstallationHealth(serializers.Serializer[Any]):
    core = serializers.BooleanField(help_text="The core database answers.")
    streamdata = serializers.BooleanField(help_text="The stream-data database answers.")


class Health(APIView):
    """For load balancers and monitoring: 200 while everything that a request needs is available,
    else 503."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses={200: InstallationHealth, 503: InstallationHealth})
    def get(self, request: Request) -> Response:
        parts = {"core": _answers(DEFAULT_DB_ALIAS), "streamdata": _answers(STREAMDATA)}
        code = status.HTTP_200_OK if all(parts.values()) else status.HTTP_503_SERVICE_UNAVAILABLE
        return Response(InstallationHealth(parts).data, status=code)


def _answers(database: str) -> bool:
    try:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return False
    return True


class NoSuchPath(APIView):
    """Answers 404 in JSON below /api/ for paths that do not exist."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound()
