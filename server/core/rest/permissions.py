"""Who may call a view at all, before objects are looked up."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


def scopes_of(request: Request) -> frozenset[str]:
    """Returns the scopes of the request's API key; none when the caller is a person or a device."""
    return frozenset(getattr(request.auth, "scopes", ()))


class StaffWrites(BasePermission):
    """Every person may read, and a program whose API key has the view's `api_key_scope`; only staff
    may write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        if request.method not in SAFE_METHODS:
            return bool(user.is_authenticated and user.is_staff)
        scope = getattr(view, "api_key_scope", "")
        return bool(user.is_authenticated or (scope and scope in scopes_of(request)))


class Staff(BasePermission):
    """Only staff of the installation."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_staff)


class ApiKeyOnly(BasePermission):
    """Only a program whose API key has the view's `api_key_scope`, not even staff: what it reads is
    for production lines."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return getattr(view, "api_key_scope", "") in scopes_of(request)


class DeviceOnly(BasePermission):
    """Only a device on its own behalf."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return getattr(request.auth, "device", None) is not None


class PersonOrDevice(BasePermission):
    """A person who is signed in, or a device on its own behalf."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated) or getattr(request.auth, "device", None) is not None
