"""Runs the code blocks of the documents on an installation that `./inv up --demo` has started."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psycopg2
import yaml
from invoke.collection import Collection
from invoke.parser import Parser
from invoke.program import Program

import tasks
from stack import lock, ports
from stack.home import ROOT, Home
from stack.settings import environment_file, read_environment
from stack.tests.documents import Block
from stack.up import down

START: Final = "./inv up --demo"
START_S: Final = 180.0
STOP_S: Final = 30.0
COMMAND_S: Final = 60.0
POLL_S: Final = 0.1
ADDRESS: Final = re.compile(r"http://(localhost|127\.0\.0\.1):8000\b")

# They start, stop, test or break installations for minutes: their command lines are parsed, not
# run.
PARSED_ONLY: Final = {"up", "down", "test", "check", "gauges", "bench", "chaos", "build-statics", "run-local"}

# What is not run, with the reason. A test fails for an entry that is no longer in the documents.
LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    (
        "docs/operations/forwarding.md",
        "POST /api/v1/config/attr/",
    ): "names an organisation and a server of others",
    (
        "docs/operations/sign-in.md",
        "curl -H 'X-OTP: 123456'",
    ): "needs somebody's password and second factor",
    ("docs/operations/worker.md", './inv manage "queue-redrive'): "needs dead letters, and there are none",
    (
        "docs/operations/worker.md",
        './inv manage "queue-dead --delete',
    ): "needs a dead letter, and there is none",
}

_OWNERS_TOKEN: Final = """
from server.apps.accounts.selectors.accounts import first_account
from server.apps.accounts.services.signing import create_api_token
print("token:", create_api_token(user=first_account(), name="documents"))
"""
_DJANGO: Final = "import django; django.setup()\n"
# A newcomer's terminal: nothing of the tests' own settings.
_PASSED_ON: Final = ("HOME", "LANG", "PATH", "USER")
# A killed test run should leave no stack behind.
_DIE_WITH_PARENT: Final = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()


class Reader:
    def __init__(self, home: Home, address: str) -> None:
        self._home = home
        self._address = address
        self._environment = newcomers_environment(home)
        self._token = ""
        self.left_out: list[str] = []

    def follow(self, block: Block) -> str:
        """Run a block; returns its output. Raises AssertionError with the place of the block."""
        assert block.kind in HANDLERS, (
            f"{block}: {block.kind!r} is no kind of block; there are {', '.join(HANDLERS)}"
        )
        return "" if reason_to_leave_out(block, block.text) else HANDLERS[block.kind](self, block)

    def as_printed(self, output: str) -> str:
        """Returns a command's output with the folder and the address of the documents."""
        return output.replace(f"{self._home.var.relative_to(ROOT)}/", "var/").replace(
            self._address, "http://localhost:8000"
        )

    def type_commands(self, block: Block) -> str:
        return "".join(self._run(block, command) for command in block.commands)

    def _run(self, block: Block, command: str) -> str:
        if reason_to_leave_out(block, command):
            return ""
        if command.startswith("./inv"):
            parsed = parse(command)
            if command == START or parsed in PARSED_ONLY:  # START has run already
                return ""
        if command.startswith("curl "):
            if shutil.which("curl") is None:
                self.left_out.append(f"{block}: curl is not installed (apt-get install curl)")
                return ""
            command = command.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
        return self._finish(block, ["sh", "-ec", self._here(command)], self._environment)

    def _here(self, command: str) -> str:
        """Returns the command with our folder and our port."""
        there = re.sub(r"(?<![\w/])var/", lambda found: f"{self._home.var}/", command)
        return ADDRESS.sub(self._address, there)

    def run_python(self, block: Block) -> str:
        """Run it as a program of the project, where Django's models can be imported."""
        return self._finish(
            block, [sys.executable, "-c", _DJANGO + self._here(block.text)], self._programs_environment()
        )

    def query(self, block: Block) -> str:
        """Run each statement on the core database."""
        with closing(psycopg2.connect(self._programs_environment()["DATABASE_DEFAULT_URL"])) as connection:
            for statement in block.text.split(";\n"):
                with connection.cursor() as cursor:
                    cursor.execute(statement)
        return ""

    def request(self, block: Block) -> str:
        """Send a request as the owner, who is staff. The first line is method and path, the rest
        the body."""
        first, _, body = block.text.partition("\n")
        method, path = first.split()
        headers = {"Authorization": f"Token {self._owners_token(block)}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._address}{path}", body.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=COMMAND_S) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{block}: {error.code} {error.read().decode()}") from error

    def _owners_token(self, block: Block) -> str:
        if not self._token:
            argv = [sys.executable, "-c", _DJANGO + _OWNERS_TOKEN]
            self._token = (
                self._finish(block, argv, self._programs_environment()).partition("token: ")[2].strip()
            )
        return self._token

    def _programs_environment(self) -> dict[str, str]:
        return {**self._environment, **read_environment(environment_file(self._home))}

    def _finish(self, block: Block, argv: list[str], environment: Mapping[str, str]) -> str:
        done = subprocess.run(
            argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
        output = f"{done.stdout}\n{done.stderr}".strip()
        assert done.returncode == 0, f"{block}: {argv[-1]}\nended with {done.returncode}:\n{output}"
        return done.stdout


# By the word behind the fence.
HANDLERS: Final[Mapping[str, Callable[[Reader, Block], str]]] = {
    "sh": Reader.type_commands,
    "http": Reader.request,
    "python": Reader.run_python,
    "sql": Reader.query,
    "json": lambda reader, block: str(json.loads(block.text)),
    "yaml": lambda reader, block: str(yaml.safe_load(block.text)),
    # Run by webapp/tests/test_proxies.py.
    "nginx": lambda reader, block: "",
    "caddy": lambda reader, block: "",
    "apache": lambda reader, block: "",
    "text": lambda reader, block: "",  # a drawing, a fragment, or what a program prints
}


def reason_to_leave_out(block: Block, text: str) -> str:
    """Returns the reason, empty when the block is run."""
    found = [
        why
        for (document, begin), why in LEFT_OUT.items()
        if block.document == document and text.startswith(begin)
    ]
    return found[0] if found else ""


def parse(command: str) -> str:
    """Returns the task that `./inv …` runs, empty for none. Raises ParseError for unknown tasks and
    options."""
    parser = Parser(contexts=Collection.from_module(tasks).to_contexts(), initial=Program().initial_context)
    parsed: Any = parser.parse_argv(shlex.split(command, comments=True)[1:])
    return str(parsed[1].name) if len(parsed) > 1 else ""


def newcomers_environment(home: Home) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "FIELDLINE_VAR": str(home.var)}


