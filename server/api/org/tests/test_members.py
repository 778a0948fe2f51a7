"""Who belongs to an organisation, over REST: seen, registered, given another role, deregistered."""

import pytest

from server.apps.accounts.models import Account, Org, OrgDomain, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member, create_account
from server.apps.accounts.services.memberships import join_by_domain
from server.apps.accounts.services.orgs import verify_domain
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
MEMBERS = "/api/v1/org/acme/members/"
MEMBERSHIP = "/api/v1/org/acme/membership/"
REGISTER = "/api/v1/org/acme/register/?staff=1"


def join(org: Org, role: Role) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=role)
    return user


def role_of(user: Account) -> str:
    return OrgMembership.objects.get(user=user, org__slug="acme").role


def test_managers_see_members_with_the_fields_of_the_original_cloud(alice: Account, bob: Account) -> None:
    answer = api_client(alice).get(MEMBERS).json()
    members = answer["results"]

    assert (answer["count"], answer["next"], answer["previous"]) == (2, None, None)
    assert [member["user"] for member in members] == ["alice", "bob"]
    assert set(members[1]) == {
        *("user", "user_details", "created_on", "is_active", "is_org_admin", "permissions"),
        *("role", "role_name"),
    }
    assert members[1]["role_name"] == "Member"
    assert len(members[1]["permissions"]) == 25


def test_members_and_strangers_do_not_see_the_list(bob: Account, charlie: Account) -> None:
    assert api_client(bob).get(MEMBERS).status_code == 403
    assert api_client(charlie).get(MEMBERS).status_code == 404


def test_those_who_left_are_shown_when_asked_for(alice: Account, bob: Account) -> None:
    assert api_client(alice).delete(f"{MEMBERS}bob/").status_code == 204

    assert [member["user"] for member in api_client(alice).get(MEMBERS).json()["results"]] == ["alice"]
    everybody = api_client(alice).get(f"{MEMBERS}?all=1").json()["results"]
    assert [(member["user"], member["is_active"]) for member in everybody] == [
        ("alice", True),
        ("bob", False),
    ]
    assert api_client(bob).get("/api/v1/org/acme/").status_code == 404


def test_staff_register_somebody_with_an_account(acme: Org, charlie: Account) -> None:
    staff, body = api_client(make_account(is_staff=True)), {"user": "charlie", "role": "r1"}

    response = staff.post(REGISTER, body, format="json")

    assert response.status_code == 201
    assert response.json()["role"] == "r1"
    assert staff.post(REGISTER, body, format="json").status_code == 400


@pytest.mark.parametrize("user", ["charlie", "nobody"])
def test_an_owner_registers_nobody_and_learns_nothing_about_accounts(
    alice: Account, acme: Org, charlie: Account, user: str
) -> None:
    response = api_client(alice).post("/api/v1/org/acme/register/", {"user": user}, format="json")

    assert response.status_code == 403
    assert "invitation" in response.json()["detail"]
    assert charlie.email not in response.content.decode()
    assert not OrgMembership.objects.filter(org=acme, user=charlie).exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": "nobody"}, "user"),
        ({"user": "\0"}, "user"),
        ({}, "user"),
        ({"user": "charlie", "role": "s0"}, "role"),
        ({"user": "charlie", "role": "00"}, "role"),
        ({"user": "charlie", "rule": "m1"}, "rule"),
    ],
)
def test_what_is_wrong_is_named(acme: Org, charlie: Account, body: dict[str, str], field: str) -> None:
    response = api_client(make_account(is_staff=True)).post(REGISTER, body, format="json")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_another_role_brings_its_permissions(alice: Account, bob: Account) -> None:
    response = api_client(alice).patch(f"{MEMBERS}bob/", {"role": "a1"}, format="json")

    assert response.json()["role"] == "a1"
    assert response.json()["is_org_admin"] is True
    assert api_client(bob).get(MEMBERS).status_code == 200


@pytest.mark.parametrize("role", ["a0", "a1"])
def test_a_developer_gives_no_role_above_his_own(acme: Org, bob: Account, role: str) -> None:
    developer = join(acme, Role.DEVELOPER)

    response = api_client(developer).patch(f"{MEMBERS}bob/", {"role": role}, format="json")

    assert response.status_code == 403
    assert role_of(bob) == "m1"


def test_an_admin_neither_makes_nor_unmakes_owners(acme: Org, alice: Account) -> None:
    admin = join(acme, Role.ADMIN)
    client = api_client(admin)

    assert client.patch(f"{MEMBERS}{admin.slug}/", {"role": "a0"}, format="json").status_code == 403
    assert client.delete(f"{MEMBERS}alice/").status_code == 403
    assert role_of(alice) == "a0"


def test_the_last_owner_stays(acme: Org, alice: Account) -> None:
    alone = api_client(alice).delete(f"{MEMBERS}alice/")
    join(acme, Role.OWNER)
    with_another = api_client(alice).patch(f"{MEMBERS}alice/", {"role": "m1"}, format="json")

    assert alone.status_code == 400
    assert with_another.status_code == 200


