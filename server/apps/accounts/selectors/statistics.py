"""Counts of accounts and organisations on this installation."""

from datetime import datetime

from django.db.models import Q

from server.apps.accounts.models import Account, Org


def count_accounts_and_orgs(*, since: datetime | None) -> dict[str, int]:
    """`since`: only those created then or later."""
    return {
        "Users": Account.objects.filter(Q() if since is None else Q(created_at__gte=since)).count(),
        "Orgs": Org.objects.filter(Q() if since is None else Q(created_on__gte=since)).count(),
    }
