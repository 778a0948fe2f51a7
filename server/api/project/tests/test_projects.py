"""Projects over REST: started, changed, counted, removed."""

from typing import Any

import pytest

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.activity.models import Operation
from server.apps.devices.models import Device, Project, ProjectTemplate, Property
from server.apps.devices.services.projects import create_project
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.streams.models import StreamVariable
from server.apps.streams.services.variables import create_variable
from server.apps.streams.tests.factories import make_claimed_device, make_water_meter_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PROJECTS = "/api/v1/project/"
NOT_THERE = "00000000-0000-4000-8000-000000000000"


def post(user: Account, body: dict[str, Any], path: str = PROJECTS) -> Any:
    return api_client(user).post(path, body, format="json")


def with_template(org: Org, by: Account) -> tuple[ProjectTemplate, Project]:
    """And its master, which has a variable."""
    template = ProjectTemplate.objects.create(name="Cellars", slug="cellars-v1-0-0", org=org)
    master = create_project(name="master", org=org, by=by, template=template)
    Project.objects.filter(pk=master.pk).update(is_template=True)
    create_variable(project=master, lid=0x5002, name="Water", by=by)
    return template, master


def test_a_project_is_started(alice: Account, acme: Org) -> None:
    answer = post(alice, {"name": "Cellar", "org": acme.slug, "about": "Water"})

    shown = answer.json()
    assert answer.status_code == 201
    assert (shown["name"], shown["org"], shown["about"], shown["created_by"]) == (
        "Cellar",
        acme.slug,
        "Water",
        "alice",
    )
    assert Project.objects.get(pk=shown["id"]).slug == shown["slug"] == f"p--{shown['gid']}"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OPERATOR])
def test_members_do_not_start_projects(acme: Org, role: Role) -> None:
    user = make_account()
    add_member(org=acme, user=user, role=role)

    assert post(user, {"name": "Cellar", "org": acme.slug}).status_code == 403
    assert post(user, {"name": "Cellar", "org": acme.slug}, f"{PROJECTS}new/").status_code == 403


