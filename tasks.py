"""The tasks of `./inv`: each declares its options and calls `stack`."""

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
    """Stop the stack, from another terminal or after a crash."""
    _finish(lambda: stack_down(HOME))


@task(
    help={
        "values": 'temperatures in °C, for example "21.5 22"; without them the last ten seconds that it measured'
    }
)
def send_report(context: Context, values: str = "") -> None:
    """Let the demo's board report to the running stack, and print the same requests for curl."""
    _finish(lambda: commands.send_report(HOME, values.split()))


@task(
    name="test",
    help={
        "area": "unit, integration, browser, clients, all, or full: all with more generated examples",
        "path": "only the tests below this path",
        "seed": "the seed of an earlier run, to repeat its generated examples",
    },
)
def run_tests(context: Context, area: str = "all", path: str = "", seed: int | None = None) -> None:
    """Run the tests on databases of their own, in as many processes as there are cores."""
    _finish(lambda: testrun.run_tests(HOME, area, path, seed))


@task
def check(context: Context) -> None:
    """Run every check that must pass: types, contracts, style, packages, migrations, settings,
    templates."""
    _finish(lambda: checks.run_checks(HOME))


@task
def gauges(context: Context) -> None:
    """Print advice on the code: complexity, dead code, long parts."""
    checks.run_gauges(HOME)


@task(help={"topic": "ingest, upload, front, read, worker, workers, rest, stack, or all"})
def bench(context: Context, topic: str) -> None:
    """Run benchmarks, with a baseline of the same run, on databases of their own."""
    _finish(lambda: run([sys.executable, "-m", "bench", *shlex.split(topic)], cwd=HOME.root, env=os.environ))


@task(
    help={
        "runs": "how many faults",
        "seed": "the seed of an earlier run, to repeat it",
        "only": "only faults whose name contains this, or fuzz",
    }
)
def chaos(context: Context, runs: int = 500, seed: int | None = None, only: str = "") -> None:
    """Break an installation of its own in every way we know while devices upload to it, and check
    that nothing is lost or doubled."""
    options = ["--runs", str(runs), "--only", only, *(["--seed", str(seed)] if seed is not None else [])]
    _finish(lambda: run([sys.executable, "-m", "chaos", *options], cwd=HOME.root, env=os.environ))


@task(help={"command": "the command and its options, in one pair of quotes"})
def manage(context: Context, command: str) -> None:
    """Run a command of Django's manage.py."""
    _finish(lambda: commands.manage(HOME, shlex.split(command)))


@task
def rest_table(context: Context) -> None:
    """Write docs/protocol/rest-v1.md again: the original cloud's operations with ours beside
    them."""
    script = "from server.config.rest_table import write; write()"
    words = manage_command("shell", "--no-imports", "--command", script)
    _finish(lambda: run(words, cwd=HOME.root, env={**os.environ, **checks.TEST_SETTINGS}))


@task(
    help={"record": "record the hashes of the files instead of checking them: for a new version in PINS.json"}
)
def build_statics(context: Context, record: bool = False) -> None:
    """Fetch the pinned front-end files of other projects; they are in the tree already."""

    def fetch() -> int:
        folders = vendored.build_statics(HOME.root / "webapp" / "static" / "vendor", record=record)
        print("\n".join(folders))
        return 0

    _finish(fetch)


@task(help={"action": "up, makemigrations or migrate"})
def run_local(context: Context, action: str) -> None:
    """Start the stack, write migrations, or apply them."""
    actions: dict[str, Callable[[], int]] = {
        "up": lambda: stack_up(HOME),
        "makemigrations": lambda: commands.manage(HOME, ["makemigrations"]),
        "migrate": lambda: commands.manage(HOME, ["prepare"]),
    }
    if action not in actions:
        raise Exit(f"no action {action!r}; there are {', '.join(actions)}", code=2)
    _finish(actions[action])


def _finish(work: Callable[[], int]) -> None:
    """End invoke with the exit code of `work`; an error of the stack is printed without a
    traceback."""
    try:
        code = work()
    except StackError as error:
        raise Exit(describe_failure(error), code=1) from error
    except KeyboardInterrupt:
        raise Exit("Interrupted.", code=130) from None
    if code:
        raise Exit(code=code)
