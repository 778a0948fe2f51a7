"""API keys of an organisation."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from server.api.org.serializers import keys as serializers
from server.api.org.views.orgs import managed_org
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.accounts.selectors.keys import api_keys_of
from server.apps.accounts.services.keys import create_org_api_key, revoke_org_api_key
from server.core.rest.parsing import parsed
from server.core.rest.secret_answers import SecretResponse
from server.core.rest.throttling import throttle

_MANAGE = "can_manage_org_and_projects"


class ApiKeys(APIView):
    def get_throttles(self) -> list[BaseThrottle]:
        return [throttle("key")()] if self.request.method == "POST" else super().get_throttles()

    @extend_schema(responses=serializers.ApiKeyOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The organisation's API keys, including revoked ones, the newest first, as a plain
        list."""
        keys = api_keys_of(managed_org(request, slug, _MANAGE))
        return Response(serializers.ApiKeyOutput(keys, many=True).data)

    @extend_schema(request=serializers.ApiKeyInput, responses={201: serializers.NewApiKeyOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Create an API key. It is shown only in this answer."""
        org = managed_org(request, slug, _MANAGE)
        data = parsed(serializers.ApiKeyInput, request)
        key, clear = create_org_api_key(
            org=org, by=actor_of(request), staff=is_staff_request(request), **data
        )
        body = {**serializers.ApiKeyOutput(key).data, "key": clear}
        return SecretResponse(body, status=status.HTTP_201_CREATED)


class ApiKey(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, key_id: UUID) -> Response:
        """Revoke an API key: it stops working at once."""
        revoke_org_api_key(
            org=managed_org(request, slug, _MANAGE),
            key_id=key_id,
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
