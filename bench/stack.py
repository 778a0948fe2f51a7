"""The embedded stack as a whole: time to the first page, and idle memory."""

import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.processes import process_tree
from bench.table import Row
from stack.home import ROOT

START_SECONDS = 120.0
IDLE_SECONDS = 15.0


def rows() -> Iterator[Row]:
    """Start `./inv up` twice in a folder of its own: the first start makes the databases."""
    folder = Path(os.environ["FIELDLINE_VAR"]) / "stack"
    first, _ = _start(folder, measure_memory=False)
    again, memory_kb = _start(folder, measure_memory=True)
    yield Row("./inv up, new var/, to first page", f"{first:.1f} s")
    yield Row("./inv up, to first page", f"{again:.1f} s", budget="under 10 s")
    for name, size_kb in sorted(memory_kb.items(), key=lambda item: -item[1]):
        yield Row(f"idle memory, {name}", f"{size_kb / 1024:.0f} MB")
    yield Row("idle memory, whole stack", f"{sum(memory_kb.values()) / 1024:.0f} MB", budget="under 600 MB")


def _start(folder: Path, *, measure_memory: bool) -> tuple[float, dict[str, int]]:
    environment = {**os.environ, "FIELDLINE_VAR": str(folder)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(ROOT / "inv"), "up"], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        port = _read_port(process)
        _first_page(port)
        took = time.perf_counter() - started
        memory = _idle_memory(process.pid) if measure_memory else {}
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=START_SECONDS)
    return took, memory


def _read_port(process: subprocess.Popen[str]) -> int:
    if process.stdout is None:
        raise RuntimeError("the output of ./inv up is needed")
    for line in process.stdout:
        found = re.search(r"runs at http://localhost:(\d+)", line)
        if found:
            return int(found.group(1))
    raise RuntimeError("./inv up ended before it had an address")


def _first_page(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    connection.request("GET", "/account/login/")
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise RuntimeError(f"the first page answered {status}")


def _idle_memory(top: int) -> dict[str, int]:
    """Returns the proportional set size in kB by program, after some idle time. Shared pages count
    once."""
    time.sleep(IDLE_SECONDS)
    memory: dict[str, int] = {}
    for pid in process_tree(top):
        name = _program(pid)
        memory[name] = memory.get(name, 0) + _pss_kb(pid)
    return memory


def _program(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    names = {
        "server.config.web": "web",
        "uvicorn": "live",
        "sqs-loop-worker": "worker",
        "postgres": "postgres",
    }
    names |= {"redis-server": "redis", "nats-server": "nats"}
    return next((name for word, name in names.items() if word in words), "supervisor")


def _pss_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) if found else 0
