"""A complete installation, and third-party clients. Each test has a device of its own."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from stack.home import ROOT
from stack.services import manage_command
from stack.testing import throw_away_folder
from webapp.tests.browser.installation import Installation, running_installation
from webapp.tests.browser.sample_data import SampleData, SampleDevice, parse_sample_data

RUN_S: Final = 120.0
DEVICES: Final = 6
Run: TypeAlias = Callable[..., dict[str, Any]]


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    # Not below pytest's own folder, which is closed to the user that runs PostgreSQL under root.
    with throw_away_folder(ROOT / "var" / "test") as folder, running_installation(folder) as running:
        yield running


@pytest.fixture(scope="package")
def sample(installation: Installation) -> SampleData:
    script = f"from webapp.tests.browser.sample_data import print_sample_data; print_sample_data({DEVICES})"
    return parse_sample_data(installation.run(*manage_command("shell", "--no-imports", "--command", script)))


@pytest.fixture(scope="package")
def _fresh_devices(sample: SampleData) -> Iterator[SampleDevice]:
    return iter(sample.devices)


@pytest.fixture
def device(_fresh_devices: Iterator[SampleDevice]) -> SampleDevice:
    """A device in Alice's project, for this test only; it has never reported."""
    return next(_fresh_devices)


@pytest.fixture
def run(installation: Installation, sample: SampleData, device: SampleDevice, tmp_path: Path) -> Run:
    """Runs a client's program as Alice; returns the JSON that it prints."""

    def run_one(argv: Sequence[str], **more: Any) -> dict[str, Any]:
        given = {
            "address": installation.address,
            "email": sample.alice.email,
            "password": sample.alice.password,
            "device": device.slug,
            "device_id": device.number,
            "short_device": f"d--{device.number:04x}",
            "stream": device.volume,
            **more,
        }
        done = subprocess.run(
            [*argv, json.dumps(given)],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        server = installation.programs["web"].last_lines()
        assert done.returncode == 0, f"{done.stderr}\n{done.stdout}\nLog of the server:\n{server}"
        seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return seen

    return run_one
