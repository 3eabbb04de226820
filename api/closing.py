"""How the doors close: every reply that may last long is bound to a `Closing`, and ends when it begins.

The server cannot wait for streams that never end by themselves, and must not cut replies that are about to. So a long
reply runs inside `bound()`; `begin()`, or `end()` of one bound, interrupts it there, and the reply still says its last
words. A bound is an asyncio timeout without a time: it knows how to tell its own interruption from a cancellation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Bound:
    """One long reply. `ended` tells, afterwards, whether it was cut short."""

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._timeout = timeout
        self.ended = False

    def end(self) -> None:
        """Interrupt the reply now."""
        if not self.ended and not self._timeout.expired():
            self.ended = True
            self._timeout.reschedule(asyncio.get_running_loop().time())


class Closing:
    """All long replies of this server."""

    def __init__(self) -> None:
        self.begun = False
        self._open: set[Bound] = set()

    def begin(self) -> None:
        """End what is open; from now on new bounds end at once."""
        self.begun = True
        for bound in tuple(self._open):
            bound.end()

    @asynccontextmanager
    async def bound(self) -> AsyncIterator[Bound]:
        """The block ends early, without an error, when the bound is ended; look at `ended`."""
        bound: Bound | None = None
        try:
            async with asyncio.timeout(None) as timeout:
                bound = Bound(timeout)
                self._open.add(bound)
                if self.begun:
                    bound.end()
                yield bound
        except TimeoutError:
            if bound is None or not bound.ended:
                raise
        finally:
            if bound is not None:
                self._open.discard(bound)
