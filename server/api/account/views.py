"""Accounts: signing up, and reading and changing your own; for staff all."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from server.api.account import serializers
from server.api.auth.serializers import AccountOutput
from server.api.staff import STAFF
from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import (
    account_for,
    accounts_visible_to,
    actor_of,
    is_staff_request,
)
from server.apps.accounts.services.accounts import create_account
from server.apps.accounts.services.memberships import join_by_domain
from server.apps.accounts.services.people import change_account, erase_account, set_password, sign_up
from server.apps.accounts.services.signing import is_confirmed
from server.core.errors import Invalid
from server.core.rest.parsing import parsed
from server.core.rest.throttling import TargetThrottle, throttle
from server.lib.mailboxes import mailbox


class Accounts(mixins.ListModelMixin, GenericViewSet[Account]):
    """A list with your own account only; with `staff=1` staff see all accounts."""

    serializer_class = AccountOutput

    def get_queryset(self) -> QuerySet[Account]:
        visible = accounts_visible_to(self.request.user, staff=is_staff_request(self.request))
        return visible.order_by("username")

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_throttles(self) -> list[BaseThrottle]:
        if self.request.method == "POST":
            return [throttle("sign-up")(), TargetThrottle()]
        return super().get_throttles()

    @extend_schema(parameters=[STAFF])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A list with your own account only; with `staff=1` staff see all accounts."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=serializers.SignUpInput, responses={201: serializers.SignUpOutput})
    def create(self, request: Request) -> Response:
        """Create an account, which can sign in once its address is confirmed by the link in a mail.
        For an address that has an account already the answer is the same, and its owner is notified
        by mail.
        """
        data = parsed(serializers.SignUpInput, request)
        fields = {name: data[name] for name in ("email", "password", "username", "name")}
        if is_staff_request(request):
            account = create_account(**fields, confirmed=data["verified_email"])
            _confirm(request, account)
            if data["verified_email"]:
                join_by_domain(user=account)
            return Response(serializers.SignUpOutput(account).data, status=status.HTTP_201_CREATED)
        _notify_by_mail(request, sign_up(**fields), data["email"])
        answer = {**data, "id": None, "slug": None, "created_at": None}
        return Response(serializers.SignUpOutput(answer).data, status=status.HTTP_201_CREATED)


def _notify_by_mail(request: Request, account: Account | None, email: str) -> None:
    """Tell the owner of the address what the response must not reveal."""
    if account is None:
        get_adapter().send_account_already_exists_mail(email)
    else:
        _confirm(request, account)


def _confirm(request: Request, account: Account) -> None:
    if not is_confirmed(account):
        EmailAddress.objects.get(user=account).send_confirmation(request._request, signup=True)


class OneAccount(APIView):
    """One's own account; for staff with `staff=1` any."""

    def _account(self, slug: str) -> Account:
        staff = is_staff_request(self.request)
        return account_for(self.request.user, slug, staff=staff)

    @extend_schema(responses=AccountOutput)
    def get(self, request: Request, slug: str) -> Response:
        """An account, by its slug or `@slug`."""
        return Response(AccountOutput(self._account(slug)).data)

    @extend_schema(request=serializers.AccountInput, responses=AccountOutput)
    def put(self, request: Request, slug: str) -> Response:
        """Change name and tagline. Missing fields stay as they are."""
        return self._change(request, slug)

    @extend_schema(request=serializers.AccountInput, responses=AccountOutput)
    def patch(self, request: Request, slug: str) -> Response:
        """Same as PUT."""
        return self._change(request, slug)

    def _change(self, request: Request, slug: str) -> Response:
        account = self._account(slug)
        data = parsed(serializers.AccountInput, request)
        if mailbox(data.get("email", account.email)) != mailbox(account.email):
            raise Invalid("An address is changed on the account page, where it is confirmed.", field="email")
        if data.get("username", account.username) != account.username:
            raise Invalid("A user name cannot be changed.", field="username")
        change_account(account=account, name=data.get("name"), tagline=data.get("tagline"))
        return Response(AccountOutput(account).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Erase the personal data of an account; it can no longer sign in. Refused for the last
        owner of an organisation."""
        erase_account(account=self._account(slug), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SetPassword(APIView):
    throttle_classes = (throttle("password"),)

    @extend_schema(request=serializers.SetPasswordInput, responses={201: serializers.StatusOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Set a new password; the current one is required. Ends every session, token and JWT of the
        account, including the one that was used for this request."""
        account = account_for(request.user, slug, staff=is_staff_request(request))
        data = parsed(serializers.SetPasswordInput, request)
        set_password(user=account, current=data["current_password"], new=data["password"])
        get_adapter().mail_about_new_password(account)
        return Response({"status": "password set"}, status=status.HTTP_201_CREATED)
