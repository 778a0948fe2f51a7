"""What is behind `./inv`. Thin: each task names its options and calls into `stack`."""

import os
import shlex
import sys
from collections.abc import Callable

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from stack import checks, commands, testrun, vendored
from stack.commands import run
from stack.errors import StackError
from stack.home import default_home
from stack.services import manage_command
from stack.terminal import describe_failure
from stack.up import Options
from stack.up import down as stack_down
from stack.up import up as stack_up

HOME = default_home()


@task(
    help={
        "demo": "also run devices that upload reports",
        "port": "port of the pages (8000 when free)",
        "queue": "postgres, or sqs: on ElasticMQ, which needs Java and Maven",
    }
)
def up(context: Context, demo: bool = False, port: int = 0, queue: str = "postgres") -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    _finish(lambda: stack_up(HOME, Options(demo=demo, port=port or None, queue=queue)))


@task
def down(context: Context) -> None:
    """Stop what `up` started, from another terminal or after a crash."""
    _finish(lambda: stack_down(HOME))


@task(help={"values": 'temperatures in °C, as in "21.5 22"; without them the last ten seconds of the room'})
def send_report(context: Context, values: str = "") -> None:
    """Send a report of the demo's board to the running stack, and show how to do it without us."""
    _finish(lambda: commands.send_report(HOME, values.split()))


@task(
    name="test",
    help={
        "area": "unit, integration, browser, clients, all, or full: all with more generated examples",
        "path": "only the tests below this path",
        "seed": "of the generated examples of an earlier run, to have the same again",
    },
)
def run_tests(context: Context, area: str = "all", path: str = "", seed: int | None = None) -> None:
    """Run the tests on databases of their own, in as many processes as there are cores."""
    _finish(lambda: testrun.run_tests(HOME, area, path, seed))


@task
def check(context: Context) -> None:
    """Run every check that must pass: types, contracts, style, packages, migrations, settings, templates."""
    _finish(lambda: checks.run_checks(HOME))


@task
def gauges(context: Context) -> None:
    """Print advice: complexity, dead code, long parts."""
    checks.run_gauges(HOME)


@task(help={"topic": "ingest, upload, read, worker, workers, rest, stack, or all"})
def bench(context: Context, topic: str) -> None:
    """Measure, beside a baseline of the same run, on databases of their own."""
    _finish(lambda: run([sys.executable, "-m", "bench", *shlex.split(topic)], cwd=HOME.root, env=os.environ))


@task(
    help={
        "runs": "how many faults",
        "seed": "of an earlier run, to have the same again",
        "only": "kinds of fault with this in their name, or fuzz",
    }
)
def chaos(context: Context, runs: int = 500, seed: int | None = None, only: str = "") -> None:
    """Break an installation of its own in every way we know while devices send to it; nothing may be lost or doubled."""
    options = ["--runs", str(runs), "--only", only, *(["--seed", str(seed)] if seed is not None else [])]
    _finish(lambda: run([sys.executable, "-m", "chaos", *options], cwd=HOME.root, env=os.environ))


@task(help={"command": "the command and its options, in one pair of quotes"})
def manage(context: Context, command: str) -> None:
    """Run a command of Django's manage.py."""
    _finish(lambda: commands.manage(HOME, shlex.split(command)))


@task
def rest_table(context: Context) -> None:
    """Write docs/protocol/rest-v1.md again: the original cloud's operations with ours beside them."""
    script = "from server.config.rest_table import write; write()"
    words = manage_command("shell", "--no-imports", "--command", script)
    _finish(lambda: run(words, cwd=HOME.root, env={**os.environ, **checks.TEST_SETTINGS}))


@task(help={"record": "take the files as they come and note their hashes: for a new version in PINS.json"})
def build_statics(context: Context, record: bool = False) -> None:
    """Fetch the pinned front-end files of other projects; they are in the tree already."""

    def fetch() -> int:
        folders = vendored.build_statics(HOME.root / "webapp" / "static" / "vendor", record=record)
        print("\n".join(folders))
        return 0

    _finish(fetch)


@task(help={"action": "up, makemigrations or migrate"})
def run_local(context: Context, action: str) -> None:
    """The three things a day of work needs."""
    actions: dict[str, Callable[[], int]] = {
        "up": lambda: stack_up(HOME),
        "makemigrations": lambda: commands.manage(HOME, ["makemigrations"]),
        "migrate": lambda: commands.manage(HOME, ["prepare"]),
    }
    if action not in actions:
        raise Exit(f"no action {action!r}; there are {', '.join(actions)}", code=2)
    _finish(actions[action])


def _finish(work: Callable[[], int]) -> None:
    """End invoke with the work's exit code; an error of the stack is said in its own words."""
    try:
        code = work()
    except StackError as error:
        raise Exit(describe_failure(error), code=1) from error
    except KeyboardInterrupt:
        raise Exit("Interrupted.", code=130) from None
    if code:
        raise Exit(code=code)
