"""Claiming over REST: the number of a device is no proof; its code, its key or an assignment is."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.settings import api_settings

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.devices import semi_claim
from server.apps.devices.services.keys import issue_claim_code, issue_upload_key
from server.apps.devices.tests.factories import make_device, make_project, make_sensor_graph
from server.apps.lifecycle.services.claiming import NotClaimable, claim_with_proof
from server.apps.streams.models import StreamId, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.services.variables import create_variable_template
from server.apps.streams.tests.factories import make_claimed_device, make_water_meter_graph
from server.core.errors import Conflict
from stack.examples import examples

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CLAIM = "/api/v1/device/claim/"
CLAIMABLE = "/api/v1/device/claimable/"
NOT_CLAIMABLE = {"detail": "Device is not claimable"}


@pytest.fixture
def spare(project: Project) -> Device:
    """Nobody's, with the graph of a water meter."""
    return make_device(sg=make_water_meter_graph(project=project))


def claim(by: Account, device: str, project: Project, **proof: Any) -> Any:
    body = {"device": device, "project": str(project.pk), **proof}
    return api_client(by).post(CLAIM, body, format="json")


def test_who_has_the_claim_code_claims(alice: Account, project: Project, spare: Device) -> None:
    code = issue_claim_code(device=spare, by=None)

    answer = claim(alice, spare.slug, project, claim_code=code)

    assert answer.status_code == 202
    assert answer.json() == {
        "claimed": True,
        "device": spare.slug,
        "project": project.slug,
        "project_id": str(project.pk),
    }
    assert Device.objects.get(pk=spare.pk).claimed_by == alice
    assert StreamId.objects.get(device=spare).project == project


@pytest.mark.parametrize("form", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_counts_as_people_copy_it(alice: Account, project: Project, spare: Device, form: Any) -> None:
    code = issue_claim_code(device=spare, by=None)

    assert claim(alice, spare.slug, project, claim_code=form(code)).status_code == 202


def test_misread_letters_of_a_code_do_no_harm(alice: Account, project: Project, spare: Device) -> None:
    code = issue_claim_code(device=spare, by=None).translate(str.maketrans("OIB", "018"))

    assert claim(alice, spare.slug, project, claim_code=code).status_code == 202


def test_a_code_has_80_bits_in_groups(spare: Device) -> None:
    codes = {issue_claim_code(device=spare, by=None) for _ in range(20)}

    assert len(codes) == 20
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4, 4, 4, 4]
        assert set("".join(groups)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_a_code_is_nowhere_kept(spare: Device) -> None:
    code = issue_claim_code(device=spare, by=None)

    [row] = DeviceKey.objects.values()
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)


def test_who_has_the_upload_key_claims(alice: Account, project: Project, spare: Device) -> None:
    key = issue_upload_key(device=spare, by=None)

    assert claim(alice, spare.slug, project, key=key).status_code == 202


def test_a_device_set_aside_needs_no_proof(alice: Account, project: Project, spare: Device) -> None:
    semi_claim(device=spare, org=project.org, by=make_account(is_staff=True))

    assert claim(alice, spare.slug, project).status_code == 202


def test_a_device_set_aside_for_another_organisation_is_not_claimed_with_its_code_or_key(
    alice: Account, charlie: Account, project: Project, spare: Device
) -> None:
    semi_claim(device=spare, org=charlie.orgs.get(), by=make_account(is_staff=True))
    code, key = issue_claim_code(device=spare, by=None), issue_upload_key(device=spare, by=None)

    answers = [claim(alice, spare.slug, project, **proof) for proof in ({"claim_code": code}, {"key": key})]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(400, NOT_CLAIMABLE)] * 2
    assert claimable(alice, [spare.slug], {spare.slug: code}) == [(spare.slug, False)]


def test_a_project_may_be_named_by_its_slug(alice: Account, project: Project, spare: Device) -> None:
    code = issue_claim_code(device=spare, by=None)

    body = {"device": f"d--{spare.slug[-4:]}", "project": project.slug, "claim_code": code}
    assert api_client(alice).post(CLAIM, body, format="json").status_code == 202


