"""Commands beside the stack: with its databases while it runs, else with the databases alone for that command."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from stack import lock, ports
from stack.commands import run
from stack.credentials import load_or_make_secrets
from stack.environment import build_environment, environment_file, read_environment, write_environment
from stack.home import Home
from stack.left_over import stop_left_over
from stack.programs import manage_command
from stack.stores import running_databases, stores_of


def manage(home: Home, words: Sequence[str]) -> int:
    """Run `manage.py` with some words; gives its exit code."""
    home.make_folders()
    with borrowed_environment(home) as values:
        return run(manage_command(*words), cwd=home.root, env={**os.environ, **values})


@contextmanager
def borrowed_environment(home: Home) -> Iterator[dict[str, str]]:
    """The variables of the running stack; when none runs, its databases are started and stopped again."""
    holder = lock.current_holder(home)
    if holder and holder.address:
        yield read_environment(environment_file(home))
        return
    with lock.only_one(home), closing(ports.Reservation()) as reservation:
        print("The stack is not running: its databases are started for this command.", file=sys.stderr)
        stop_left_over(home)
        chosen = ports.choose_ports(reservation, ports.remembered_ports(home.var / "ports.json"))
        secrets = load_or_make_secrets(home.var / "secrets.json")
        values = build_environment(home, chosen, secrets)
        write_environment(environment_file(home), values)
        with running_databases(home, stores_of(home, chosen, secrets)):
            yield values
