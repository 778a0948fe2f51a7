"""`./inv chaos`: breaks a complete installation in every way we know while devices upload to it,
and checks the result.

Exits with 1 after any violation. What is checked, and how each fault is made:
docs/operations/faults.md.
"""

import argparse
import importlib
import os
import sys
import time

from chaos.small_disk import unmount_leftovers
from stack.home import default_home
from stack.testing import throw_away_folder


def main() -> int:
    options = _parse_arguments()
    parent = default_home().var / "chaos"
    seed = options.seed if options.seed is not None else int(time.time())
    print(f"seed {seed}", flush=True)
    parent.mkdir(parents=True, exist_ok=True)
    unmount_leftovers(parent)
    with throw_away_folder(parent) as folder:
        folder.chmod(0o711)
        # Django reads the environment when it is first imported, and the installation defines it.
        campaign = importlib.import_module("chaos.campaign")
        return int(campaign.main(folder, options, seed))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="inv chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="", help="only faults whose name contains this; or fuzz")
    parser.add_argument("--cases", type=int, default=1_000_000, help="fuzz: cases for the decoder")
    parser.add_argument("--uploads", type=int, default=20_000, help="fuzz: uploads over HTTP")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("FIELDLINE_VAR", str(default_home().var))
    sys.exit(main())
