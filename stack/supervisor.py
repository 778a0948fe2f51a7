"""Runs the services: starts databases before programs, and stops them in the reverse order."""

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from stack import processes
from stack.errors import StackError
from stack.home import Home
from stack.keeper import Keeper, Listener, ProcessExit
from stack.processes import Record
from stack.services import Service
from stack.terminal import LogPrinter, Steps

# Together less than the ten seconds that a stop may take.
PROGRAM_SECONDS = 5.0
DATABASE_SECONDS = 3.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last one: the terminal was closed

Setup = Callable[["Supervisor"], None]


class Supervisor:
    """`run` starts the databases and returns after a signal, or when a service ends too often.

    `setup` runs in a thread once the databases have processes, and starts the programs. Until it
    has returned, a service that ends stops everything; from then on it is restarted.
    """

    def __init__(self, home: Home, services: Sequence[Service], setup: Setup, terminal: Steps) -> None:
        self.stopping = threading.Event()
        self.fatal_end: ProcessExit | None = None
        self.failure: StackError | None = None  # of `setup`
        self._terminal = terminal
        self._printer = LogPrinter(home, terminal, [each.name for each in services if not each.holds_data])
        listener = Listener(
            line=self._printer.write,
            started=self._record_start,
            ended=self._record_end,
            may_restart=lambda: self._complete,
            restarting=self._announce_restart,
            gave_up=self._stop_for_good,
        )
        self._keepers = [Keeper(each, listener) for each in services]
        self._started: list[Keeper] = []
        # Not an Event, whose lock is not safe in a signal handler that interrupts its waiter.
        self._end: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._commands: list[Record] = []
        self._records_file = home.run / "processes.json"
        self._complete = False
        self._lock = threading.RLock()
        self._setup = threading.Thread(target=self._set_up, args=(setup,), daemon=True)

    def run(self) -> None:
        with self._signals():
            try:
                self._start(holds_data=True)
                self._setup.start()
                self._end.get()
            finally:
                self._stop_in_order()
                self._records_file.unlink(missing_ok=True)
                self._printer.close()

    def start_programs(self) -> None:
        self._start(holds_data=False)

    def watch(self, name: str, pid: int) -> None:
        """Record a command that `setup` has started, so that it is stopped with the rest, also
        after a crash."""
        if record := processes.record_of(name, pid):
            self._commands.append(record)
            self._write_records()

    def _start(self, *, holds_data: bool) -> None:
        for keeper in self._keepers:
            if keeper.service.holds_data == holds_data and not self.stopping.is_set():
                self._started.append(keeper)
                keeper.start()

    def _set_up(self, setup: Setup) -> None:
        try:
            setup(self)
            self._complete = True
        except StackError as error:
            if not self.stopping.is_set():  # else it is a consequence
                self.failure = error
        finally:
            if not self._complete:
                self._stop()

    def _stop(self) -> None:
        self.stopping.set()
        self._end.put(None)

    def _stop_in_order(self) -> None:
        self.stopping.set()
        self._terminal.print_line("Stopping ...")
        processes.stop(self._commands, signal.SIGTERM, PROGRAM_SECONDS)
        for holds_data, seconds in ((False, PROGRAM_SECONDS), (True, DATABASE_SECONDS)):
            keepers = [each for each in self._started if each.service.holds_data == holds_data]
            for each in keepers:
                each.request_stop()
            for each in keepers:
                each.wait(seconds)
        if self._setup.is_alive():
            self._setup.join(PROGRAM_SECONDS)

    def _record_start(self, name: str, pid: int) -> None:
        self._printer.write("system", f"{name} started (pid={pid})\n".encode())
        self._write_records()

    def _record_end(self, end: ProcessExit) -> None:
        self._printer.write("system", f"{end.name} stopped (rc={end.code})\n".encode())

    def _announce_restart(self, end: ProcessExit, delay: float) -> None:
        self._terminal.print_line(f"{end}; restarting in {delay:.1f} s.")

    def _stop_for_good(self, end: ProcessExit) -> None:
        with self._lock:
            if not self.stopping.is_set():
                self.fatal_end = end
                self._stop()

    def _write_records(self) -> None:
        """Write down every process for the next start after a crash."""
        with self._lock:
            running = [each.record for each in self._keepers if each.record]
            with contextlib.suppress(OSError):  # a full disk should not take the stack down with it
                processes.write_records(self._records_file, [*running, *self._commands])

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self._end.put(None)

        before = {each: signal.signal(each, stop) for each in STOP_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
