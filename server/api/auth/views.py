"""Signing in and out, and the signed-in account."""

from typing import Any, Final

from allauth.account.forms import ResetPasswordForm
from django.contrib.auth import logout
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.auth import serializers
from server.api.authentication import JwtAuthentication, TokenAuthentication
from server.apps.accounts.selectors.accounts import actor_of, bearer_of_jwt
from server.apps.accounts.services.signing import (
    SecondFactorNeeded,
    WrongSecondFactor,
    authenticated_account,
    create_api_token,
    issue_jwt,
    refresh_jwt,
    revoke_api_token,
    sign_in,
)
from server.apps.accounts.services.tries import ADDRESS_SCOPE
from server.core.client_address import client_address
from server.core.errors import Invalid
from server.core.rest.parsing import parsed
from server.core.rest.throttling import TargetThrottle, throttle

_WRONG = "Wrong e-mail address or password."
_RESET = "If there is an account with this address, a link to choose a new password is on its way to it."
_OTP: Final = OpenApiParameter(
    "X-OTP", str, OpenApiParameter.HEADER, description="The second factor, if the account has one."
)
_REFUSED: Final = {
    "oneOf": [
        {"type": "string", "description": "Wrong password, or no such account."},
        {
            "type": "object",
            "description": "The password is right; the second factor is missing or wrong.",
            "required": ["detail", "code"],
            "properties": {
                "detail": {"type": "string"},
                "code": {"type": "string", "enum": ["otp-required", "otp-wrong"]},
            },
        },
    ]
}


def _proof(data: dict[str, Any], request: Request) -> dict[str, str]:
    """Returns the second factor, and where it comes from."""
    otp = data["otp"] or request.headers.get("X-OTP", "")
    return {"otp": str(otp), "address": client_address(request._request)}


class _ForAnyone(APIView):
    """Ignores credentials and cookies in the request: a client that signs in again still sends its
    old ones."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Login(_ForAnyone):
    throttle_classes = (throttle(ADDRESS_SCOPE),)  # the rest is counted by account

    @extend_schema(
        request=serializers.LoginInput,
        parameters=[_OTP],
        responses={200: serializers.SignedInOutput, 401: _REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Sign in with e-mail address and password; answers with the account, a token and a JWT.
        Sets no cookie."""
        data = parsed(serializers.LoginInput, request)
        try:
            signed_in = sign_in(login=data["email"], password=data["password"], **_proof(data, request))
        except (SecondFactorNeeded, WrongSecondFactor) as error:
            return self._refused({"detail": error.message, "code": error.code})
        if signed_in is None:
            return self._refused(_WRONG)
        account = serializers.AccountOutput(signed_in.account).data
        return Response({**account, "token": signed_in.token, "jwt": signed_in.jwt})

    def _refused(self, body: str | dict[str, str]) -> Response:
        challenge = {"WWW-Authenticate": JwtAuthentication.challenge}
        return Response(body, status=status.HTTP_401_UNAUTHORIZED, headers=challenge)


class Logout(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session or the token of this request. A JWT only expires."""
        if isinstance(request.successful_authenticator, TokenAuthentication):
            revoke_api_token(token=str(request.auth))
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class JwtAuth(_ForAnyone):
    throttle_classes = (throttle(ADDRESS_SCOPE),)  # the rest is counted by account

    @extend_schema(
        request=serializers.JwtAuthInput,
        parameters=[_OTP],
        responses={200: serializers.JwtOutput, 400: serializers.JwtRefusedOutput},
    )
    def post(self, request: Request) -> Response:
        """A JWT for user name or e-mail address and password."""
        data = parsed(serializers.JwtAuthInput, request)
        try:
            account = authenticated_account(
                login=data["username"], password=data["password"], **_proof(data, request)
            )
        except (SecondFactorNeeded, WrongSecondFactor) as error:
            return self._refused({"non_field_errors": [error.message], "code": error.code})
        if account is None:
            return self._refused({"non_field_errors": [_WRONG]})
        return Response({"token": issue_jwt(user=account)})

    def _refused(self, body: dict[str, list[str] | str]) -> Response:
        return Response(body, status=status.HTTP_400_BAD_REQUEST)


class JwtVerify(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        account, _ = bearer_of_jwt(token)
        if account is None:
            raise ValidationError({"non_field_errors": ["The token is not valid or has expired."]})
        return Response({"token": token})


class JwtRefresh(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        try:
            return Response({"token": refresh_jwt(token=token)})
        except Invalid as error:
            raise ValidationError({"non_field_errors": [error.message]}) from error


class UserInfo(APIView):
    @extend_schema(responses=serializers.UserInfoOutput)
    def get(self, request: Request) -> Response:
        """The caller's account, with a JWT. A JWT that came with the request is returned unchanged,
        so its lifetime is not extended."""
        user = actor_of(request)
        came_with_jwt = isinstance(request.successful_authenticator, JwtAuthentication)
        jwt = str(request.auth) if came_with_jwt else issue_jwt(user=user)
        return Response({**serializers.AccountOutput(user).data, "jwt": jwt})


class Tokens(APIView):
    @extend_schema(responses=serializers.TokensOutput)
    def get(self, request: Request) -> Response:
        """A token and a JWT of the caller. The one that came with the request is returned
        unchanged; the other is new, since tokens are stored only as hashes. When there are too
        many, the oldest tokens end.
        """
        user, came = actor_of(request), request.successful_authenticator
        has_token, has_jwt = isinstance(came, TokenAuthentication), isinstance(came, JwtAuthentication)
        token = str(request.auth) if has_token else create_api_token(user=user)
        jwt = str(request.auth) if has_jwt else issue_jwt(user=user)
        return Response({"token": token, "jwt": jwt})


class PasswordReset(_ForAnyone):
    throttle_classes = (throttle("reset"), TargetThrottle)

    @extend_schema(request=serializers.PasswordResetInput, responses=serializers.DetailOutput)
    def post(self, request: Request) -> Response:
        """Send a link to choose a new password. The answer is the same whether there is an account
        with this address or not."""
        form = ResetPasswordForm(parsed(serializers.PasswordResetInput, request))
        if form.is_valid():
            form.save(request._request)
        return Response({"detail": _RESET})
