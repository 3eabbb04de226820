"""One worker as the server sees it: a process, its three pipes, and at most one call on its way.

Written on the loop's own subprocess transport rather than on streams, because that one can be closed for certain, also
when something the worker started still holds a pipe.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from analysis.pipe import Frame, GarbledError, Unpacker, pack

Progress = Callable[[int, int, str], None]

_log = logging.getLogger("tickmark.workbench")
_ANSWERS = frozenset(("returned", "read", "shown", "looked", "refused", "broke"))
_MAX_LOGGED_CHARS = 20_000  # of what one call prints


class DiedError(Exception):
    """The process ended, or spoke nonsense and was ended. `begun`: it had taken up the call that was waiting."""

    def __init__(self, begun: bool) -> None:
        super().__init__("the worker died")
        self.begun = begun


class OverranError(Exception):
    """The call took longer than it may; the process was ended."""


class WorkerProcess(asyncio.SubprocessProtocol):
    """A worker process. `on_end` is called once, as soon as it is known to be of no more use."""

    def __init__(self, on_end: Callable[[WorkerProcess], None]) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[Frame] = loop.create_future()
        self._gone: asyncio.Future[None] = loop.create_future()
        self._on_end = on_end
        self._frames = Unpacker()
        self._transport: asyncio.SubprocessTransport | None = None
        self._answer: asyncio.Future[Frame] | None = None
        self._on_progress: Progress | None = None
        self._begun = False
        self._ended = False
        self._logged_chars = 0

    @staticmethod
    async def spawn(
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        setup: dict[str, Any],
        on_end: Callable[[WorkerProcess], None],
    ) -> WorkerProcess:
        """Start a process and tell it what to warm up for; `ready` comes true when it has, or is cancelled."""
        loop = asyncio.get_running_loop()
        _, worker = await loop.subprocess_exec(
            lambda: WorkerProcess(on_end), *command, env=dict(environment), cwd=str(folder), start_new_session=True
        )
        worker._write(pack(setup))
        return worker

    @property
    def pid(self) -> int:
        """The process id; 0 before there is one."""
        return (self._transport.get_pid() or 0) if self._transport else 0

    @property
    def usable(self) -> bool:
        """Whether it may be given a call."""
        return not self._ended and self.ready.done() and not self.ready.cancelled()

    async def ask(self, call: dict[str, Any], timeout_s: float, on_progress: Progress | None) -> Frame:
        """Give it one call and wait for the answer. Raises DiedError and OverranError; a call that is cancelled or
        overruns takes the process with it."""
        packed = pack(call)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._on_progress, self._begun, self._logged_chars = on_progress, False, 0
        answered = False
        try:
            async with asyncio.timeout(timeout_s):
                self._write(packed)
                frame = await answer
            answered = True
            return frame
        except TimeoutError:
            raise OverranError from None
        finally:
            self._answer = self._on_progress = None
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen, also by a caller who left in the same moment
            if not answered or frame.header.get("worn"):
                self.kill()

    def kill(self) -> None:
        """End the process, and whatever it may have started, without waiting for it."""
        if self._transport is not None and self._transport.get_returncode() is None:
            try:
                if sys.platform == "win32":
                    self._transport.kill()
                else:
                    os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        self._end()

    async def end(self) -> None:
        """Kill it and wait until the process and its pipes are gone."""
        self.kill()
        await asyncio.shield(self._gone)

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)  # uvloop's is one without being its subclass

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._log_output(data)
            return
        try:
            frames = self._frames.feed(data)
        except GarbledError:
            self.kill()
            return
        for frame in frames:
            self._hear(frame)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self.kill()

    def process_exited(self) -> None:
        self._end()
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._gone.done():
            self._gone.set_result(None)

    # What follows from it.

    def _write(self, packed: bytes) -> None:
        pipe = self._transport.get_pipe_transport(0) if self._transport else None
        if pipe is not None and not pipe.is_closing():
            cast(asyncio.WriteTransport, pipe).write(packed)

    def _hear(self, frame: Frame) -> None:
        match frame.kind:
            case "ready" if not self.ready.done():
                self.ready.set_result(frame)
            case "begun":
                self._begun = True
            case "progress":
                self._pass_on(frame.header)
            case kind if kind in _ANSWERS and self._answer is not None and not self._answer.done():
                self._answer.set_result(frame)
            case _:
                self.kill()

    def _pass_on(self, progress: Mapping[str, Any]) -> None:
        if self._on_progress is None:
            return
        try:
            self._on_progress(int(progress["done"]), int(progress["total"]), str(progress.get("note", "")))
        except Exception:
            _log.exception("a progress listener failed")

    def _log_output(self, data: bytes) -> None:
        """What a worker prints is for the log: a screenful of it, without anything that could steer a terminal."""
        room = _MAX_LOGGED_CHARS - self._logged_chars
        text = data.decode("utf-8", "replace")[: max(room, 0)]
        self._logged_chars += len(text)
        for line in text.splitlines():
            _log.warning("worker %d: %s", self.pid, "".join(c if c.isprintable() else " " for c in line))

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self.ready.cancel()  # means nothing when it has come true
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DiedError(self._begun))
        self._on_end(self)
