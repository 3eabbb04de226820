"""Tells a conversation how far the reading of its documents is, without filling its journal: at most twenty words a stage."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from analysis.events import DocumentProgress, Draft
from analysis.journals.journal import Journal

STEPS = 20


class Telling:
    """Hears progress and writes `document_progress`. `before` is written ahead of the first word, because a conversation
    should know a document before it hears of its reading; when there is nothing to tell, `settle` gives it back."""

    def __init__(self, journal: Journal, conversation_id: str, before: Sequence[Draft] = ()) -> None:
        self._journal = journal
        self._conversation_id = conversation_id
        self._before = list(before)
        self._told: dict[str, tuple[str, int]] = {}
        self._waiting: list[Draft] = []
        self._writing: asyncio.Task[None] | None = None

    def __call__(self, document_id: str, stage: str, done: int, total: int) -> None:
        """Hear how far a document is."""
        step = (stage, STEPS * done // max(total, 1))
        if self._told.get(document_id) == step:
            return
        self._told[document_id] = step
        self._waiting += [*self._before, Draft(DocumentProgress(document_id, stage, done, total))]
        self._before = []
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())
            self._writing.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _write(self) -> None:
        while self._waiting:
            drafts, self._waiting = self._waiting, []
            await self._journal.append(self._conversation_id, drafts)

    async def settle(self) -> list[Draft]:
        """Wait until all that was heard is written; what still has to be written. Raises StoreError."""
        if self._writing is not None:
            await self._writing
        return self._before
