"""What the security of accounts and of the installation leaves on record, and where it is shown."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.services.people import set_password
from server.apps.accounts.services.signing import create_api_token, revoke_api_token
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import PASSWORD, make_account, make_org
from server.apps.activity.models import SecurityEvent
from server.apps.activity.services.cleaning import clean_activity
from server.apps.activity.services.security import login_digest

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
LOGIN = "/api/v1/auth/login/"


def recorded() -> list[tuple[str, str, int | None]]:
    return list(SecurityEvent.objects.order_by("id").values_list("kind", "result", "account_id"))


def sign_in(client: Client, password: str, login: str = "alice@example.com") -> None:
    body = {"email": login, "password": password}
    client.post(LOGIN, body, content_type="application/json", headers={"User-Agent": "Pump/1"})


def test_sign_ins_by_the_api_are_recorded(client: Client, alice: Account) -> None:
    sign_in(client, "a wrong one")
    sign_in(client, PASSWORD)

    assert recorded()[:2] == [("sign-in", "refused", alice.pk), ("sign-in", "done", alice.pk)]
    event = SecurityEvent.objects.earliest("id")
    assert (event.address, event.user_agent) == ("127.0.0.1", "Pump/1")


def test_an_unknown_login_is_recorded_as_a_digest(client: Client, db: None) -> None:
    sign_in(client, "a wrong one", "Nobody@example.com")

    event = SecurityEvent.objects.get()
    assert (event.account_id, event.login_digest) == (None, login_digest("nobody@example.com"))
    assert "nobody" not in f"{event.__dict__}".lower()


def test_sign_ins_on_the_page_are_recorded(client: Client, alice: Account) -> None:
    for password in ("a wrong one", PASSWORD):
        client.post(reverse("account_login"), {"login": "alice@example.com", "password": password})

    assert recorded() == [("sign-in", "refused", alice.pk), ("sign-in", "done", alice.pk)]


def test_tokens_and_passwords_are_recorded(alice: Account) -> None:
    token = create_api_token(user=alice, name="Pump")
    revoke_api_token(token=token)
    set_password(user=alice, current=PASSWORD, new="another long pass phrase")

    kinds = [kind for kind, _, _ in recorded()]
    assert kinds == ["token-created", "token-revoked", "credentials-revoked", "password-changed"]
    assert token not in f"{list(SecurityEvent.objects.values())}"


def test_a_read_by_staff_is_recorded_once_an_hour_for_each_object(acme: Org) -> None:
    staff = make_account(is_staff=True)
    client = api_client(staff)
    for path in ("org/acme/?staff=1", "org/acme/members/?staff=1", "device/?staff=1", "org/"):
        client.get(f"/api/v1/{path}")

    reads = SecurityEvent.objects.filter(kind="staff-read").order_by("id")
    assert [(read.account_id, read.subject) for read in reads] == [
        (staff.pk, "org acme"),
        (staff.pk, "device"),
    ]


def test_who_is_no_staff_leaves_no_record_of_staff(alice: Account, acme: Org) -> None:
    api_client(alice).get("/api/v1/org/acme/?staff=1")

    assert not SecurityEvent.objects.filter(kind="staff-read").exists()


def test_a_deleted_organisation_leaves_a_record(charlie: Account) -> None:
    staff, org = make_account(is_staff=True), make_org(name="Short lived")

    answer = api_client(staff).delete(f"/api/v1/org/{org.slug}/?staff=1")

    event = SecurityEvent.objects.get(kind="org-deleted")
    assert answer.status_code == 204
    assert (event.account_id, event.subject) == (staff.pk, "short-lived Short lived")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE activity_securityevent SET result = 'done'",
        "DELETE FROM activity_securityevent",
        "TRUNCATE activity_securityevent",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_event(alice: Account, sql: str) -> None:
    create_api_token(user=alice)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert SecurityEvent.objects.count() == 1


def test_events_are_deleted_when_they_are_a_year_old(alice: Account) -> None:
    now = timezone.now()
    for days in (364, 367):
        SecurityEvent.objects.create(kind="sign-in", account=alice, at=now - timedelta(days=days))

    clean_activity(now=now)

    assert SecurityEvent.objects.get().at == now - timedelta(days=364)


def test_an_account_that_goes_leaves_its_events(alice: Account) -> None:
    create_api_token(user=alice)

    alice.delete()

    assert SecurityEvent.objects.count() == 1


def test_people_see_their_own_events(client: Client, alice: Account, charlie: Account) -> None:
    create_api_token(user=alice, name="of alice")
    create_api_token(user=charlie, name="of charlie")
    client.force_login(alice)

    page = client.get("/profile/security/").content.decode()

    assert "of alice" in page
    assert "of charlie" not in page


def test_staff_see_all_events_by_kind(client: Client, alice: Account) -> None:
    client.force_login(make_account(is_staff=True))
    create_api_token(user=alice, name="of alice")
    revoke_api_token(token=create_api_token(user=alice, name="of pump"))

    everything = client.get("/staff/security/").content.decode()
    revoked = client.get("/staff/security/?kind=token-revoked").content.decode()

    assert "of alice" in everything
    assert "of pump" in revoked
    assert "of alice" not in revoked