@contextmanager
def running_demo(folder: Path) -> Iterator[Reader]:
    """Run `./inv up --demo` for the block; `folder`, below the root, becomes its `var`."""
    home = Home(root=ROOT, var=folder)
    home.make_folders()
    # The usual ports are those that a developer's own stack looks at first.
    ports.remember_ports(home.var / "ports.json", ports.fresh_ports())
    screen = home.log / "screen.log"
    with screen.open("wb") as terminal:
        process = subprocess.Popen(
            [*_DIE_WITH_PARENT, *shlex.split(START)],
            cwd=ROOT,
            env=newcomers_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Reader(home, _wait_for_address(home, process, screen))
    finally:
        process.send_signal(signal.SIGINT)  # Ctrl-C
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        process.kill()
        down(home)  # what is left when that did not work


def _wait_for_address(home: Home, process: subprocess.Popen[bytes], screen: Path) -> str:
    """Returns the address of the pages once they answer."""
    pause, end_s = threading.Event(), time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end_s:
        holder = lock.current_holder(home)
        if holder and holder.address and _answers(f"{holder.address}/"):
            return holder.address
        pause.wait(POLL_S)
    raise AssertionError(f"{START} came to no page:\n{screen.read_text()}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=COMMAND_S):
            return True
    except OSError:
        return False
