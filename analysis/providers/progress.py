"""A progress clock: how long may a provider be silent before we stop believing in it?

A provider that sends pings keeps its socket alive for ever, so a read timeout proves nothing; only signals count. The
clock costs one timer per silent stretch and one look at the time per read, not a timer per read. Time in which the
reader of the stream is busy with something else is nobody's silence and is not counted.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class ProgressClock:
    """Wrap each wait in `with clock:`; it raises TimeoutError in there when `limit_s` passed without `progressed()`.

    A cancellation from outside stays a cancellation, also when both come at once.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(limit_s, self._look)
        self._waiting: asyncio.Task[object] | None = None
        self._cancelled_before = 0
        self._has_expired = False

    def progressed(self) -> None:
        """Something came: count anew."""
        self._since = self._loop.time()

    def stop(self) -> None:
        """Count no more."""
        self._timer.cancel()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # a coroutine always runs in a task
        self._waiting = task
        self._cancelled_before = task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._waiting = self._waiting, None
        if self._has_expired and task is not None and task.uncancel() <= self._cancelled_before:
            raise TimeoutError from error

    def _look(self) -> None:
        now = self._loop.time()
        if self._waiting is None:
            self._since = now
        left_s = self._since + self._limit_s - now
        if left_s > 0 or self._waiting is None:
            self._timer = self._loop.call_later(max(left_s, 0), self._look)
        else:
            self._has_expired = True
            self._waiting.cancel()
