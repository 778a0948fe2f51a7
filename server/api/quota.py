"""The quota of requests a day: devices and programs use that of their organisation, people their
own.

A view with `throttle_classes` of its own has a narrower limit, and is counted by that alone.
"""

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from server.apps.accounts.models import Account, OrgApiKey
from server.apps.devices.selectors.keys import DeviceCaller
from server.core.quotas import account_caller, count_request, org_caller


class RequestQuota(BaseThrottle):
    """Costs no query (`server.core.quotas`). Raises QuotaExceeded, which names the quota."""

    def allow_request(self, request: Request, view: object) -> bool:  # APIView's module imports this one
        if settings.REQUESTS_A_DAY:
            self._count(request)
        return True

    def _count(self, request: Request) -> None:
        caller, whose = _counted_for(request)
        if caller:
            count_request(caller, whose=whose, most=settings.REQUESTS_A_DAY, now=timezone.now())


def _counted_for(request: Request) -> tuple[str, str]:
    """Returns the caller and how a sentence begins with it. Nobody without a credential, nor a
    device that is in no organisation: those can do little."""
    auth = request.auth
    if isinstance(request.user, Account):
        return account_caller(request.user.pk), "Your account"
    if isinstance(auth, OrgApiKey):
        return org_caller(auth.org_id), "The organisation"
    if isinstance(auth, DeviceCaller) and auth.device.org_id:
        return org_caller(auth.device.org_id), "The organisation"
    return "", ""
