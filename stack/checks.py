"""`./inv check`: runs every check and prints one table. `./inv gauges`: prints advice and never
fails."""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from stack.home import Home
from stack.services import manage_command

PACKAGES = ("server", "worker", "webapp", "demo", "stack", "bench", "chaos")
SOURCES = (*PACKAGES, "tasks.py")
MODULE_LINES, FUNCTION_LINES = 400, 40
TEST_SETTINGS = {"DJANGO_SETTINGS_MODULE": "server.config.settings.test"}
# Made up: only the settings are checked, nothing connects.
PRODUCTION_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "server.config.settings.production",
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(7, 600, 7)),
    "SEAL_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_DEFAULT_URL": "postgres://nobody:none@127.0.0.1:1/none",
    "DATABASE_STREAMDATA_URL": "postgres://nobody:none@127.0.0.1:1/none_streamdata",
    "CACHE_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "fieldline.invalid",
}


@dataclass(frozen=True)
class Check:
    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    check: Check
    code: int
    output: str
    seconds: float


def all_checks() -> list[Check]:
    # No database runs during a check; Django warns that it could not look at the applied
    # migrations.
    no_database = {**TEST_SETTINGS, "PYTHONWARNINGS": "ignore::RuntimeWarning"}
    return [
        Check("types", _module("mypy", *SOURCES)),
        Check("import contracts", (_script("lint-imports"),)),
        Check("ruff", _module("ruff", "check", ".")),
        Check("format", _module("ruff", "format", "--check", ".")),
        Check("packages", _module("deptry", ".")),
        Check("migrations", manage_command("makemigrations", "--check", "--dry-run"), no_database),
        Check(
            "deploy settings",
            manage_command("check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION_SETTINGS,
        ),
        Check("templates", _module("djlint", "webapp/templates", "--lint", "--quiet")),
        Check("spelling", (_script("codespell"),)),
        Check("pins", _module("stack.pins")),
    ]


def run_checks(home: Home) -> int:
    """Run all checks, two at a time where there are two processors; print what failed and a
    table."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        outcomes = []
        for outcome in pool.map(lambda check: _run(home, check), all_checks()):
            outcomes.append(outcome)
            if outcome.code != 0:
                print(f"--- {outcome.check.name}\n{outcome.output.strip()}\n", flush=True)
    for outcome in outcomes:
        verdict = "ok" if outcome.code == 0 else "FAILED"
        print(f"{outcome.check.name:<18} {verdict:<7} {outcome.seconds:5.1f} s")
    failed = [outcome for outcome in outcomes if outcome.code != 0]
    print(
        f"{len(failed)} of {len(outcomes)} checks failed."
        if failed
        else f"All {len(outcomes)} checks passed."
    )
    return 1 if failed else 0


def run_gauges(home: Home) -> None:
    advice = [
        Check(
            "complexity, arguments, returns",
            _module("ruff", "check", "--select", "C901,PLR09", "--exit-zero", "."),
        ),
        Check(
            "complexity by function, C and worse",
            _module("radon", "cc", "--min", "C", "--show-complexity", *SOURCES),
        ),
        Check("dead code", _module("vulture")),
    ]
    for check in advice:
        print(f"--- {check.name}\n{_run(home, check).output.strip() or 'nothing'}\n", flush=True)
    print("--- long modules and functions")
    print("\n".join(long_parts(home.root)) or "nothing")
    print("\n--- lines of Python, tests apart")
    for name in PACKAGES:
        code, tests = _count_lines(home.root / name)
        print(f"{name:<8} {code:6} + {tests:6} of tests")


def long_parts(root: Path) -> list[str]:
    found = []
    for path in _modules(root, SOURCES):
        text = path.read_text()
        lines = len(text.splitlines())
        if lines > MODULE_LINES:
            found.append(f"{path.relative_to(root)}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    found.append(f"{path.relative_to(root)}:{node.lineno} {node.name}: {length} lines")
    return found


def _run(home: Home, check: Check) -> Outcome:
    begin = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=home.root,
        env={**os.environ, **check.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(check, done.returncode, done.stdout, time.monotonic() - begin)


def _modules(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        place = root / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _count_lines(package: Path) -> tuple[int, int]:
    counts = {True: 0, False: 0}
    for path in package.rglob("*.py"):
        counts["tests" in path.parts] += len(path.read_text().splitlines())
    return counts[False], counts[True]


def _module(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


def _script(name: str) -> str:
    return str(Path(sys.executable).parent / name)
