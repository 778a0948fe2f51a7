"""`manage.py prepare` on a database that is migrated: the owner's account, static files, and doing
nothing twice."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import account_by_login, orgs_of

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(databases=["default", "streamdata"]),
    pytest.mark.usefixtures("static_files"),
]


@pytest.fixture
def static_files(settings: Settings, tmp_path: Path) -> Path:
    """The one folder that static files come from; they go to the folder `static` beside it."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("body {}")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES}  # so that the storage forgets the folder it knew
    return source


def prepare() -> str:
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def test_the_owner_can_sign_in_with_what_is_printed() -> None:
    output = prepare()

    email, password = re.findall(r"^ +(?:e-mail|password) +(\S+)$", output, re.MULTILINE)
    owner = account_by_login(email)
    assert owner is not None
    assert owner.check_password(password)


def test_the_owner_has_an_organisation_to_begin_with() -> None:
    prepare()

    owner = Account.objects.get()
    assert [org.name for org in orgs_of(owner)] == ["My organisation"]


def test_the_settings_name_the_owner(settings: Settings) -> None:
    settings.OWNER_EMAIL = "ada@example.com"

    prepare()

    assert Account.objects.get().email == "ada@example.com"


def test_where_there_is_an_account_no_other_is_made(alice: Account) -> None:
    output = prepare()

    assert "password" not in output
    assert list(Account.objects.all()) == [alice]


def test_a_second_run_prints_nothing_and_changes_nothing() -> None:
    prepare()
    accounts, orgs = list(Account.objects.all()), list(Org.objects.all())

    assert prepare() == ""
    assert (list(Account.objects.all()), list(Org.objects.all())) == (accounts, orgs)


def test_static_files_are_collected_when_they_changed(static_files: Path) -> None:
    prepare()
    (static_files / "page.css").write_text("body { color: black }")

    prepare()

    assert (static_files.parent / "static" / "page.css").read_text() == "body { color: black }"


def test_static_files_that_went_missing_are_collected_again(static_files: Path) -> None:
    prepare()
    collected = static_files.parent / "static"
    (collected / "page.css").unlink()
    collected.rmdir()

    prepare()

    assert (collected / "page.css").exists()
