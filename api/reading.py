"""One connection's place in one conversation's journal.

Showing is reading: a first connection, a resumed one and a live one are the same loop, and it is this one. At most one
batch is in memory, so a slow client costs a cursor and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.events import Entry, MessageComplete, MessageStart
from analysis.journals.journal import Journal
from api.dialects import Dialect

BATCH = 256
_NOTHING: Sequence[Entry] = ()


class Reader:
    """Entries after `after`, batch by batch, waiting for what is not there yet."""

    def __init__(self, journal: Journal, conversation_id: str, owner: str, after: int) -> None:
        self._journal = journal
        self._conversation_id = conversation_id
        self._owner = owner
        self.after = after

    async def next(self) -> Sequence[Entry]:
        """The next entries, at least one; empty when the conversation is gone."""
        journal, conversation_id, after = self._journal, self._conversation_id, self.after
        while not (entries := journal.tail(conversation_id, after)):
            if entries is None and (entries := await journal.read(conversation_id, after, BATCH)):
                break
            await journal.wait(conversation_id, after)
            if not journal.tail(conversation_id, after) and await self._is_gone():
                return _NOTHING
        if len(entries) > BATCH:
            entries = entries[:BATCH]
        self.after = entries[-1].seq
        return entries

    async def retrace(self, dialect: Dialect) -> None:
        """Feed a dialect that remembers with the message that was open at the cursor, up to the cursor."""
        if not dialect.remembers:
            return
        position = await self._before_open_message()
        while position < self.after:
            entries = await self._read(position, min(BATCH, self.after - position))
            if not entries:
                return
            for entry in entries:
                dialect.skip(entry)
            position = entries[-1].seq

    async def _is_gone(self) -> bool:
        return await self._journal.conversation(self._conversation_id, self._owner) is None

    async def _read(self, after: int, limit: int) -> Sequence[Entry]:
        return await self._journal.read(self._conversation_id, after, limit)

    async def _before_open_message(self) -> int:
        """The number before the `message_start` of the message that was open at the cursor; the cursor where none was."""
        end = self.after
        while end > 0:
            start = max(0, end - BATCH)
            for entry in reversed(await self._read(start, end - start)):
                if isinstance(entry.event, MessageStart):
                    return entry.seq - 1
                if isinstance(entry.event, MessageComplete):
                    return self.after
            end = start
        return self.after
