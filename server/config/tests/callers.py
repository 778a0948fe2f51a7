"""All kinds of callers of the API, each with a credential."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from server.apps.accounts.models import Account, OrgApiKey, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.signing import issue_jwt
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.services.keys import issue_device_token, issue_upload_key
from server.config.tests.sample_org import SampleOrg, make_api_key, make_sample_org

ROWS_APART: Final = 100_000
ALL_SCOPES: Final = frozenset(OrgApiKey.Scope.values)


@dataclass(frozen=True)
class Caller:
    """A caller with a credential. `query` is added to every request."""

    name: str
    authorizations: tuple[str, ...] = ("",)
    """Alternatives: a device has two kinds of credentials, of which an operation accepts one or
    none."""
    query: str = ""
    role: Role | None = None
    account: Account | None = None


@dataclass(frozen=True)
class Installation:
    """Two organisations and the callers: operations are called in `home`; `far` belongs to the
    stranger."""

    home: SampleOrg
    far: SampleOrg
    callers: tuple[Caller, ...]

    def caller(self, name: str) -> Caller:
        return next(each for each in self.callers if each.name == name)


def make_installation() -> Installation:
    _number_tables_apart()
    home, far = make_sample_org("homestead"), make_sample_org("farside")
    return Installation(home, far, (*_persons(home, far), *_machines(home)))


def _number_tables_apart() -> None:
    """Make the ids of each table start at a different number, so that a number in a request or an
    answer is the id of one object and not, by coincidence, a factor of a unit or a part of a
    date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT setval(
                format('%%I.%%I', schemaname, sequencename)::regclass,
                greatest(coalesce(last_value, 0), %s * (row_number() OVER (ORDER BY sequencename) + 9))
            )
            FROM pg_sequences WHERE sequencename LIKE '%%_id_seq'
            """,
            [ROWS_APART],
        )


def _persons(home: SampleOrg, far: SampleOrg) -> list[Caller]:
    persons = [_person("owner", home.owner, role=Role.OWNER)]
    add_member(org=home.empty_org, user=home.owner, role=Role.OWNER)
    for name, role in (
        ("admin", Role.ADMIN),
        ("developer", Role.DEVELOPER),
        ("member", Role.MEMBER),
        ("operator", Role.OPERATOR),
        ("deregistered", Role.DEREGISTERED),
    ):
        user = make_account(username=name)
        for org in (home.org, home.empty_org):
            add_member(org=org, user=user, role=role)
        persons.append(_person(name, user, role=role))
    staff = make_account(username="staff", is_staff=True)
    return [
        *persons,
        _person("stranger", far.owner),
        _person("staff", staff, query="staff=1"),
        Caller("anonymous"),
    ]


def _person(name: str, user: Account, *, role: Role | None = None, query: str = "") -> Caller:
    return Caller(name, (f"JWT {issue_jwt(user=user)}",), query, role, user)


def _machines(home: SampleOrg) -> list[Caller]:
    upload_key = issue_upload_key(device=home.device, by=home.owner)
    token = issue_device_token(device=home.device, by=home.owner)
    keys = [
        Caller(
            f"key {scope}",
            (f"Api-Key {make_api_key(home.org, home.owner, frozenset({scope}), scope)[1]}",),
        )
        for scope in sorted(ALL_SCOPES)
    ]
    return [Caller("device", (f"Device-Key {upload_key}", f"a-jwt {token}")), *keys]
