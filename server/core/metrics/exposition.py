"""The metrics as text, collected on request."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from server.core.metrics.meters import FOLDER, METERS

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_collectors: list[Collector] = []


def register_collector(collector: Collector) -> None:
    """Include this collector in every exposition."""
    _collectors.append(collector)


def exposition() -> bytes:
    """Returns the metrics of this process and of those it shares PROMETHEUS_MULTIPROC_DIR with."""
    registry = CollectorRegistry()
    if FOLDER:
        MultiProcessCollector(registry, path=FOLDER)  # type: ignore[no-untyped-call]
    else:
        registry.register(METERS)
    for each in (Processes(), *_collectors):
        registry.register(each)
    return generate_latest(registry)


class Processes(Collector):
    """Memory and CPU time of these processes, from Linux's /proc; nothing on other systems."""

    def collect(self) -> Iterator[Metric]:
        memory = GaugeMetricFamily("fieldline_process_resident_bytes", "Memory in use.", labels=["pid"])
        cpu = CounterMetricFamily("fieldline_process_cpu_seconds", "CPU time used.", labels=["pid"])
        for pid in sorted(_pids()):
            try:
                resident, used = _resident_bytes(pid), _cpu_seconds(pid)
            except (OSError, IndexError, ValueError):
                continue  # it has ended
            memory.add_metric([str(pid)], resident)
            cpu.add_metric([str(pid)], used)
        yield memory
        yield cpu


def _pids() -> set[int]:
    """Every process that writes metrics to the folder has files there that end with its pid."""
    names = (path.stem.rpartition("_")[2] for path in Path(FOLDER).glob("*.db")) if FOLDER else ()
    return {os.getpid(), *(int(name) for name in names if name.isdecimal())}


def _resident_bytes(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _cpu_seconds(pid: int) -> float:
    """The program's name, in brackets, may contain anything; numbers follow it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
