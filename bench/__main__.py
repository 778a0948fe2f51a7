"""`./inv bench ingest|upload|front|read|worker|workers|stack|rest|all`: prints figures beside a
baseline of the same run.

Never fails on a figure: each row shows its budget (docs/hotpaths.md). Runs on databases of its own
under var/bench, with fsync on.
"""

import argparse
import importlib
import os
from pathlib import Path

from bench.table import print_table
from stack.testing import embedded_databases, throw_away_folder

TOPICS = ("ingest", "upload", "front", "read", "worker", "workers", "stack", "rest")


def main() -> None:
    parser = argparse.ArgumentParser(prog="inv bench", description=__doc__)
    parser.add_argument("topics", nargs="+", choices=[*TOPICS, "all"])
    chosen = parser.parse_args().topics
    topics = TOPICS if "all" in chosen else chosen
    parent = Path(os.environ.get("FIELDLINE_BENCH_DIR", "var/bench")).absolute()
    with throw_away_folder(parent) as folder, embedded_databases(folder, durable=True) as environment:
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="bench.settings")
        # Django reads the environment when it is first imported, so the topics can only be imported
        # now.
        importlib.import_module("bench.database").prepare()
        for topic in topics:
            print_table(topic, importlib.import_module(f"bench.{topic}").rows())


if __name__ == "__main__":
    main()
