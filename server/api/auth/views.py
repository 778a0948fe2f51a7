"""Signing in and out, and the signed-in account."""

from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from allauth.account.forms import ResetPasswordForm
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.auth import serializers
from server.api.authentication import JwtAuthentication, TokenAuthentication
from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import actor_of, bearer_of_jwt
from server.apps.accounts.services.signing import (
    SecondFactorNeeded,
    WrongSecondFactor,
    authenticated_account,
    create_api_token,
    end_jwt,
    issue_jwt,
    issue_jwt_for_session,
    issue_jwt_for_token,
    refresh_jwt,
    revoke_api_token,
    sign_in,
)
from server.apps.accounts.services.tries import ADDRESS_SCOPE
from server.core.client_address import client_address
from server.core.errors import Forbidden, Invalid
from server.core.rest.parsing import parsed
from server.core.rest.secret_answers import SecretResponse
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
        return SecretResponse({**account, "token": signed_in.token, "jwt": signed_in.jwt})

    def _refused(self, body: str | dict[str, str]) -> Response:
        challenge = {"WWW-Authenticate": JwtAuthentication.challenge}
        return Response(body, status=status.HTTP_401_UNAUTHORIZED, headers=challenge)


class Logout(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session, the token or the JWT of this request. With a JWT those end too that it
        was refreshed from and to."""
        came = request.successful_authenticator
        if isinstance(came, TokenAuthentication):
            revoke_api_token(token=str(request.auth))
        elif isinstance(came, JwtAuthentication):
            end_jwt(token=str(request.auth))
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
        return SecretResponse({"token": issue_jwt(user=account)})

    def _refused(self, body: dict[str, list[str] | str]) -> Response:
        return Response(body, status=status.HTTP_400_BAD_REQUEST)


class JwtVerify(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        account, _ = bearer_of_jwt(token)
        if account is None:
            raise ValidationError({"non_field_errors": ["The token is not valid or has expired."]})
        return SecretResponse({"token": token})


class JwtRefresh(_ForAnyone):
    @extend_schema(request=serializers.JwtInput, responses=serializers.JwtOutput)
    def post(self, request: Request) -> Response:
        token = parsed(serializers.JwtInput, request)["token"]
        try:
            return SecretResponse({"token": refresh_jwt(token=token)})
        except Invalid as error:
            raise ValidationError({"non_field_errors": [error.message]}) from error


class UserInfo(APIView):
    throttle_classes = (throttle("key"),)

    @extend_schema(responses=serializers.UserInfoOutput)
    def get(self, request: Request) -> Response:
        """The caller's account, with a JWT: the one that came with the request, or one that ends
        with the token or session that came. A session needs a recent sign-in.
        """
        user = actor_of(request)
        return SecretResponse({**serializers.AccountOutput(user).data, "jwt": _jwt_for(request, user)})


class Tokens(APIView):
    throttle_classes = (throttle("key"),)

    @extend_schema(responses=serializers.TokensOutput)
    def get(self, request: Request) -> Response:
        """The token that came with the request, with a JWT that ends with it. Any other credential
        is refused, since none makes one that lasts longer: a JWT is renewed, and a session uses
        POST.
        """
        user = actor_of(request)
        if not isinstance(request.successful_authenticator, TokenAuthentication):
            raise Forbidden("Only a token is answered with a token. Sign in by POST auth/login/.")
        return SecretResponse({"token": str(request.auth), "jwt": _jwt_for(request, user)})

    @extend_schema(request=None, responses=serializers.TokensOutput)
    def post(self, request: Request) -> Response:
        """A new token for the session of a browser, with a JWT that ends with it. Needs a recent
        sign-in. When there are too many, the oldest tokens end.
        """
        user = actor_of(request)
        if not isinstance(request.successful_authenticator, SessionAuthentication):
            raise Forbidden("Only the session of a browser makes a token. Sign in by POST auth/login/.")
        _require_recent_sign_in(request)
        token = create_api_token(user=user)
        return SecretResponse({"token": token, "jwt": issue_jwt_for_token(user=user, token=token)})


def _jwt_for(request: Request, user: Account) -> str:
    came = request.successful_authenticator
    if isinstance(came, JwtAuthentication):
        return str(request.auth)
    if isinstance(came, TokenAuthentication):
        return issue_jwt_for_token(user=user, token=str(request.auth))
    _require_recent_sign_in(request)
    return issue_jwt_for_session(user=user, session_key=request.session.session_key or "")


def _require_recent_sign_in(request: Request) -> None:
    """As the page that makes tokens does. Raises Forbidden: an open laptop must not become half a
    year."""
    try:
        _recently_signed_in(request._request)
    except ReauthenticationRequired as error:
        raise Forbidden("Show again who you are, at /account/reauthenticate/.") from error


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def _recently_signed_in(request: HttpRequest) -> None:
    """allauth has the check as a decorator only."""


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
