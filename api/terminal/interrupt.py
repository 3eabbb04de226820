"""Ctrl-C while an answer is awaited, and the signals that mean the same: first stop the answer, then leave."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupt:
    """What was pressed so far. `asked` is set by the first signal once the answer has begun; any other one cancels the
    task that listens."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.begun = False
        self.signal = 0

    @property
    def status(self) -> int:
        """The exit status it stands for; 0 when nothing was pressed."""
        return 128 + self.signal if self.signal else 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear signals within, in the running task. Where the system knows no such handlers, Ctrl-C stays what it is."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        set_up: list[int] = []
        try:
            for number in _SIGNALS:
                loop.add_signal_handler(number, self._pressed, number, task)
                set_up.append(number)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows; or not the main thread
            pass
        try:
            yield
        finally:
            for number in set_up:
                loop.remove_signal_handler(number)

    def _pressed(self, number: int, task: asyncio.Task[object]) -> None:
        self.signal = self.signal or number
        if self.begun and not self.asked.is_set():
            self.asked.set()
        else:
            task.cancel()
