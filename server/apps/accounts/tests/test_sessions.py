"""Sessions: when they end by themselves, and what their use costs."""

from datetime import timedelta
from importlib import import_module

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from server.apps.accounts.models import Account
from server.core.sessions import SEEN_EVERY, BrowserSession, SessionStore

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PAGE = "/profile/"
MOMENT = timedelta(minutes=1)


@pytest.fixture
def browser(alice: Account) -> Client:
    client = Client(headers={"User-Agent": "Pump/1"})
    client.force_login(alice)
    return client


def session() -> BrowserSession:
    return BrowserSession.objects.get()


def last_seen(ago: timedelta) -> None:
    BrowserSession.objects.update(last_seen_on=timezone.now() - ago)


def test_a_session_that_nobody_used_for_a_while_has_ended(browser: Client, settings: Settings) -> None:
    settings.SESSION_IDLE_HOURS = 0

    last_seen(SEEN_EVERY)
    browser.get(PAGE)  # its use is recorded, with the new setting

    assert browser.get(PAGE).status_code == 302


def test_its_use_keeps_a_session(browser: Client, settings: Settings) -> None:
    before = session().expire_date
    last_seen(timedelta(hours=1))

    browser.get(PAGE)

    assert session().expire_date > before
    assert session().user_agent == "Pump/1"


def test_a_session_ends_at_last_however_much_it_is_used(browser: Client, settings: Settings) -> None:
    ends = timezone.now() + MOMENT
    signed_in_on = ends - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    BrowserSession.objects.update(signed_in_on=signed_in_on)
    last_seen(SEEN_EVERY)

    browser.get(PAGE)

    assert session().expire_date == ends


def test_the_sign_in_stays_where_it_was_when_the_key_changes(browser: Client) -> None:
    store = SessionStore(session().session_key)
    before = session().signed_in_on

    store.cycle_key()

    assert session().session_key == store.session_key
    assert session().signed_in_on == before


def test_the_use_of_a_session_is_written_once_in_five_minutes(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    last_seen(SEEN_EVERY)
    key = session().session_key

    with django_assert_num_queries(2):
        SessionStore(key).load()
    with django_assert_num_queries(1):
        SessionStore(key).load()


def test_a_session_without_an_account_has_no_columns_of_ours(client: Client, db: None) -> None:
    store = SessionStore()
    store["invitation"] = "a secret"
    store.save()

    assert (session().account_id, session().signed_in_on) == (None, None)


def test_a_session_that_is_saved_by_an_asynchronous_view_keeps_its_columns(
    alice: Account, browser: Client
) -> None:
    store = SessionStore(session().session_key)
    store.load()
    data = {**store._session, "more": 1}  # type: ignore[attr-defined]  # not in the stubs

    row = async_to_sync(store.acreate_model_instance)(data)

    assert (row.account_id, row.signed_in_on) == (alice.pk, session().signed_in_on)


def test_the_ref_of_a_session_does_not_tell_its_key(browser: Client) -> None:
    assert str(session().session_key) not in session().ref


def test_sessions_of_the_former_table_stay(alice: Account, browser: Client) -> None:
    migration = import_module("server.core.migrations.0010_browser_sessions")
    known = session()
    Session.objects.create(
        session_key=known.session_key, session_data=known.session_data, expire_date=known.expire_date
    )
    Session.objects.create(session_key="a" * 32, session_data="no data", expire_date=known.expire_date)
    BrowserSession.objects.all().delete()

    migration.copy_sessions(apps, None)

    assert browser.get(PAGE).status_code == 200
    assert session().account_id == alice.pk
    assert SessionStore(session().session_key)[SESSION_KEY] == str(alice.pk)
    assert not Session.objects.exists()
