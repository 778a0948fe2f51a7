"""Operations that a person may see, and their creators."""

from uuid import UUID

from django.db.models import Q, QuerySet

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import Person, is_member
from server.apps.activity.models import Operation
from server.apps.activity.selectors.operations import all_operations


def operations_of(user: Person, *, staff: bool = False) -> QuerySet[Operation]:
    """Of the user's organisations, newest first; `staff`: all."""
    condition = Q() if staff else Q(is_member(user))
    return all_operations().filter(condition)


def operation_visible_to(user: Person, pid: str, *, staff: bool = False) -> Operation | None:
    try:
        number = UUID(pid)
    except ValueError:
        return None
    return operations_of(user, staff=staff).filter(pk=number).first()


def creator_of(pid: str) -> Account | None:
    """Returns the account that started it; None when the account is gone."""
    operation = all_operations().filter(pk=pid).first()
    return operation.created_by if operation is not None else None
