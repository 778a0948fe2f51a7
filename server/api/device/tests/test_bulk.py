"""Many devices by a table: created by staff, claimed with their codes."""

import codecs
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, Project
from server.apps.devices.services.authentication import authenticate_upload_key
from server.apps.devices.services.keys import issue_claim_code
from server.apps.devices.tests.factories import make_device
from server.apps.streams.models import StreamId
from server.apps.streams.tests.factories import make_claimed_device, make_water_meter_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CLAIM = "/api/v1/device/bulk/claim/"
CREATE = "/api/v1/device/bulk/create/?staff=1"


def send(user: Account, path: str, table: str | bytes) -> Any:
    content: Any = table  # its stubs know text only
    return api_client(user).generic("POST", path, content, content_type="text/csv")


def into(project: Project) -> str:
    return f"{CLAIM}?project={project.slug}"


def test_each_row_stands_for_itself(alice: Account, project: Project) -> None:
    first, second = (make_device(sg=make_water_meter_graph(project=project)) for _ in range(2))
    taken = make_claimed_device(project=project)
    codes = [issue_claim_code(device=device, by=None) for device in (first, second)]
    table = (
        f"slug,claim_code,label\n{first.slug},{codes[0]},Cellar\n{taken.slug},{codes[0]},\n"
        f"nonsense,x,\nd--00ff-ffff,,\n{second.slug},{codes[1]},\n"
    )

    answer = send(alice, into(project), table)

    shown = answer.json()
    assert answer.status_code == 200, answer.content
    assert (shown["count"], shown["ok"]) == (5, 2)
    assert [row["status"] for row in shown["results"]] == ["claimed", "failed", "failed", "failed", "claimed"]
    assert {row["error"] for row in shown["results"] if row["status"] == "failed"} == {
        "Device is not claimable"
    }
    assert [row["row"] for row in shown["results"]] == [1, 2, 3, 4, 5]
    assert Device.objects.get(pk=first.pk).label == "Cellar"
    assert set(StreamId.objects.values_list("device", flat=True)) == {first.pk, second.pk, taken.pk}


def test_a_table_comes_as_a_file_too(alice: Account, project: Project) -> None:
    device = make_device()
    code = issue_claim_code(device=device, by=None)
    table = f"\ufeffslug,claim_code\r\n{device.slug},{code}\r\n"
    file = SimpleUploadedFile("devices.csv", table.encode())

    answer = api_client(alice).post(into(project), {"file": file}, format="multipart")

    assert answer.json()["ok"] == 1


@pytest.mark.parametrize(
    "encode",
    [
        *(str.encode, lambda text: text.encode("utf-8-sig"), lambda text: text.encode("utf-16")),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("head", ["", "sep={}\r\n"])
def test_a_table_is_read_as_spreadsheets_save_it(
    alice: Account, project: Project, encode: Callable[[str], bytes], delimiter: str, head: str
) -> None:
    device = make_device()
    code = issue_claim_code(device=device, by=None)
    cells = (("slug", "claim_code", "label"), (device.slug, code, "Süd, Büro; links"))
    rows = [delimiter.join(f'"{cell}"' for cell in row) for row in cells]

    answer = send(alice, into(project), encode(head.format(delimiter) + "\r\n".join(rows)))

    assert answer.json()["ok"] == 1, answer.content
    device.refresh_from_db()
    assert device.label == "Süd, Büro; links"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("slug,label\nd--0081,Süd\n".encode("cp1252"), 'Save the table as "CSV UTF-8"'),
        (codecs.BOM_UTF16_LE + b"s\0l\0u\0g\0\n", "begins as UTF-16"),
        (b"slug|label\nd--0081|x\n", "with commas, semicolons or tabs between"),
    ],
)
def test_a_table_that_is_ambiguous_is_refused_with_what_to_do(
    alice: Account, project: Project, table: bytes, words: str
) -> None:
    answer = send(alice, into(project), table)

    assert (answer.status_code, [*answer.json()]) == (400, ["file"])
    assert words in answer.json()["file"][0]


def test_who_may_not_claim_does_not_claim_many(bob: Account, charlie: Account, project: Project) -> None:
    table = "slug\nd--0081\n"

    assert send(bob, into(project), table).status_code == 403
    assert send(charlie, into(project), table).json() == {"project": [f"There is no {project.slug}."]}


def test_the_project_is_required(alice: Account) -> None:
    assert list(send(alice, CLAIM, "slug\n").json()) == ["project"]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        *(
            (b"\xef\xbb\xbf", "empty"),
            (b"\n\n", "empty"),
            (b"label\nx\n", "slug"),
            (b"slug,slug\na,b\n", "slug"),
        ),
        *(
            (b"slug,colour\na,b\n", "colour"),
            (b"slug\na,b\n", "Row 1"),
            (b"slug,label\nd--0081\x00,a\n", "Row 1"),
        ),
        *((b"slug\nd--0081\n\xff\xfe\n", "Row 2"), (b"slug,label\nd--0081,a\n,b\n", "Row 2, column slug")),
        *((b'slug\n"d--0081\n', "Line"), (b"slug,label\nd--0081," + b"x" * 101, "Row 1, column label")),
        *(
            (b"slug\n" + b"d--0081\n" * 2001, "2000"),
            (b"slug\n" + b"x" * 100_000, "Row 1"),
            (b"slug\n" + b"x" * 200_000, "Line 2"),
        ),
    ],
)
def test_a_bad_table_is_refused_whole_and_its_place_named(
    alice: Account, project: Project, table: bytes, names: str
) -> None:
    answer = send(alice, into(project), table)

    assert answer.status_code == 400
    assert list(answer.json()) == ["file"]
    assert names in answer.json()["file"][0]


def test_what_is_no_table_is_refused(alice: Account, project: Project) -> None:
    client = api_client(alice)

    assert send(alice, into(project), b"slug\n" * 300_000).status_code == 413
    assert client.post(into(project), {"file": "text"}, format="multipart").status_code == 400
    assert client.post(into(project), {"slug": "d--0081"}, format="json").status_code == 415


def test_many_devices_are_made_with_their_secrets(acme: Org, project: Project) -> None:
    graph = make_water_meter_graph(project=project)
    staff = make_account(is_staff=True)
    table = f"sg,label,org\n{graph.slug},One,{acme.slug}\nno-such-graph,Two,\n,Three,\n"

    answer = send(staff, CREATE, table)

    shown = answer.json()
    one, two, three = shown["results"]
    assert (answer.status_code, shown["count"], shown["ok"]) == (200, 3, 2)
    assert (two["status"], two["slug"], "no-such-graph" in two["error"]) == ("failed", None, True)
    made = Device.objects.get(slug=one["slug"])
    assert (made.label, made.sg, made.org, made.claimed) == ("One", graph, acme, False)
    assert authenticate_upload_key(one["upload_key"]) == made
    assert Device.objects.get(slug=three["slug"]).org is None
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_made_can_be_claimed_with_its_code(alice: Account, project: Project) -> None:
    [made] = send(make_account(is_staff=True), CREATE, "label\nOne\n").json()["results"]

    table = f"slug,claim_code\n{made['slug']},{made['claim_code']}\n"

    assert send(alice, into(project), table).json()["ok"] == 1


def test_many_devices_are_made_by_staff_that_asks_as_staff(alice: Account) -> None:
    table = "label\nOne\n"

    assert send(alice, CREATE, table).status_code == 403
    assert send(make_account(is_staff=True), CREATE.partition("?")[0], table).status_code == 403
    assert not Device.objects.exists()