@pytest.mark.parametrize("path", [PROJECTS, f"{PROJECTS}new/"])
def test_the_organisation_of_others_is_as_one_that_is_not_there(
    charlie: Account, acme: Org, path: str
) -> None:
    foreign = post(charlie, {"name": "Cellar", "org": acme.slug}, path)
    nothing = post(charlie, {"name": "Cellar", "org": "nowhere"}, path)

    assert foreign.status_code == nothing.status_code == 400
    assert foreign.json() == {"org": [f"There is no {acme.slug}."]}
    assert nothing.json() == {"org": ["There is no nowhere."]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", ""), ("name", "x" * 51), ("name", "\x00"), ("about", "x" * 401), ("org", "\x00")),
        *(("more", 1), ("project_template", "nothing"), ("project_template", [1])),
    ],
)
def test_what_cannot_be_is_named(alice: Account, acme: Org, field: str, value: Any) -> None:
    answer = post(alice, {"name": "Cellar", "org": acme.slug, field: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_a_project_starts_with_the_variables_of_its_template(alice: Account, acme: Org) -> None:
    template, _ = with_template(acme, alice)

    shown = post(alice, {"name": "Cellar", "org": acme.slug, "project_template": template.slug}).json()

    assert shown["project_template"] == template.slug
    assert StreamVariable.objects.get(project=shown["id"]).name == "Water"


def test_a_project_without_a_template_has_the_default_one(alice: Account, acme: Org) -> None:
    ProjectTemplate.objects.get_or_create(slug="default-template-v1-0-0", org=None)

    shown = post(alice, {"name": "Cellar", "org": acme.slug}).json()

    assert shown["project_template"] == "default-template-v1-0-0"


def test_a_project_for_a_device_starts_with_the_template_of_its_sensor_graph(
    alice: Account, acme: Org, project: Project
) -> None:
    template, _ = with_template(acme, alice)
    graph = make_water_meter_graph(project=project)
    graph.project_template = template
    graph.save(update_fields=["project_template"])
    device = make_device(sg=graph)
    Device.objects.filter(pk=device.pk).update(org=acme)

    answer = post(alice, {"name": "Cellar", "org": acme.slug, "device": device.slug}, f"{PROJECTS}new/")

    assert answer.status_code == 201
    assert list(answer.json()) == ["id"]
    started = Project.objects.get(pk=answer.json()["id"])
    assert started.project_template == template
    assert StreamVariable.objects.get(project=started).lid == 0x5002


def test_a_project_for_the_device_of_others_reveals_nothing_of_it(
    charlie: Account, alice: Account, acme: Org, project: Project
) -> None:
    template, _ = with_template(acme, alice)
    graph = make_water_meter_graph(project=project)
    graph.project_template = template
    graph.save(update_fields=["project_template"])
    device = make_device(sg=graph)
    org = charlie.orgs.get().slug

    for slug in (device.slug, "d--00ff-ffff"):
        answer = post(charlie, {"name": "Cellar", "org": org, "device": slug}, f"{PROJECTS}new/")
        assert answer.status_code == 201
        assert Project.objects.get(pk=answer.json()["id"]).project_template != template


def test_a_project_is_changed_by_uuid_and_by_slug(alice: Account, project: Project) -> None:
    client = api_client(alice)

    by_id = client.patch(f"{PROJECTS}{project.pk}/", {"name": "North"}, format="json")
    by_slug = client.patch(f"{PROJECTS}{project.slug}/", {"about": "Cold"}, format="json")

    assert (by_id.status_code, by_slug.status_code) == (200, 200)
    assert (by_slug.json()["name"], by_slug.json()["about"]) == ("North", "Cold")


def test_clients_put_back_what_they_got(alice: Account, project: Project) -> None:
    client = api_client(alice)
    shown = client.get(f"{PROJECTS}{project.slug}/").json()

    answer = client.put(f"{PROJECTS}{project.slug}/", {**shown, "name": "North"}, format="json")

    assert answer.json() == {**shown, "name": "North"}


def test_a_project_stays_in_its_organisation(alice: Account, project: Project) -> None:
    other = make_org(owner=alice)

    answer = api_client(alice).patch(f"{PROJECTS}{project.slug}/", {"org": other.slug}, format="json")

    assert list(answer.json()) == ["org"]
    assert Project.objects.get(pk=project.pk).org == project.org


def test_members_do_not_change_projects_and_strangers_do_not_see_them(
    bob: Account, charlie: Account, project: Project
) -> None:
    path = f"{PROJECTS}{project.pk}/"

    assert api_client(bob).patch(path, {"name": "Mine"}, format="json").status_code == 403
    for method in ("get", "patch", "put"):
        assert getattr(api_client(charlie), method)(path).status_code == 404


def test_a_project_is_removed_by_staff_that_asks_as_staff(alice: Account, project: Project) -> None:
    staff = make_account(is_staff=True)
    path = f"{PROJECTS}{project.slug}/"

    refused = [api_client(alice).delete(f"{path}?staff=1"), api_client(staff).delete(path)]
    done = api_client(staff).delete(f"{path}?staff=1")

    assert [answer.status_code for answer in refused] == [403, 403]
    assert done.status_code == 202
    assert Operation.objects.get().pk.hex == done.json()["pid"].replace("-", "")


def test_extra_counts_what_is_in_a_project(bob: Account, charlie: Account, project: Project) -> None:
    make_claimed_device(project=project)
    switched_off = make_claimed_device(project=project)
    Device.objects.filter(pk=switched_off.pk).update(active=False)

    shown = api_client(bob).get(f"{PROJECTS}{project.pk}/extra/").json()

    assert shown["counts"] == {"active_devices": 1, "inactive_devices": 1, "variables": 1, "streams": 2}
    assert shown["slug"] == project.slug
    assert api_client(charlie).get(f"{PROJECTS}{project.pk}/extra/").status_code == 404


def test_the_list_can_be_narrowed(alice: Account, acme: Org, project: Project) -> None:
    other = make_project(name="North", org=make_org(owner=alice))
    Property.objects.create(org=acme, target=project.slug, name="Colour", text="blue")
    client = api_client(alice)

    def found(query: str) -> set[str]:
        answer = client.get(f"{PROJECTS}?{query}")
        assert answer.status_code == 200, answer.content
        return {row["slug"] for row in answer.json()["results"]}

    assert found("") == {project.slug, other.slug}
    for query in (
        f"org={acme.slug}",
        f"org={acme.pk}",
        f"org__slug={acme.slug}",
        f"slug={project.slug}",
        f"name={project.name}",
        "property=Colour",
        "property=Colour__blue",
    ):
        assert found(query) == {project.slug}, query
    assert found("created_by=alice") == {project.slug, other.slug}
    assert found("created_by=bob") == found("property=Colour__red") == set()


@pytest.mark.parametrize("query", ["slug=x", "slug=p--zz", "name=%00", "org=%00", "property=%00"])
def test_a_filter_that_cannot_be_read_is_named(alice: Account, query: str) -> None:
    answer = api_client(alice).get(f"{PROJECTS}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == [query.partition("=")[0]]


def test_whether_names_make_variables_is_a_setting(alice: Account, acme: Org) -> None:
    asked = post(alice, {"name": "Cellar", "org": acme.slug}).json()
    strict = post(alice, {"name": "Attic", "org": acme.slug, "names_make_variables": False}).json()

    changed = api_client(alice).patch(
        f"{PROJECTS}{asked['id']}/", {"names_make_variables": False}, format="json"
    )

    assert (asked["names_make_variables"], strict["names_make_variables"]) == (True, False)
    assert (changed.status_code, changed.json()["names_make_variables"]) == (200, False)
    assert not Project.objects.get(pk=asked["id"]).names_make_variables
