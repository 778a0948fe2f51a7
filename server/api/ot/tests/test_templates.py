"""Organisation templates: everybody reads them, staff keep them."""

import pytest

from server.apps.accounts.models import Account, OrgTemplate
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
OT = "/api/v1/ot/"


def test_everybody_reads_templates_with_the_fields_of_the_original_cloud(charlie: Account) -> None:
    found = api_client(charlie).get(OT).json()["results"]

    assert [row["slug"] for row in found] == ["default-v1-0-0"]
    assert set(found[0]) == {"id", "name", "slug", "version", "extra_data", "created_on"}
    assert api_client(charlie).get(f"{OT}default-v1-0-0/").json() == found[0]
    assert api_client(charlie).get(f"{OT}no-such/").status_code == 404
    assert api_client(charlie).get(f"{OT}a%00b/").status_code == 404


def test_staff_keep_templates_and_nobody_else_does(alice: Account) -> None:
    body = {"name": "Shop", "major_version": 2, "extra_data": {"web": {}}}
    staff = api_client(make_account(is_staff=True))

    by_owner = api_client(alice).post(OT, body, format="json")
    made = staff.post(OT, body, format="json")
    again = staff.post(OT, body, format="json")
    changed = staff.patch(f"{OT}shop-v2-0-0/", {"extra_data": {"web": {"a": 1}}}, format="json")

    assert (by_owner.status_code, made.status_code, again.status_code) == (403, 201, 400)
    assert made.json()["version"] == "v2.0.0"
    assert changed.json()["extra_data"] == {"web": {"a": 1}}
    assert OrgTemplate.objects.get(slug="shop-v2-0-0").created_by is not None


def test_a_template_keeps_its_name_and_version(db: None) -> None:
    staff = api_client(make_account(is_staff=True))
    staff.post(OT, {"name": "Shop", "major_version": 1}, format="json")

    back = staff.put(f"{OT}shop-v1-0-0/", staff.get(f"{OT}shop-v1-0-0/").json(), format="json")
    renamed = staff.patch(f"{OT}shop-v1-0-0/", {"name": "Mall"}, format="json")

    assert back.status_code == 200
    assert (renamed.status_code, list(renamed.json())) == (400, ["name"])
