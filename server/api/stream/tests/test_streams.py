"""Reading streams over REST."""

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.tests.factories import make_claimed_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

STREAMS = "/api/v1/stream/"


def stream_of(device: Device) -> StreamId:
    return StreamId.objects.get(device=device)


def slugs(user: Account, query: str = "") -> set[str]:
    response = api_client(user).get(f"{STREAMS}{query}")
    assert response.status_code == 200, response.content
    return {stream["slug"] for stream in response.json()["results"]}


def test_a_stream_has_the_fields_of_the_original_cloud(alice: Account, device: Device) -> None:
    stream = stream_of(device)

    shown = api_client(alice).get(f"{STREAMS}{stream.slug}/").json()

    assert set(shown) == {
        *(
            "id",
            "project_id",
            "project",
            "device",
            "block",
            "data_label",
            "variable",
            "var_type",
            "data_type",
        ),
        *("var_name", "var_lid", "input_unit", "output_unit", "derived_stream", "raw_value_format"),
        *("mdo_type", "mdo_label", "multiplication_factor", "division_factor", "offset", "org", "created_on"),
        *("slug", "enabled"),
    }
    assert shown["id"] == str(stream.id)
    assert shown["project_id"] == str(device.project_id)
    assert shown["device"] == device.slug
    assert shown["variable"] == stream.variable.slug
    assert shown["input_unit"]["slug"] == "in--water-meter-volume--gallons"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, (5, 2, 0.5)),
        ({"mdo_type": "S"}, (1, 1, 0.0)),
        ({"mdo_type": "S", "multiplication_factor": 3, "offset": 1.5}, (3, 1, 1.5)),
        ({"multiplication_factor": 3}, (5, 2, 0.5)),
    ],
)
def test_factors_are_numbers_those_of_the_variable_or_its_own(
    alice: Account, device: Device, own: dict[str, object], expected: tuple[float, ...]
) -> None:
    StreamVariable.objects.update(multiplication_factor=5, division_factor=2, offset=0.5)
    StreamId.objects.update(**own)
    client, slug = api_client(alice), stream_of(device).slug

    [listed] = client.get(STREAMS).json()["results"]

    names = ("multiplication_factor", "division_factor", "offset")
    assert tuple(listed[name] for name in names) == expected
    assert client.get(f"{STREAMS}{slug}/").json() == listed


def test_a_stream_is_found_by_the_forms_of_its_slug(alice: Account, device: Device) -> None:
    client, slug = api_client(alice), stream_of(device).slug
    short = slug.replace("s--0000-", "s--").replace("--0000-0000-0000-", "--")

    assert short != slug
    assert client.get(f"{STREAMS}{short}/").json() == client.get(f"{STREAMS}{slug}/").json()


@pytest.mark.parametrize("what", ["s--7--81--5001", "s--0001--0081--5fff", "nonsense", "%00", "s" * 5000])
def test_what_is_no_stream_is_not_there(alice: Account, device: Device, what: str) -> None:
    assert api_client(alice).get(f"{STREAMS}{what}/").status_code == 404


def test_the_stream_of_others_is_not_there(charlie: Account, device: Device) -> None:
    assert api_client(charlie).get(f"{STREAMS}{stream_of(device).slug}/").status_code == 404
    assert slugs(charlie) == set()


def test_an_operator_lists_streams_and_does_not_open_them(project: Project, device: Device) -> None:
    operator = make_account()
    add_member(org=project.org, user=operator, role=Role.OPERATOR)

    assert slugs(operator) == {stream_of(device).slug}
    assert api_client(operator).get(f"{STREAMS}{stream_of(device).slug}/").status_code == 404


def test_the_list_can_be_narrowed(alice: Account, project: Project, device: Device) -> None:
    there = make_project(org=project.org)
    make_claimed_device(project=there)
    stream = stream_of(device)

    for query in (
        f"?project={project.pk}",
        f"?project={project.slug}",
        f"?device={device.slug}",
        f"?device=d--{device.slug[-4:]}",
        f"?device=0x{device.pk:x}",
        f"?device__slug={device.slug}",
        f"?variable={stream.variable.slug}",
        "?org__slug=acme&project=" + project.slug,
    ):
        assert slugs(alice, query) == {stream.slug}, query


def test_disabled_streams_are_listed_on_request(alice: Account, project: Project, device: Device) -> None:
    disabled = stream_of(make_claimed_device(project=project))
    disabled.enabled = False
    disabled.save(update_fields=["enabled"])
    enabled = stream_of(device)

    assert slugs(alice) == {enabled.slug}
    assert slugs(alice, "?all=1") == {enabled.slug, disabled.slug}
    assert slugs(alice, "?enabled=false") == {disabled.slug}
    assert slugs(alice, "?enabled=true&all=1") == {enabled.slug}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("project", "x"), ("device", "d--xyz"), ("device", "%00"), ("device", "9" * 5000)),
        *(("variable", "v--1"), ("enabled", "maybe"), ("all", "maybe"), ("page_size", "-5")),
    ],
)
def test_a_value_that_cannot_be_read_is_named(alice: Account, field: str, value: str) -> None:
    response = api_client(alice).get(f"{STREAMS}?{field}={value}")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_the_list_takes_the_same_queries_for_any_length(
    alice: Account, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_claimed_device(project=project)
    client = api_client(alice)

    with django_assert_num_queries(5):  # who asks, how many, the page, its units in and out
        assert client.get(STREAMS).json()["count"] == 5


def test_who_left_sees_nothing(bob: Account, device: Device) -> None:
    OrgMembership.objects.filter(user=bob).update(is_active=False)

    assert slugs(bob) == set()
