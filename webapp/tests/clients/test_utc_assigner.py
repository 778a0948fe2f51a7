"""The times of random lives, beside those of the UTC assigner of `iotile-core`."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Project
from server.apps.ingest.tests.lives import Life, random_life
from server.apps.ingest.tests.older_devices import deliver, times_of
from server.apps.streams.tests.factories import make_claimed_device
from stack.examples import examples
from webapp.tests.clients.environments import PROGRAMS, python_environment

pytestmark = [
    pytest.mark.integration,
    pytest.mark.clients,
    pytest.mark.django_db(databases=["default", "streamdata"]),
]

LIVES: Final = int(os.environ.get("FIELDLINE_LIVES", examples(60)))
LIVES_PER_TEST: Final = 20
TWO_SECONDS: Final = 2.0
RUN_S: Final = 300.0


@pytest.mark.parametrize("part", range(LIVES // LIVES_PER_TEST))
def test_what_the_assigner_places_right_is_placed_like_that_and_more_is_right(
    part: int, project: Project, bob: Account, record_property: Callable[[str, object], None]
) -> None:
    lives = [random_life(seed) for seed in range(part * LIVES_PER_TEST, (part + 1) * LIVES_PER_TEST)]
    reports = []
    ours: list[Mapping[int, float]] = []
    for life in lives:
        device = make_claimed_device(project=project)
        deliver(device, bob, life.reports)
        ours.append({id: time.timestamp() for id, (time, _) in times_of(device).items()})
        reports.append([(report.of(device).hex(), report.received.timestamp()) for report in life.reports])

    theirs = _assigned(reports)

    readings = sum(len(found) for found in ours)
    right = [_right(found, life) for found, life in zip(ours, lives, strict=True)]
    assigned = [_right(found, life) for found, life in zip(theirs, lives, strict=True)]
    equal = sum(
        abs(mine[id] - other[id]) <= TWO_SECONDS
        for mine, other, ids in zip(ours, theirs, assigned, strict=True)
        for id in ids
    )
    record_property("lives: readings", readings)
    record_property("lives: right here", _count(right))
    record_property("lives: right by iotile-core", _count(assigned))
    record_property("lives: of these equal here", equal)
    assert _count(right) / readings > 0.6
    assert _count(right) >= _count(assigned)
    assert equal / _count(assigned) > 0.95


def _assigned(reports: list[list[tuple[str, float]]]) -> list[dict[int, float]]:
    done = subprocess.run(
        [str(python_environment()), str(PROGRAMS / "utc_assigner.py")],
        input=json.dumps({"lives": reports}),
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=True,
    )
    return [{int(id): time for id, time in found.items()} for found in json.loads(done.stdout)]


def _right(found: Mapping[int, float], life: Life) -> set[int]:
    return {id for id, time in found.items() if abs(time - life.truth[id]) <= TWO_SECONDS}


def _count(ids: list[set[int]]) -> int:
    return sum(map(len, ids))
