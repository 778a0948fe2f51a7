"""Variable types over REST: read by everybody, kept by staff."""

from typing import Any, Final

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.streams.models import VarType

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
TYPES: Final = "/api/v1/vartype/"


@pytest.fixture
def staff(db: None) -> APIClient:
    return api_client(make_account(username="keeper", is_staff=True))


def test_a_variable_type_has_the_fields_of_the_original_cloud(charlie: Account) -> None:
    shown = api_client(charlie).get(f"{TYPES}relative-humidity/").json()

    assert shown == {
        "name": "Relative Humidity",
        "slug": "relative-humidity",
        "available_input_units": [
            {
                "slug": "in--relative-humidity--lansmont-saver",
                "unit_full": "Lansmont Saver",
                "unit_short": "",
                "m": 1,
                "d": 1000000,
                "o": 0.0,
            },
            {
                "slug": "in--relative-humidity--pod1-m",
                "unit_full": "POD1-M",
                "unit_short": "",
                "m": 1,
                "d": 1024,
                "o": 0.0,
            },
        ],
        "available_output_units": [
            {
                "slug": "out--relative-humidity--percent",
                "unit_full": "Percent",
                "unit_short": "% RH",
                "m": 1,
                "d": 1,
                "o": 0.0,
                "decimal_places": 1,
                "derived_units": {},
            }
        ],
        "stream_data_type": "D0",
        "decoder": None,
        "schema": None,
        "storage_units_full": "Percent RH",
        "storage_units_short": "% RH",
    }


def test_an_event_type_comes_with_its_decoder_or_schema(charlie: Account) -> None:
    client = api_client(charlie)

    decoder = client.get(f"{TYPES}accelerometer-event/").json()["decoder"]
    schema = client.get(f"{TYPES}trip-summary/").json()["schema"]

    assert set(decoder) == {"id", "raw_packet_format", "packet_info"}
    assert set(schema) == {"id", "keys", "display_order"}
    assert sorted(schema["display_order"]) == sorted(schema["keys"])


UNIT: Final = {"unit_full": "Bottles", "unit_short": "btl", "m": 3, "d": 4}


def test_staff_make_a_variable_type_with_units_decoder_and_schema(staff: APIClient) -> None:
    answer = staff.post(
        TYPES,
        {
            "name": "Wine Volume",
            "stream_data_type": "E1",
            "storage_units_full": "Liter",
            "available_input_units": [UNIT],
            "available_output_units": [{**UNIT, "decimal_places": 1}],
            "decoder": {"raw_packet_format": "<LL", "packet_info": {"decoding": ["L{a}"]}},
            "schema": {"keys": {"a": {"type": "int"}}, "display_order": ["a"]},
        },
        format="json",
    )

    assert answer.status_code == 201, answer.content
    shown = staff.get(f"{TYPES}wine-volume/").json()
    assert shown == answer.json()
    assert [unit["slug"] for unit in shown["available_input_units"]] == ["in--wine-volume--bottles"]
    assert [unit["slug"] for unit in shown["available_output_units"]] == ["out--wine-volume--bottles"]
    assert shown["decoder"]["raw_packet_format"] == "<LL"
    assert shown["schema"]["keys"] == {"a": {"type": "int"}}
    assert VarType.objects.filter(pk="wine-volume", is_encoded=True, has_schema=True).exists()


def test_units_are_added_and_renamed_and_none_goes(staff: APIClient) -> None:
    [percent] = staff.get(f"{TYPES}relative-humidity/").json()["available_output_units"]
    change = {"available_output_units": [{**percent, "decimal_places": 0}, UNIT]}

    answer = staff.patch(f"{TYPES}relative-humidity/", change, format="json")

    assert answer.status_code == 200, answer.content
    assert {unit["slug"]: unit["decimal_places"] for unit in answer.json()["available_output_units"]} == {
        "out--relative-humidity--percent": 0,
        "out--relative-humidity--bottles": 2,
    }
    emptied = staff.patch(f"{TYPES}relative-humidity/", {"available_output_units": []}, format="json")
    assert len(emptied.json()["available_output_units"]) == 2


def test_staff_put_back_a_variable_type(staff: APIClient) -> None:
    shown = staff.get(f"{TYPES}accelerometer-event/").json()

    answer = staff.put(f"{TYPES}accelerometer-event/", shown, format="json")

    assert answer.status_code == 200, answer.content
    assert answer.json() == shown


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Other"}, "name"),
        ({"available_output_units": [{**UNIT, "slug": "out--temp--celsius"}]}, "available_output_units"),
        ({"available_input_units": [{**UNIT, "slug": "in--temp--lm35"}]}, "available_input_units"),
        (
            {"available_output_units": [{**UNIT, "slug": "out--relative-humidity--percent"}]},
            "available_output_units",
        ),
        ({"available_output_units": [{"unit_full": "%"}]}, "available_output_units"),
        ({"available_output_units": [{**UNIT, "m": 0}]}, "available_output_units"),
        ({"available_output_units": "none"}, "available_output_units"),
        ({"decoder": {"raw_packet_format": "LLLL", "packet_info": {}}}, "decoder"),
        ({"decoder": {"raw_packet_format": "<L"}}, "decoder"),
        ({"decoder": {"packet_info": {"decoding": ["L{a}"]}}}, "decoder"),
        ({"decoder": {"raw_packet_format": "<H", "packet_info": {"decoding": ["L{a}"]}}}, "decoder"),
        (
            {"decoder": {"raw_packet_format": "<L", "packet_info": {"decoding": ["__import__('os')"]}}},
            "decoder",
        ),
        (
            {
                "decoder": {
                    "raw_packet_format": "<L",
                    "packet_info": {"decoding": [f"L{{a{n}}}" for n in range(70)]},
                }
            },
            "decoder",
        ),
        ({"schema": {"keys": []}}, "schema"),
        ({"stream_data_type": "E9"}, "stream_data_type"),
    ],
)
def test_what_a_variable_type_cannot_be_is_named(
    staff: APIClient, change: dict[str, Any], field: str
) -> None:
    answer = staff.patch(f"{TYPES}relative-humidity/", change, format="json")

    assert answer.status_code == 400, answer.content
    assert [*answer.json()] == [field]


def test_weak_point_36_the_list_of_variable_types_takes_five_queries_for_any_length(
    alice: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = api_client(alice)

    with django_assert_num_queries(5):  # who asks, how many, the page; input units, output units
        assert client.get(TYPES).json()["count"] >= 21


def test_the_error_names_what_is_wrong_with_a_decoder(staff: APIClient) -> None:
    decoder = {"raw_packet_format": "<LL", "packet_info": {"decoding": ["L{a:40}"]}}

    answer = staff.patch(f"{TYPES}accelerometer-event/", {"decoder": decoder}, format="json")

    assert answer.status_code == 400, answer.content
    assert answer.json() == {
        "decoder": {"packet_info": ["'L{a:40}' has 32 bits, and a does not fit into them."]}
    }
