"""The crew of a workbench: who is at work, who gets the next worker, and who takes the place of one that is gone.

First come, first served, with two exceptions. With two or more workers one of them is never lent for work on a file that
a stranger made (reading it, drawing its pages), so such work may wait while tools and ticks pass it. And a page that
somebody wants to see goes before the files that wait to be read.

A worker that ends, for whatever reason, is buried and replaced; when none can be started several times in a row, those
who wait are refused instead of kept, while the attempts go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from analysis.errors import TickmarkError
from analysis.worker_process import WorkerProcess

Work = Literal["tool", "read", "show", "look"]

_log = logging.getLogger("tickmark.workbench")
_ROOT = Path(__file__).resolve().parent.parent
_COMMAND = (sys.executable, "-P", "-s", "-m", "analysis.worker")
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
_START_TIMEOUT_S = 60.0
_ON_FILES: frozenset[Work] = frozenset(("read", "show"))  # what works on bytes as they came
_PATIENCE = 3  # starts that may fail in a row before calls are refused


class DownError(TickmarkError):
    """No worker can be started, or the workbench is closed."""

    def __init__(self) -> None:
        text = "Documents and calculations are not available at the moment."
        super().__init__("workbench_down", text, retryable=True)


class Crew:
    """`size` workers, started with `setup` in `folder`."""

    def __init__(self, size: int, setup: dict[str, Any], folder: Path) -> None:
        self.walls: Sequence[str] = ()
        self._size = max(1, size)
        self._most_on_files = max(1, self._size - 1)
        self._setup = setup
        self._folder = folder
        self._warm: set[WorkerProcess] = set()  # at work or not
        self._starting: set[WorkerProcess] = set()
        self._idle: deque[WorkerProcess] = deque()
        self._waiting: deque[tuple[Work, asyncio.Future[WorkerProcess]]] = deque()
        self._on_files = 0
        self._failed_starts = 0
        self._chores: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Event | None = None

    @property
    def pids(self) -> Sequence[int]:
        """The process ids of the warm workers."""
        return [worker.pid for worker in self._warm]

    def start(self) -> None:
        """Begin to start the workers."""
        if self._closing is None:
            self._closing = asyncio.Event()
            for _ in range(self._size):
                self._do(self._hire())

    async def close(self) -> None:
        """End all workers and refuse those who wait. Afterwards no process and no task of ours is left."""
        if self._closing is None:
            return
        self._closing.set()
        self._refuse_waiting()
        for worker in [*self._warm, *self._starting]:
            worker.kill()
        while self._chores:
            await asyncio.gather(*self._chores, return_exceptions=True)

    @asynccontextmanager
    async def worker(self, work: Work) -> AsyncIterator[WorkerProcess]:
        """A worker of one's own for a while, when it is one's turn. Raises DownError."""
        worker = await self._take(work)
        try:
            yield worker
        finally:
            self._give_back(worker, work)

    async def _take(self, work: Work) -> WorkerProcess:
        if self._closing is None or self._closing.is_set() or self._is_down():
            raise DownError
        turn: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._queue(work, turn)
        self._hand_out()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result(), work)  # it was our turn just as we left
            raise

    def _queue(self, work: Work, turn: asyncio.Future[WorkerProcess]) -> None:
        """At the end; a page before the first file that waits to be read."""
        reads = (place for place, (other, _) in enumerate(self._waiting) if work == "show" and other == "read")
        self._waiting.insert(next(reads, len(self._waiting)), (work, turn))

    def _hand_out(self) -> None:
        """Give idle workers to those who wait, in order, holding one back from files."""
        passed_over: list[tuple[Work, asyncio.Future[WorkerProcess]]] = []
        while self._idle and self._waiting:
            work, turn = self._waiting.popleft()
            if turn.done():
                continue
            if work in _ON_FILES and self._on_files >= self._most_on_files:
                passed_over.append((work, turn))
                continue
            self._on_files += work in _ON_FILES
            # Tools go to who worked last and has the documents at hand, files to who rested longest.
            turn.set_result(self._idle.popleft() if work in _ON_FILES else self._idle.pop())
        self._waiting.extendleft(reversed(passed_over))

    def _give_back(self, worker: WorkerProcess, work: Work) -> None:
        self._on_files -= work in _ON_FILES
        if worker.usable:
            self._idle.append(worker)
        self._hand_out()

    def _refuse_waiting(self) -> None:
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(DownError())

    # Starting and replacing.

    def _is_down(self) -> bool:
        return self._failed_starts >= _PATIENCE and not self._warm

    async def _hire(self) -> None:
        """Start one worker and put it to work; try again, ever more slowly, until it succeeds or we close."""
        assert self._closing is not None
        while not self._closing.is_set():
            worker = await self._start_one()
            if worker is not None:
                self._failed_starts = 0
                self._warm.add(worker)
                self._idle.append(worker)
                self._hand_out()
                return
            self._failed_starts += 1
            if self._is_down():
                self._refuse_waiting()
            pause_s = min(30.0, 0.1 * 2**self._failed_starts)
            try:
                await asyncio.wait_for(self._closing.wait(), pause_s)
            except TimeoutError:
                pass

    async def _start_one(self) -> WorkerProcess | None:
        """A warm worker, or None after a word in the log."""
        assert self._closing is not None
        try:
            worker = await WorkerProcess.spawn(_COMMAND, _environment(), self._folder, self._setup, self._replace)
        except Exception:  # whatever it is, those who wait must hear of it
            _log.exception("a worker cannot be started")
            return None
        if not self._closing.is_set():
            self._starting.add(worker)
            await asyncio.wait({worker.ready}, timeout=_START_TIMEOUT_S)
            self._starting.discard(worker)
            if worker.usable:
                self.walls = worker.ready.result().header.get("walls", ())
                return worker
            if not self._closing.is_set():
                _log.error("a worker ended before it was ready")
        await worker.end()
        return None

    def _replace(self, ended: WorkerProcess) -> None:
        """A worker is of no more use: bury it, and hire another."""
        if ended not in self._warm:
            return  # it never was at work; whoever starts it will see
        self._warm.discard(ended)
        if ended in self._idle:
            self._idle.remove(ended)
        self._do(ended.end())
        if self._closing is not None and not self._closing.is_set():
            self._do(self._hire())

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _environment() -> dict[str, str]:
    """All a worker knows of the server's environment: how to find programs, libraries and words."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    paths = [str(_ROOT), *(path for path in sys.path if path and os.path.isdir(path) and path != str(_ROOT))]
    return {**kept, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}