def test_weak_point_11_nobody_claims_by_a_guessed_number(
    alice: Account, project: Project, spare: Device, charlie: Account
) -> None:
    """Whatever is wrong, the answer is the same: it does not reveal which devices exist."""
    elsewhere, other, taken = make_device(), make_device(), make_claimed_device(project=project)
    code = issue_claim_code(device=spare, by=None)
    upload_key = issue_upload_key(device=other, by=None)
    semi_claim(device=elsewhere, org=charlie.orgs.get(), by=make_account(is_staff=True))
    of_elsewhere = issue_claim_code(device=elsewhere, by=None)

    answers = [
        claim(alice, spare.slug, project),
        claim(alice, "d--0000-0000-00ff-ffff", project),
        claim(alice, "d--0000-0000-00ff-ffff", project, claim_code=code),
        claim(alice, taken.slug, project),
        claim(alice, elsewhere.slug, project),
        claim(alice, elsewhere.slug, project, claim_code=of_elsewhere),
        claim(alice, spare.slug, project, claim_code="AAAA-AAAA-AAAA-AAAA"),
        claim(alice, spare.slug, project, claim_code=code[:-1]),
        claim(alice, other.slug, project, claim_code=code),
        claim(alice, spare.slug, project, key=upload_key),
        claim(alice, spare.slug, project, key=code),
        claim(alice, spare.slug, project, claim_code=upload_key[:64]),
        claim(alice, spare.slug, project, claim_code=None, key=""),
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert [answer.json() for answer in answers] == [NOT_CLAIMABLE] * len(answers)
    assert Device.objects.filter(project=project).count() == 1


@given(tried=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567- 018", max_size=24))
@hypothesis_settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_weak_point_11_trying_codes_claims_nothing(
    tried: str, alice: Account, project: Project, spare: Device
) -> None:
    issue_claim_code(device=spare, by=None)

    with pytest.raises(NotClaimable):
        claim_with_proof(slug=spare.slug, into=project, by=alice, claim_code=tried, key=tried)

    assert not Device.objects.get(pk=spare.pk).claimed


def test_weak_point_11_trying_is_counted(
    alice: Account, project: Project, spare: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "claim": "3/hour"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)
    code = issue_claim_code(device=spare, by=None)
    tries = [claim(alice, spare.slug, project, claim_code="AAAA").status_code for _ in range(3)]

    answer = claim(alice, spare.slug, project, claim_code=code)

    assert tries == [400] * 3
    assert answer.status_code == 429
    assert not Device.objects.get(pk=spare.pk).claimed


def test_a_code_is_good_for_one_claim(alice: Account, project: Project, spare: Device) -> None:
    code = issue_claim_code(device=spare, by=None)
    claim(alice, spare.slug, project, claim_code=code)
    Device.objects.filter(pk=spare.pk).update(project=None, org=None)

    assert claim(alice, spare.slug, project, claim_code=code).json() == NOT_CLAIMABLE


def test_a_new_code_voids_the_one_before(alice: Account, project: Project, spare: Device) -> None:
    old, new = issue_claim_code(device=spare, by=None), issue_claim_code(device=spare, by=None)

    assert claim(alice, spare.slug, project, claim_code=old).status_code == 400
    assert claim(alice, spare.slug, project, claim_code=new).status_code == 202


def test_a_claimed_device_gets_no_code(project: Project) -> None:
    with pytest.raises(Conflict):
        issue_claim_code(device=make_claimed_device(project=project), by=None)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OPERATOR])
def test_a_member_without_the_permission_may_not_claim(project: Project, spare: Device, role: Role) -> None:
    user = make_account()
    add_member(org=project.org, user=user, role=role)
    code = issue_claim_code(device=spare, by=None)

    assert claim(user, spare.slug, project, claim_code=code).status_code == 403
    assert not Device.objects.get(pk=spare.pk).claimed


