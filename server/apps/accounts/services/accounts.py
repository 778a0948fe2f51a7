"""Use cases of accounts and organisations."""

from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from server.apps.accounts.models import Account, Org, OrgMembership, Role, permissions_of
from server.apps.activity.services.changes import Verb, record_change
from server.core.errors import Conflict, Invalid
from server.core.mail.addresses import mail_address
from server.lib.passwords import plain_password
from server.lib.slugs import SlugError, name_slug


@transaction.atomic
def create_account(
    *,
    email: str,
    password: str | None = None,
    username: str = "",
    name: str = "",
    is_staff: bool = False,
    confirmed: bool = True,
) -> Account:
    """Create an account; without a password nobody can sign in with it. Raises Invalid for a weak
    password, Conflict for a known address.

    `confirmed`: the caller vouches for the address; otherwise its owner must follow a link first.
    """
    email = mail_address(email, field="email")
    account = Account(email=email, username=username or email.split("@")[0], name=name, is_staff=is_staff)
    choose_names(account)
    if password is not None:
        check_password(password, account)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise Conflict("There is an account with this e-mail address.", field="email") from error
    EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=confirmed)
    return account


def choose_names(account: Account) -> None:
    """Give a new account free public names, from its user name or address."""
    account.username = _free_username(account.username or account.email.split("@")[0])
    account.slug = _free_slug(account.username)


def check_password(password: str, account: Account) -> None:
    """Raises Invalid for a password that is too weak for this person."""
    try:
        validate_password(plain_password(password), account)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error


def _free_username(wanted: str) -> str:
    wanted = Account.normalize_username(wanted)[:34] or "user"
    taken = set(Account.objects.filter(username__istartswith=wanted).values_list("username", flat=True))
    return _first_free(wanted, {name.lower() for name in taken})


def _free_slug(username: str) -> str:
    wanted = slugify(username) or "user"
    return _first_free(
        wanted, set(Account.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    )


def _first_free(wanted: str, taken: set[str]) -> str:
    candidate, number = wanted, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


def change_profile(*, user: Account, name: str, time_zone: str) -> None:
    """Raises Invalid for a time zone that is not in the IANA database."""
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone.", field="time_zone")
    user.name, user.time_zone = name, time_zone
    user.save(update_fields=["name", "time_zone", "updated_at"])


@transaction.atomic
def create_org(*, name: str, by: Account, about: str = "", is_vendor: bool = False) -> Org:
    """The creator becomes its owner."""
    slug = org_slug(name)
    try:
        with transaction.atomic():
            org = Org.objects.create(name=name, slug=slug, about=about, is_vendor=is_vendor, created_by=by)
    except IntegrityError as error:
        raise Conflict("There is an organisation with this name.", field="name") from error
    add_member(org=org, user=by, role=Role.OWNER)
    record_change(
        org=org, kind="org", ref=org.slug, verb=Verb.CREATED, event="create-org", by=by, audited=True
    )
    return org


def org_slug(name: str) -> str:
    """Raises Invalid for a name without any letter or digit."""
    try:
        return name_slug(name)
    except SlugError as error:
        raise Invalid("A name needs at least one letter or digit.", field="name") from error


@transaction.atomic
def add_member(*, org: Org, user: Account, role: Role) -> OrgMembership:
    try:
        with transaction.atomic():
            return OrgMembership.objects.create(
                org=org,
                user=user,
                role=role,
                is_active=role != Role.DEREGISTERED,
                is_org_admin=role in {Role.OWNER, Role.ADMIN},
                permissions=permissions_of(role),
            )
    except IntegrityError as error:
        raise Conflict("This person is a member already.", field="user") from error