def test_everybody_can_leave(acme: Org, bob: Account) -> None:
    client = api_client(bob)

    left = client.delete(MEMBERSHIP)

    assert left.status_code == 204
    assert role_of(bob) == "00"
    assert client.get(MEMBERSHIP).status_code == 404
    assert client.delete(MEMBERSHIP).status_code == 404


def test_the_last_owner_cannot_leave(acme: Org, alice: Account) -> None:
    alone = api_client(alice).delete(MEMBERSHIP)
    join(acme, Role.OWNER)
    with_another = api_client(alice).delete(MEMBERSHIP)

    assert (alone.status_code, with_another.status_code) == (400, 204)


def test_whoever_left_is_not_made_a_member_again_without_consent(
    acme: Org, alice: Account, bob: Account
) -> None:
    api_client(bob).delete(MEMBERSHIP)

    by_owner = api_client(alice).patch(f"{MEMBERS}bob/", {"role": "m1"}, format="json")

    assert by_owner.status_code == 400
    assert role_of(bob) == "00"


def test_leaving_is_in_the_audit_trail(acme: Org, alice: Account, bob: Account) -> None:
    api_client(bob).delete(MEMBERSHIP)

    newest = api_client(alice).get("/api/v1/org/acme/audit/").json()["results"][0]

    assert (newest["event"], newest["ref"], newest["details"]) == (
        "leave-org",
        "@bob",
        {"role": "00", "before": "m1"},
    )


def test_a_member_of_another_organisation_is_not_there(alice: Account, acme: Org, charlie: Account) -> None:
    assert api_client(alice).delete(f"{MEMBERS}charlie/").status_code == 404
    assert api_client(alice).delete(f"{MEMBERS}%00/").status_code == 404


def test_staff_who_ask_as_such_have_every_permission_everywhere(acme: Org) -> None:
    staff = api_client(make_account(is_staff=True))

    own = staff.get("/api/v1/org/acme/membership/?staff=1").json()

    assert own["role"] == "s0"
    assert all(own["permissions"].values())
    assert staff.get("/api/v1/org/acme/membership/").status_code == 404


def test_a_confirmed_address_of_a_verified_domain_lets_in(acme: Org, alice: Account) -> None:
    domain = OrgDomain.objects.create(org=acme, name="example.com", default_role="r1", created_by=alice)
    user = make_account()

    before = join_by_domain(user=user)
    verify_domain(domain=domain, verified=True, by=alice)
    after = join_by_domain(user=user)

    assert before == []
    assert [membership.org for membership in after] == [acme]
    assert role_of(user) == "r1"


def test_an_address_that_is_not_confirmed_lets_nobody_in(acme: Org, alice: Account) -> None:
    OrgDomain.objects.create(org=acme, name="example.com", verified=True, created_by=alice)
    user = create_account(email="new@example.com", password="a long pass phrase", confirmed=False)

    assert join_by_domain(user=user) == []


def test_whoever_was_deregistered_does_not_come_back_by_the_domain(
    acme: Org, alice: Account, bob: Account
) -> None:
    OrgDomain.objects.create(org=acme, name="example.com", verified=True, created_by=alice)
    api_client(alice).delete(f"{MEMBERS}bob/")

    assert join_by_domain(user=bob) == []


def test_domains_are_added_by_managers_and_verified_by_staff(alice: Account, acme: Org) -> None:
    domains = "/api/v1/org/acme/domains/"
    client, staff = api_client(alice), api_client(make_account(is_staff=True))

    added = client.post(domains, {"name": "@Water.Example"}, format="json").json()
    by_owner = client.patch(f"{domains}{added['id']}/", {"verified": True}, format="json")
    by_staff = staff.patch(f"{domains}{added['id']}/?staff=1", {"verified": True}, format="json")

    assert (added["name"], added["verified"]) == ("water.example", False)
    assert by_owner.status_code == 403
    assert by_staff.json()["verified"] is True
    assert client.get("/api/v1/org/acme/").json()["domain_names"] == ["water.example"]
    assert client.delete(f"{domains}{added['id']}/").status_code == 204
    assert client.get(domains).json() == []


@pytest.mark.parametrize(
    "name", ["", "water", "a b.example", "-", ".example", "exa_mple.com", "\0.com", "-é.com"]
)
def test_what_is_no_domain_is_named(alice: Account, acme: Org, name: str) -> None:
    response = api_client(alice).post("/api/v1/org/acme/domains/", {"name": name}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["name"]


def test_a_domain_is_taken_only_when_it_is_verified(alice: Account, acme: Org, charlie: Account) -> None:
    staff = api_client(make_account(is_staff=True))
    ids = {}
    for user, slug in ((charlie, "elsewhere"), (alice, "acme")):
        added = api_client(user).post(f"/api/v1/org/{slug}/domains/", {"name": "w.example"}, format="json")
        assert added.status_code == 201
        ids[slug] = added.json()["id"]

    codes = [
        staff.patch(
            f"/api/v1/org/{slug}/domains/{pk}/?staff=1", {"verified": True}, format="json"
        ).status_code
        for slug, pk in reversed(ids.items())
    ]

    assert codes == [200, 400]
