"""All runs on one installation, and the table of their results."""

import argparse
import importlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import django

from chaos.installation import Installation

FUZZ: Final = "fuzz"


def main(folder: Path, options: argparse.Namespace, seed: int) -> int:
    installation = Installation(folder)
    try:
        installation.prepare()
        os.environ.update(installation.environment)
        django.setup()
        installation.web.start()
        installation.workers.start()
        return (
            _fuzz(installation, options, seed)
            if options.only == FUZZ
            else _campaign(installation, options, Random(seed))
        )
    finally:
        installation.stop()


def _campaign(installation: Installation, options: argparse.Namespace, rng: Random) -> int:
    # Models can only be imported when Django is set up.
    module = importlib.import_module("chaos.runs")
    planned, left_out = module.plan(installation, options.runs, options.only)
    print("\n".join(left_out), flush=True)
    rng.shuffle(planned)
    runs = module.Runs(installation, rng)
    started = time.monotonic()
    for number, kind in enumerate(planned):
        runs.run(number, kind)
        if (number + 1) % module.BATCH == 0 or runs.faults:
            print(
                f"{number + 1:4} runs, {time.monotonic() - started:5.0f} s, {len(runs.faults)} faults",
                flush=True,
            )
        if runs.faults:
            break
    whole = runs.check_all_devices()
    runs.faults += [f"at the end: {each}" for each in whole.faults + runs.without_effect()]
    _print_table(runs.tallies, whole, time.monotonic() - started)
    for fault in runs.faults[:20]:
        print(fault)
    if runs.faults:
        _keep_evidence(installation, runs)
    return 1 if runs.faults else 0


def _fuzz(installation: Installation, options: argparse.Namespace, seed: int) -> int:
    decoder, path = importlib.import_module("chaos.fuzz_decoder"), importlib.import_module("chaos.fuzz_path")
    outcome = path.fuzz(installation, options.uploads, seed)
    print("\n".join(path.table(outcome)), flush=True)
    result = decoder.fuzz(options.cases, seed)
    print("\n".join(decoder.table(result)))
    failures = [*outcome.failures, *decoder.failures(result)]
    print("\n".join(failures[:20]))
    if failures:
        shutil.copytree(installation.home.log, _evidence_folder(installation))
    return 1 if failures else 0


def _evidence_folder(installation: Installation) -> Path:
    """Outside the folder of the installation, which is deleted at the end."""
    return installation.home.var.parent.with_name(f"chaos-kept-{int(time.time())}")


def _print_table(tallies: Mapping[str, Any], whole: Any, seconds: float) -> None:
    head = (
        "fault",
        "runs",
        "not counted",
        "amid uploads",
        "mid-job",
        "uploads",
        "tries",
        "lost",
        "doubled",
        "stuck",
        "other",
        "mean s",
        "slowest s",
    )
    rows: list[tuple[str, ...]] = [head]
    for name, tally in sorted(tallies.items()):
        counts = (
            tally.runs,
            tally.not_counted,
            tally.met_uploads,
            tally.mid_job,
            tally.uploads,
            tally.tries,
            tally.lost,
            tally.doubled,
            tally.stuck,
        )
        mean = f"{tally.seconds / (tally.runs + tally.not_counted):.1f}"
        rows.append((name, *map(str, counts), str(tally.other), mean, f"{tally.slowest:.1f}"))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    runs, met = (sum(getattr(each, name) for each in tallies.values()) for name in ("runs", "met_uploads"))
    print(f"{met} of {runs} faults were injected while uploads were in progress")
    print({name: dict(tally.answers) for name, tally in sorted(tallies.items())})
    print(
        f"{whole.sent} readings and events sent, {whole.lost} lost, {whole.doubled} doubled; {seconds:.0f} s"
    )
    print(f"hash of all that was sent, and of all that is stored: {whole.digest}", flush=True)


def _keep_evidence(installation: Installation, runs: Any) -> None:
    """Save what is needed to understand a violation: what was sent, what is stored, and the
    logs."""
    verdict = importlib.import_module("chaos.verdict")
    numbers = [device.number for device in runs.all_devices[-6:]]
    books = [
        {**vars(upload), "data": upload.data.hex(), "rows": list(upload.rows)}
        for device in runs.all_devices[-6:]
        for upload in device.uploads
    ]
    kept = _evidence_folder(installation)
    shutil.copytree(installation.home.log, kept)
    (kept / "books.json").write_text(
        json.dumps({"sent": books, "stored": verdict.dump(numbers)}, default=str)
    )
    print(f"kept in {kept}")
