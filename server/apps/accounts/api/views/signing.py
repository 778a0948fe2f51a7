"""Signing in and out, who I am, my organisations."""

from django.contrib.auth import logout
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from server.apps.accounts import selectors, services
from server.apps.accounts.api.authentication import JwtAuthentication, TokenAuthentication
from server.apps.accounts.api.serializers import signing as serializers
from server.apps.accounts.models import Account, Org
from server.core.errors import Invalid
from server.core.rest.parsing import parsed
from server.core.rest.throttling import SignInThrottle
from server.core.rest.views import ReadViewSet

_WRONG = "Wrong e-mail address or password."


class _ForAnyone(APIView):
    """Old credentials and cookies that come along are not looked at: a client that signs in anew still sends them."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Login(_ForAnyone):
    throttle_classes = (SignInThrottle,)

    @extend_schema(
        request=serializers.LoginInput,
        responses={200: serializers.SignedInOutput, 401: OpenApiTypes.STR},
    )
    def post(self, request: Request) -> Response:
        data = parsed(serializers.LoginInput, request)
        signed_in = services.sign_in(login=data["email"], password=data["password"])
        if signed_in is None:
            challenge = {"WWW-Authenticate": JwtAuthentication.challenge}
            return Response(_WRONG, status=status.HTTP_401_UNAUTHORIZED, headers=challenge)
        account = serializers.AccountOutput(signed_in.account).data
        return Response({**account, "token": signed_in.token, "jwt": signed_in.jwt})


class Logout(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Ends the session or the token that asks. A JWT ends by itself."""
        if isinstance(request.successful_authenticator, TokenAuthentication):
            services.revoke_api_token(token=str(request.auth))
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class JwtAuth(_ForAnyone):
    throttle_classes = (SignInThrottle,)

    @extend_schema(request=serializers.JwtAuthInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        data = parsed(serializers.JwtAuthInput, request)
        account = services.account_with(login=data["username"], password=data["password"])
        if account is None:
            raise ValidationError({"non_field_errors": [_WRONG]})
        return Response({"token": services.issue_jwt(user=account)})


class JwtVerify(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        account, _ = selectors.bearer_of_jwt(token)
        if account is None:
            raise ValidationError({"non_field_errors": ["The token is not valid or has expired."]})
        return Response({"token": token})


class JwtRefresh(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        try:
            return Response({"token": services.refresh_jwt(token=token)})
        except Invalid as error:
            raise ValidationError({"non_field_errors": [error.message]}) from error


class UserInfo(APIView):
    @extend_schema(responses=serializers.UserInfoOutput)
    def get(self, request: Request) -> Response:
        """Who asks, and a JWT: the one that came, so that asking does not make it live longer."""
        user = request.user
        if not isinstance(user, Account):
            raise NotAuthenticated()
        came_with_jwt = isinstance(request.successful_authenticator, JwtAuthentication)
        jwt = str(request.auth) if came_with_jwt else services.issue_jwt(user=user)
        return Response({**serializers.AccountOutput(user).data, "jwt": jwt})


class Accounts(mixins.ListModelMixin, GenericViewSet[Account]):
    """Oneself, as the only one of a list."""

    serializer_class = serializers.AccountOutput

    def get_queryset(self) -> QuerySet[Account]:
        return selectors.accounts_seen_by(self.request.user)


class Orgs(ReadViewSet[Org]):
    """The organisations one is a member of."""

    serializer_class = serializers.OrgOutput
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Org]:
        return selectors.orgs_of(self.request.user)

    def get_object(self) -> Org:
        return selectors.org_for(self.request.user, self.kwargs["slug"])
