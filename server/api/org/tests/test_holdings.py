"""What belongs to an organisation, over REST: counted, listed, searched."""

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project, Property, PropertyType
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import DataBlock
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
ACME = "/api/v1/org/acme/"


def labelled(device: Device, label: str) -> Device:
    device.label = label
    device.save()
    return device


def add_property_to(device: Device, name: str, text: str, kind: PropertyType = PropertyType.STR) -> None:
    assert device.org is not None
    Property.objects.create(org=device.org, target=device.slug, name=name, text=text, type=kind)


def archive(device: Device, title: str) -> DataBlock:
    assert device.org is not None
    return DataBlock.objects.create(
        slug=f"b--0001-{device.gid[5:]}", block=1, device=device, org=device.org, title=title
    )


def test_extra_counts_what_there_is(bob: Account, device: Device) -> None:
    archive(device, "Summer")

    extra = api_client(bob).get(f"{ACME}extra/").json()

    assert extra["counts"] == {
        "projects": 1,
        "datablocks": 1,
        "members": 2,
        "devices": 1,
        "fleets": 0,
        "networks": 0,
        "reports": 0,
    }
    assert extra["current_member"]["user"] == "bob"
    assert {
        **api_client(bob).get(ACME).json(),
    } == {name: value for name, value in extra.items() if name not in {"counts", "current_member"}}


def test_a_stranger_sees_nothing_of_it(charlie: Account, device: Device) -> None:
    for path in ("extra", "projects", "devices", "archives"):
        assert api_client(charlie).get(f"{ACME}{path}/").status_code == 404


def test_projects_come_in_pages(bob: Account, project: Project, acme: Org) -> None:
    make_project(name="Another", org=acme)

    page = api_client(bob).get(f"{ACME}projects/?page_size=1").json()

    assert page["count"] == 2
    assert [row["name"] for row in page["results"]] == ["Another"]
    assert page["next"] == "http://testserver/api/v1/org/acme/projects/?page=2&page_size=1"


def test_devices_are_found_by_words_of_their_label(bob: Account, device: Device, project: Project) -> None:
    labelled(device, "Pump by the lake")
    labelled(make_claimed_device(project=project), "Valve by the lake")

    found = api_client(bob).get(f"{ACME}devices/?q=LAKE%20pum").json()

    assert [row["label"] for row in found["results"]] == ["Pump by the lake"]
    assert (found["count"], found["next_page"], found["prev_page"]) == (1, None, None)


def test_devices_are_found_by_a_property(bob: Account, device: Device, project: Project) -> None:
    other = make_claimed_device(project=project)
    for each, colour in ((device, "red"), (other, "blue")):
        add_property_to(each, "Colour", colour)
    add_property_to(other, "In use", "True", PropertyType.BOOL)

    def slugs(query: str) -> list[str]:
        results = api_client(bob).get(f"{ACME}devices/?{query}").json()["results"]
        return [row["slug"] for row in results]

    assert slugs("Colour=red") == [device.slug]
    assert slugs("Colour=blue&In%20use=true") == [other.slug]
    assert slugs("Colour=green") == []
    assert slugs("colour=red") == []


def test_who_may_not_read_properties_finds_nothing_by_them(acme: Org, device: Device) -> None:
    add_property_to(device, "Colour", "red")
    operator = make_account()
    add_member(org=acme, user=operator, role=Role.OPERATOR)

    assert api_client(operator).get(f"{ACME}devices/").json()["count"] == 1
    assert api_client(operator).get(f"{ACME}devices/?Colour=red").json()["count"] == 0
    assert api_client(operator).get(f"{ACME}archives/").status_code == 403


def test_pages_have_numbers_and_ten_rows(
    bob: Account, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(11):
        make_claimed_device(project=project)
    client = api_client(bob)

    with django_assert_num_queries(4):  # who asks, the gate, how many, the page
        first = client.get(f"{ACME}devices/").json()
    second = client.get(f"{ACME}devices/?page=2").json()

    assert (first["count"], len(first["results"]), first["next_page"]) == (11, 10, 2)
    assert (len(second["results"]), second["next_page"], second["prev_page"]) == (1, None, 1)


@pytest.mark.parametrize("page", ["0", "3", "x", "9" * 5000])
def test_a_page_that_is_not_there_is_404(bob: Account, page: str) -> None:
    assert api_client(bob).get(f"{ACME}devices/?page={page}").status_code == 404


@pytest.mark.parametrize(
    "query", ["a%00=1", "a=%00", f"{'n' * 49}=1", f"a={'v' * 257}", "q=%00", f"q={'x' * 201}"]
)
def test_what_cannot_be_searched_is_400(bob: Account, query: str) -> None:
    assert api_client(bob).get(f"{ACME}devices/?{query}").status_code == 400


def test_archives_are_found_by_words_of_their_title(bob: Account, device: Device) -> None:
    block = archive(device, "Summer at the lake")

    found = api_client(bob).get(f"{ACME}archives/?q=summer").json()

    assert [row["slug"] for row in found["results"]] == [block.slug]
    assert api_client(bob).get(f"{ACME}archives/?q=winter").json()["count"] == 0


def test_staff_who_ask_as_such_see_it_all(device: Device) -> None:
    staff = api_client(make_account(is_staff=True))

    extra = staff.get(f"{ACME}extra/?staff=1").json()

    assert extra["current_member"]["role"] == "s0"
    assert staff.get(f"{ACME}devices/?staff=1").json()["count"] == 1
    assert OrgMembership.objects.count() == 1


def test_an_organisation_with_devices_is_not_deleted(device: Device) -> None:
    staff = api_client(make_account(is_staff=True))

    response = staff.delete(f"{ACME}?staff=1")

    assert response.status_code == 400
    assert Org.objects.filter(slug="acme").exists()