def test_the_project_of_others_is_as_one_that_is_not_there(
    charlie: Account, project: Project, spare: Device
) -> None:
    code = issue_claim_code(device=spare, by=None)

    foreign = claim(charlie, spare.slug, project, claim_code=code)
    nothing = api_client(charlie).post(
        CLAIM,
        {"device": spare.slug, "project": "00000000-0000-4000-8000-000000000000", "claim_code": code},
        format="json",
    )

    assert (foreign.status_code, nothing.status_code) == (400, 400)
    assert list(foreign.json()) == list(nothing.json()) == ["project"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("device", "nonsense"),
            ("device", 5),
            ("device", "d--\x00"),
            ("device", None),
            ("device", ["d--0081"]),
        ),
        *(("project", "p--zz"), ("project", {}), ("project", "x" * 5000), ("claim_code", ["A"])),
        *(("claim_code", "\x00"), ("claim_code", "\ud800"), ("key", "k" * 5000), ("surprise", 1)),
    ],
)
def test_what_cannot_be_read_is_named(
    alice: Account, project: Project, spare: Device, field: str, value: Any
) -> None:
    body = {"device": spare.slug, "project": str(project.pk), field: value}

    answer = api_client(alice).generic("POST", CLAIM, json.dumps(body), content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_a_claim_is_in_the_audit_trail(alice: Account, project: Project, spare: Device) -> None:
    claim(alice, spare.slug, project, claim_code=issue_claim_code(device=spare, by=None))

    change = Change.objects.get(event="claim-device")
    assert (change.org, change.ref, change.by, change.audited) == (project.org, spare.slug, alice, True)


def graph_with(count: int, org: Org) -> Any:
    graph = make_sensor_graph(org=org)
    for lid in range(0x5001, 0x5001 + count):
        create_variable_template(
            sg=graph,
            label=f"IO {lid}",
            lid=lid,
            input_unit=VarTypeInputUnit.objects.get(pk="in--water-meter-volume--gallons"),
            output_unit=VarTypeOutputUnit.objects.get(pk="out--water-meter-volume--gallons"),
        )
    return graph


def test_weak_point_36_a_claim_takes_few_queries_however_many_variables(alice: Account, acme: Org) -> None:
    client, taken = api_client(alice), []
    for count in (6, 40):
        project, device = make_project(org=acme), make_device(sg=graph_with(count, acme))
        body = {
            "device": device.slug,
            "project": str(project.pk),
            "claim_code": issue_claim_code(device=device, by=None),
        }
        client.post(CLAIM, {**body, "claim_code": "AAAA"}, format="json")  # the throttle's row is there
        with CaptureQueriesContext(connection) as queries:
            assert client.post(CLAIM, body, format="json").status_code == 202
        assert StreamId.objects.filter(device=device).count() == count
        taken.append(len(queries))

    assert taken[0] == taken[1] <= 25


def claimable(user: Account, slugs: list[str], codes: dict[str, str] | None = None) -> list[tuple[str, bool]]:
    body = {"slugs": slugs} | ({"codes": codes} if codes is not None else {})
    answer = api_client(user).post(CLAIMABLE, body, format="json")
    assert answer.status_code == 202, answer.content
    assert answer.json()["count"] == len(slugs)
    return [(row["slug"], row["claimable"]) for row in answer.json()["results"]]


def test_weak_point_11_claimable_confirms_no_guess(
    alice: Account, charlie: Account, project: Project, spare: Device
) -> None:
    mine, theirs, taken = make_device(), make_device(), make_claimed_device(project=project)
    staff = make_account(is_staff=True)
    semi_claim(device=mine, org=project.org, by=staff)
    semi_claim(device=theirs, org=charlie.orgs.get(), by=staff)
    unknown = "d--0000-0000-00ff-ffff"

    slugs = [spare.slug, mine.slug, theirs.slug, taken.slug, unknown]

    assert claimable(alice, slugs) == [(slug, slug == mine.slug) for slug in slugs]


def test_claimable_believes_the_right_code(alice: Account, spare: Device) -> None:
    other = make_device()
    code, others_code = issue_claim_code(device=spare, by=None), issue_claim_code(device=other, by=None)

    assert claimable(alice, [spare.slug], {spare.slug: code}) == [(spare.slug, True)]
    assert claimable(alice, [spare.slug], {spare.slug: "AAAA-AAAA-AAAA-AAAA"}) == [(spare.slug, False)]
    assert claimable(alice, [spare.slug], {spare.slug: others_code}) == [(spare.slug, False)]


def test_what_is_no_slug_is_not_claimable_and_costs_the_others_nothing(
    alice: Account, project: Project, spare: Device
) -> None:
    semi_claim(device=spare, org=project.org, by=make_account(is_staff=True))

    answer = claimable(alice, ["https://example.com/d/81", f"D--{spare.slug[-4:]}", "d--zz"])

    assert answer == [("https://example.com/d/81", False), (spare.slug, True), ("d--zz", False)]


def test_claimable_is_for_those_who_may_claim(bob: Account, project: Project, spare: Device) -> None:
    semi_claim(device=spare, org=project.org, by=make_account(is_staff=True))

    assert claimable(bob, [spare.slug]) == [(spare.slug, False)]


@pytest.mark.parametrize(
    "body", [{}, {"slugs": "d--0081"}, {"slugs": [{}]}, {"slugs": [], "codes": []}, {"slugs": [], "more": 1}]
)
def test_claimable_names_what_it_cannot_read(alice: Account, body: dict[str, Any]) -> None:
    answer = api_client(alice).post(CLAIMABLE, body, format="json")

    assert answer.status_code == 400
    assert set(answer.json()) <= {"slugs", "codes", "more"}


def test_setting_aside_is_for_staff(alice: Account, acme: Org, spare: Device) -> None:
    staff = make_account(is_staff=True)
    path = f"/api/v1/device/{spare.slug}/semiclaim/"

    refused = [
        api_client(alice).post(f"{path}?staff=1", {"org": acme.slug}, format="json").status_code,
        api_client(staff).post(path, {"org": acme.slug}, format="json").status_code,
    ]
    done = api_client(staff).post(f"{path}?staff=1", {"org": acme.slug}, format="json")

    assert refused == [403, 403]
    assert (done.status_code, done.json()["org"]) == (200, acme.slug)
    assert Change.objects.get(event="semi-claim-device").audited
