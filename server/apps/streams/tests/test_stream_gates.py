"""The gates to streams and their data, and which streams a page shows."""

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import (
    readable_streams_of,
    stream_for,
    streams_of,
    streams_of_device,
    streams_of_devices,
)
from server.apps.streams.selectors.readings import data_stream_for, data_streams_matching
from server.apps.streams.tests.factories import enter, make_claimed_device
from server.core.errors import NotFound
from server.lib.slugs import SlugError, StreamSlug
from server.lib.units import Mdo

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def member(org: Org, role: Role) -> Account:
    user = make_account()
    add_member(org=org, user=user, role=role)
    return user


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.get(device=device)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.DEVELOPER, Role.MEMBER])
def test_who_may_read_data_reaches_a_stream(stream: StreamId, acme: Org, role: Role) -> None:
    user = member(acme, role)

    assert stream_for(user, stream.slug) == stream
    assert data_stream_for(user, stream.slug).key == stream.key


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.DEREGISTERED])
def test_who_may_not_read_data_gets_the_answer_for_what_is_not_there(
    stream: StreamId, acme: Org, role: Role
) -> None:
    user = member(acme, role)

    with pytest.raises(NotFound, match="Not found"):
        stream_for(user, stream.slug)
    with pytest.raises(NotFound, match="Not found"):
        data_stream_for(user, stream.slug)


def test_an_operator_may_know_which_streams_there_are(stream: StreamId, acme: Org) -> None:
    operator = member(acme, Role.OPERATOR)

    assert list(streams_of(operator)) == [stream]
    assert list(readable_streams_of(operator)) == []


def test_strangers_and_nobody_reach_no_stream(stream: StreamId, charlie: Account) -> None:
    for user in (charlie, AnonymousUser()):
        with pytest.raises(NotFound, match="Not found"):
            stream_for(user, stream.slug)
        with pytest.raises(NotFound, match="Not found"):
            data_stream_for(user, stream.slug)
        assert data_streams_matching(user, stream.slug) == []


def test_a_member_who_lost_the_permission_reaches_no_stream(stream: StreamId, bob: Account) -> None:
    membership = OrgMembership.objects.get(user=bob)
    membership.permissions["can_read_stream_data"] = False
    membership.save(update_fields=["permissions"])

    with pytest.raises(NotFound):
        stream_for(bob, stream.slug)
    with pytest.raises(NotFound):
        data_stream_for(bob, stream.slug)


def test_a_stream_is_found_by_any_form_of_its_slug(stream: StreamId, alice: Account) -> None:
    parsed = StreamSlug.parse(stream.slug)
    short = f"s--{parsed.project:04x}--{parsed.device:04x}--{parsed.variable:04x}"

    for slug in (stream.slug, stream.slug.upper(), short):
        assert stream_for(alice, slug) == stream
        assert data_stream_for(alice, slug).slug == stream.slug


@pytest.mark.parametrize("slug", ["", "s--", "s--0001--0081", "d--0081", "s--zzzz--0081--5001", "\x00"])
def test_what_names_no_stream_is_not_there(stream: StreamId, alice: Account, slug: str) -> None:
    with pytest.raises(NotFound):
        stream_for(alice, slug)
    with pytest.raises(NotFound):
        data_stream_for(alice, slug)


def test_a_gate_costs_one_query(
    stream: StreamId, alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = stream_for(alice, stream.slug)
        str((found.project, found.device, found.variable, found.org, found.output_unit))
        str(found.variable.output_unit)
    with django_assert_num_queries(1):
        data_stream_for(alice, stream.slug)


def test_a_filter_is_a_stream_a_device_or_a_variable(
    device: Device, project: Project, stream: StreamId, alice: Account
) -> None:
    neighbour = make_device(sg=device.sg)
    enter(neighbour, project)
    other = StreamId.objects.get(device=neighbour)

    def keys(slug: str) -> list[int]:
        return [found.key for found in data_streams_matching(alice, slug)]

    assert keys(stream.slug) == [stream.key]
    assert keys(device.slug) == [stream.key]
    assert keys(stream.variable.slug) == sorted([stream.key, other.key])


def test_a_filter_of_another_kind_matches_nothing(stream: StreamId, alice: Account, project: Project) -> None:
    assert data_streams_matching(alice, project.slug) == []


@pytest.mark.parametrize("slug", ["", "nonsense", "s--", "d--xyz"])
def test_a_filter_that_is_no_slug_says_so(alice: Account, slug: str) -> None:
    with pytest.raises(SlugError):
        data_streams_matching(alice, slug)


def test_data_come_out_in_the_streams_unit_or_else_its_variables(stream: StreamId, alice: Account) -> None:
    assert data_stream_for(alice, stream.slug).output == Mdo(100000, 378541, 0.0)

    StreamId.objects.update(output_unit="out--water-meter-volume--cubic-meters")
    assert data_stream_for(alice, stream.slug).output == Mdo(1, 1000, 0.0)

    StreamId.objects.update(output_unit=None)
    assert data_stream_for(alice, stream.slug).output == Mdo(100000, 378541, 0.0)


def test_the_streams_of_a_device_are_those_of_the_project_it_is_in(
    device: Device, stream: StreamId, acme: Org, alice: Account
) -> None:
    """What it measured in another project stays there."""
    elsewhere = make_project(name="Elsewhere", org=acme)
    Device.objects.filter(pk=device.pk).update(project=elsewhere)
    moved = Device.objects.get(pk=device.pk)

    assert list(streams_of_device(alice, moved)) == []
    assert streams_of_devices(alice, [moved]) == []


def test_the_streams_of_several_devices_come_in_one_query(
    device: Device, project: Project, alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_claimed_device(project=project)

    with django_assert_num_queries(1):
        streams = streams_of_devices(alice, [device, other])
        str([(s.device, s.variable, s.output_unit, s.variable.output_unit) for s in streams])

    assert [s.device_id for s in streams] == sorted([device.pk, other.pk])
