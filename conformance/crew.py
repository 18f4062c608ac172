"""Processes that work on tasks at the same time; results come back in the order of the tasks.

They are started by `spawn`, as Windows knows no other way; tasks go through a pipe, so no secret
stands on a command line. When the pipe closes, because we were interrupted or are gone, a process
is interrupted as by Ctrl-C and cleans up behind itself.
"""

from __future__ import annotations

import _thread
import contextlib
import multiprocessing
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection

Tell = Callable[[Any], None]
Work = Callable[[Any, Tell], Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of a result: the process ended, with this code, before it had one."""

    exit_code: int | None


@dataclass(frozen=True, slots=True)
class _News:
    told: Any


@dataclass(frozen=True, slots=True)
class _Result:
    value: Any


class Crew:
    """So many processes, each of which does `work(task, tell)` for one task after the other.

    What they tell comes at once. `patience` seconds are what an interrupted process has to clean
    up. To be used as a context.
    """

    def __init__(self, size: int, work: Work, tell: Tell, patience: float) -> None:
        self._size = size
        self._work = work
        self._tell = tell
        self._patience = patience
        self._members: dict[Connection, SpawnProcess] = {}
        self._busy: dict[Connection, int] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._members:
            pipe.close()
        for process in self._members.values():
            process.join(self._patience)
            if process.is_alive():
                process.kill()
                process.join()
        self._members.clear()

    def results(self, task: Callable[[int], Any], count: int) -> Iterator[Any]:
        """The results of task(0), task(1), ... in this order; each task is made when it is due."""
        found: dict[int, Any] = {}
        given = 0
        for _ in range(min(self._size, count)):
            self._start()
        for due in range(count):
            while due not in found:
                for pipe in [one for one in self._members if one not in self._busy]:
                    if given < count:
                        self._give(pipe, given, task(given))
                        given += 1
                heard = wait(list(self._busy))
                for pipe in [one for one in self._members if one in heard]:
                    self._hear(pipe, found)
            yield found.pop(due)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_member, args=(theirs, self._work), daemon=True)
        process.start()
        theirs.close()
        self._members[ours] = process

    def _give(self, pipe: Connection, place: int, task: Any) -> None:
        self._busy[pipe] = place
        # A process that is gone says so when it is listened to.
        with contextlib.suppress(OSError):
            pipe.send(task)

    def _hear(self, pipe: Connection, found: dict[int, Any]) -> None:
        try:
            heard = pipe.recv()
        except (EOFError, OSError):
            process = self._members.pop(pipe)
            process.join(self._patience)
            found[self._busy.pop(pipe)] = Lost(process.exitcode)
            self._start()
            return
        if isinstance(heard, _News):
            self._tell(heard.told)
        else:
            found[self._busy.pop(pipe)] = heard.value


def _member(pipe: Connection, work: Work) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _interrupt_once)
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(pipe, tasks, busy), daemon=True).start()

    def tell(told: Any) -> None:
        try:
            pipe.send(_News(told))
        except OSError:
            raise KeyboardInterrupt from None

    with contextlib.suppress(KeyboardInterrupt, OSError):
        while (task := tasks.get()) is not None:
            busy.set()
            pipe.send(_Result(work(task, tell)))
            busy.clear()


def _listen(pipe: Connection, tasks: queue.SimpleQueue[Any], busy: threading.Event) -> None:
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        tasks.put(None)
        if busy.is_set():
            _thread.interrupt_main()


def _interrupt_once(*_: int | FrameType | None) -> None:
    # What is being cleaned up is not interrupted again.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt
