"""Who may come in, and how."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.accounts.tests.factories import PASSWORD
from server.apps.devices.models import Device, Project
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

NEW_PASSWORD = "quite another horse"


def test_a_person_signs_in_with_address_and_password_and_sees_the_overview(
    alice: Account, client: Client
) -> None:
    answer = client.post(
        reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD}, follow=True
    )

    assert answer.redirect_chain == [("/", 302)]
    assert "alice@example.com" in answer.content.decode()


def test_a_wrong_password_is_reported_on_the_page(alice: Account, client: Client) -> None:
    answer = client.post(reverse("account_login"), {"login": "alice@example.com", "password": "wrong"})

    assert answer.status_code == 200
    assert "password you specified are not correct" in answer.content.decode()


def test_every_page_sends_strangers_to_the_sign_in(client: Client, project: Project, device: Device) -> None:
    chart = f"/device/{device.slug}/stream/s--0000-0001--0000-0000-0000-0081--5001/chart.json"
    pages = [
        "/",
        "/profile/",
        "/profile/security/",
        "/profile/security/tokens/add/",
        f"/project/{project.slug}/",
        f"/device/{device.slug}/",
        chart,
    ]

    answers = [client.get(page) for page in pages]

    assert [answer.headers["Location"] for answer in answers] == [
        f"/account/login/?next={page}" for page in pages
    ]


def test_a_fragment_for_somebody_signed_out_moves_the_whole_page(client: Client, device: Device) -> None:
    answer = client.get(f"/device/{device.slug}/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == reverse("account_login")


def test_signing_out_takes_a_post(as_alice: Client) -> None:
    asked = as_alice.get(reverse("account_logout"))
    still_in = as_alice.get("/")
    as_alice.post(reverse("account_logout"))
    out = as_alice.get("/")

    assert "Stay signed in" in asked.content.decode()
    assert (still_in.status_code, out.status_code) == (200, 302)


def test_sign_up_says_that_it_is_closed(client: Client) -> None:
    answer = client.get(reverse("account_signup"))

    assert "Sign-up is closed" in answer.content.decode()


def test_sign_up_can_be_opened(client: Client, settings: Settings) -> None:
    settings.SIGNUP_OPEN = True

    answer = client.get(reverse("account_signup"))

    assert "Create the account" in answer.content.decode()


def test_a_forgotten_password_is_replaced_by_a_link_that_comes_by_mail(
    alice: Account, client: Client
) -> None:
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    run_waiting_jobs()
    link = re.search(r"https?://\S+(/account/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    answer = client.post(
        form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, follow=True
    )

    assert "Your new password is saved" in answer.content.decode()
    assert client.login(username="alice", password=NEW_PASSWORD)


def test_the_mail_says_for_how_long_its_link_works(alice: Account, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    run_waiting_jobs()

    assert "the link works once, for 1 h:" in mail.outbox[0].body


def test_a_link_that_is_too_old_changes_no_password(
    alice: Account, client: Client, settings: Settings
) -> None:
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    run_waiting_jobs()
    link = re.search(r"https?://\S+(/account/password/reset/key/\S+)", str(mail.outbox[0].body))
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert link is not None
    assert "This link no longer works" in client.get(link[1], follow=True).content.decode()


def test_an_unknown_address_gets_the_same_page_and_a_mail_that_says_so(client: Client) -> None:
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, follow=True)
    run_waiting_jobs()

    assert "Check your mail" in answer.content.decode()
    assert "There is no account with this address here" in mail.outbox[0].body


def test_a_mail_names_the_product(alice: Account, client: Client, settings: Settings) -> None:
    settings.SITE_NAME = "Meadow"

    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    run_waiting_jobs()

    assert "Meadow, testserver" in mail.outbox[0].body


@pytest.mark.parametrize(
    "name",
    [
        *("account_login", "account_reset_password", "account_reset_password_done", "account_signup"),
        *("account_inactive", "account_email_verification_sent"),
        *("socialaccount_login_cancelled", "socialaccount_login_error"),
    ],
)
def test_the_pages_of_signed_out_visitors_have_our_layout(client: Client, name: str) -> None:
    html = client.get(reverse(name)).content.decode()

    assert 'class="bare"' in html
    assert "css/fieldline.css" in html


def test_a_new_account_confirms_its_address_first(client: Client, settings: Settings) -> None:
    settings.SIGNUP_OPEN = True
    new = {"email": "Dora@example.com", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    answer = client.post(reverse("account_signup"), new, follow=True)
    still_out = client.get("/")
    run_waiting_jobs()
    link = re.search(r"https?://\S+(/account/confirm-email/\S+/)", str(mail.outbox[0].body))
    assert link is not None
    client.post(client.get(link[1]).request["PATH_INFO"])
    client.post(reverse("account_login"), {"login": "dora@example.com", "password": NEW_PASSWORD})

    assert "Check your mail" in answer.content.decode()
    assert still_out.status_code == 302
    assert client.get("/").status_code == 200
    assert Account.objects.get(email="dora@example.com").slug == "dora"


def test_two_people_can_sign_up_with_the_same_name_at_two_places(client: Client, settings: Settings) -> None:
    settings.SIGNUP_OPEN = True
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    for place in ("example.com", "example.org"):
        Client().post(reverse("account_signup"), {"email": f"dora@{place}", **passwords})

    assert sorted(Account.objects.values_list("slug", flat=True)) == ["dora", "dora-2"]


def test_weak_point_15_signing_up_with_a_known_address_looks_the_same(
    alice: Account, client: Client, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = True
    new = {"email": "alice@example.com", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    answer = client.post(reverse("account_signup"), new, follow=True)
    run_waiting_jobs()

    assert "Check your mail" in answer.content.decode()
    assert [message.subject for message in mail.outbox] == ["Fieldline: You already have an account"]


@pytest.mark.parametrize("host", ["localhost:6666", "127.0.0.1:6666", "testserver:1"])
def test_a_port_in_the_host_header_does_not_reach_a_mail(alice: Account, client: Client, host: str) -> None:
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"}, HTTP_HOST=host)
    client.post("/api/v1/auth/password/reset/", {"email": "alice@example.com"}, HTTP_HOST=host)
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, HTTP_HOST=host)
    run_waiting_jobs()

    assert len(mail.outbox) >= 2
    for message in mail.outbox:
        assert host not in f"{message.subject} {message.body}"
