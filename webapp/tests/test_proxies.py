"""An installation behind nginx, Apache and Caddy, at the root of a host and below a path."""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPMessage
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode

import pytest

from stack.home import ROOT
from stack.ports import fresh_ports
from stack.services import manage_command
from stack.testing import throw_away_folder
from webapp.tests.browser.installation import Installation, running_installation
from webapp.tests.browser.polling import wait_until
from webapp.tests.proxies import (
    NAME,
    Certificate,
    ProxyConnection,
    make_certificate,
    program_of,
    running_proxy,
)

pytestmark = pytest.mark.integration

OWNER: Final = "owner@fieldline.local"
BOARD: Final = "d--0000-0000-0000-0d0b"


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    text: str


class Site:
    """A client with cookies, as a browser has them."""

    def __init__(self, installation: Installation, port: int, path: str, certificate: Certificate) -> None:
        self.installation, self.port, self.path, self.certificate = installation, port, path, certificate
        self.cookies: SimpleCookie = SimpleCookie()

    @property
    def public_url(self) -> str:
        return f"https://{NAME}:{self.port}{self.path}"

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, *, lines: int | None = None
    ) -> Answer:
        """`lines`: of the body, when it has no end."""
        headers = {"Cookie": "; ".join(f"{each.key}={each.value}" for each in self.cookies.values())}
        if form is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"https://{NAME}:{self.port}",
            }
        with closing(ProxyConnection(self.port, self.certificate)) as connection:
            connection.request(method, f"{self.path}{path}", urlencode(form) if form else None, headers)
            with connection.getresponse() as response:
                body = (
                    response.read() if lines is None else b"".join(response.readline() for _ in range(lines))
                )
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies.load(header)
        return Answer(response.status, response.headers, body.decode())

    def page(self, path: str) -> str:
        answer = self.ask("GET", path)
        assert answer.status == 200, (answer.status, answer.text[:500])
        return answer.text

    def submit(self, path: str, **fields: str) -> Answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page(path))
        assert token is not None
        return self.ask("POST", path, {"csrfmiddlewaretoken": token[1], **fields})

    def sign_in(self) -> None:
        answer = self.submit("/account/login/", login=OWNER, password=password_of(self.installation))
        assert (answer.status, answer.headers["Location"]) == (302, f"{self.path}/")


def password_of(installation: Installation) -> str:
    found = re.search(r"password\W+(\S+)", installation.home.sign_in.read_text())
    assert found is not None
    return found[1]


@pytest.fixture(scope="module", params=["", "/iot"], ids=["at the root", "below a path"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Installation, int, str]]:
    """An installation, the port of its proxy, and its path."""
    port, path = fresh_ports()["web"], request.param
    with (
        throw_away_folder(ROOT / "var" / "test") as folder,
        running_installation(folder, PUBLIC_URL=f"https://{NAME}:{port}{path}") as installation,
    ):
        installation.run(*manage_command("demo-data"))
        yield installation, port, path


@pytest.fixture(params=["nginx", "apache", "caddy"])
def site(
    request: pytest.FixtureRequest, served: tuple[Installation, int, str], tmp_path: Path
) -> Iterator[Site]:
    if program_of(request.param) is None:
        assert not os.environ.get("CI"), f"CI has {request.param}"
        pytest.skip(f"{request.param} is not installed.")
    installation, port, path = served
    tmp_path.chmod(0o755)
    certificate = make_certificate(tmp_path)
    with running_proxy(request.param, tmp_path, installation, port, path, certificate):
        yield Site(installation, port, path, certificate)


def test_a_person_signs_in_through_the_proxy(site: Site) -> None:
    site.sign_in()

    assert all(each["secure"] for each in site.cookies.values())
    assert "Sign out" in site.page("/")


def test_addresses_on_pages_stay_below_the_path(site: Site) -> None:
    site.sign_in()

    links = re.findall(r'(?:href|src|action)="(/[^"#]*)', site.page(f"/device/{BOARD}/"))

    assert links
    assert [link for link in links if not link.startswith(f"{site.path}/")] == []
    files = [link for link in links if link.startswith(f"{site.path}/static/")]
    assert {site.ask("GET", link.removeprefix(site.path)).status for link in files} == {200}


def test_a_page_hears_of_news_through_the_proxy(site: Site) -> None:
    site.sign_in()
    live_url = re.search(r'data-url="([^"]*live[^"]*)"', site.page(f"/device/{BOARD}/"))
    assert live_url is not None

    answer = site.ask("GET", f"/live/device/{BOARD}/", lines=1)

    assert live_url[1].startswith(f"{site.path}/live/")
    assert (answer.status, answer.text) == (200, "retry: 2000\n")


def test_links_in_mails_are_public(site: Site) -> None:
    mails = Path(site.installation.environment["MAIL_DIR"])
    before = set(mails.glob("*"))

    site.submit("/account/password/reset/", email=OWNER)

    def text() -> str:
        return "".join(each.read_text() for each in set(mails.glob("*")) - before)

    wait_until(lambda: "/account/password/reset/key/" in text(), "the mail is sent")
    assert f"{site.public_url}/account/password/reset/key/" in text()


def test_strangers_do_not_get_the_figures(site: Site) -> None:
    assert site.ask("GET", "/metrics").status in {403, 404}


def test_the_api_knows_its_guards_below_the_path(site: Site) -> None:
    site.sign_in()

    answer = site.ask("GET", f"/api/v1/device/{BOARD}/")

    assert (answer.status, bool(answer.headers["ETag"])) == (200, True)
