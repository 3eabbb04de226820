"""The bell: how a reader who has read everything learns that there is more.

It carries no news, only the hint to look again, so a ring may be lost, doubled or late without harm to anybody who
looks before he waits. Between that look and `wait` there must be no `await`: within one event loop nothing can then be
committed unseen in between.
"""

from __future__ import annotations

import asyncio


class Bell:
    """Wakes those who wait for a conversation. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def ring(self, conversation_id: str) -> None:
        """Wake everybody who waits for this conversation; nobody is remembered."""
        for future in self._waiting.pop(conversation_id, ()):
            if not future.done():
                future.set_result(None)

    def ring_all(self) -> None:
        """Wake everybody: the journal closes."""
        for conversation_id in list(self._waiting):
            self.ring(conversation_id)

    async def wait(self, conversation_id: str) -> None:
        """Return at the next ring for this conversation."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(conversation_id, []).append(future)
        try:
            await future
        finally:
            self._leave(conversation_id, future)

    def _leave(self, conversation_id: str, future: asyncio.Future[None]) -> None:
        """After a ring the list is already gone; after a cancellation the future must not pile up in it."""
        waiting = self._waiting.get(conversation_id)
        if waiting and future in waiting:
            waiting.remove(future)
            if not waiting:
                del self._waiting[conversation_id]
