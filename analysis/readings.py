"""What can be read of conversations: whole, in pages, or one answer from its question to its end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence

from analysis import events, replies
from analysis.conductor import Conductor
from analysis.errors import CallerError, StoreError, unknown_conversation
from analysis.events import Entry, Json
from analysis.frame import Phase
from analysis.history import History
from analysis.journals.journal import Conversation, Journal
from analysis.links import links
from tools.values import Value

READ_ROWS = 5_000
MAX_INPUTS = 500


class Readings:
    """Reads the journal, and knows which answers are being written (`analysis.conversations` starts them)."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._running: dict[str, Conductor] = {}
        self._started_at: dict[str, int] = {}
        self._asked: OrderedDict[str, int] = OrderedDict()  # answer id -> number of the event before its question

    async def view(self, owner: str, conversation_id: str) -> Json:
        """The whole conversation as it stands."""
        record = await self._record(owner, conversation_id)
        entries = [entry async for entry in self._entries(conversation_id)]
        header = {"conversation_id": conversation_id, "title": record.title, "created_at": record.created_at}
        return replies.view(header, entries, self.running_message_id(conversation_id))

    async def page(self, owner: str, limit: int, cursor: str | None = None) -> Json:
        """The owner's conversations, newest first, a page at a time."""
        rows = await self.journal.conversations(owner, limit + 1, cursor)
        items = [
            {
                "conversation_id": row.conversation_id,
                "title": row.title,
                "created_at": row.created_at,
                "last_seq": row.last_seq,
            }
            for row in rows[:limit]
        ]
        return {"items": items, "next": rows[limit - 1].conversation_id} if len(rows) > limit else {"items": items}

    def running_message_id(self, conversation_id: str) -> str | None:
        """The answer being written, if any."""
        conductor = self._running.get(conversation_id)
        return conductor.turn.message_id if conductor and conductor.turn.phase is not Phase.ENDED else None

    async def last_seq(self, owner: str, conversation_id: str) -> int:
        """The number of the last event."""
        return (await self._record(owner, conversation_id)).last_seq

    async def start_of_running(self, owner: str, conversation_id: str) -> int:
        """Where a reader without a cursor begins: before the running message's start, else at the end."""
        last = await self.last_seq(owner, conversation_id)
        running = self.running_message_id(conversation_id)
        return self._started_at.get(conversation_id, last) if running else last

    async def reply(self, owner: str, conversation_id: str, reply_id: str) -> Json:
        """Wait for the end of an answer, and give it whole. CallerError unknown_message."""
        await self._record(owner, conversation_id)
        after, chain = self._asked.get(reply_id, 0), list[Entry]()
        while True:
            entries = await self.journal.read(conversation_id, after)
            for entry in entries:
                if chain or _starts(entry, reply_id):
                    chain.append(entry)
                if chain and isinstance(entry.event, events.MessageComplete):
                    return replies.reply(conversation_id, chain, entry.seq)
            if not entries:
                await self._next(conversation_id, after, reply_id)
                await self._record(owner, conversation_id)  # it may have been deleted meanwhile
            after = entries[-1].seq if entries else after

    async def _next(self, conversation_id: str, after: int, reply_id: str) -> None:
        """Wait for an event; refuse when the turn is over and none can come any more."""
        conductor = self._running.get(conversation_id)
        if conductor is None:
            if await self.journal.read(conversation_id, after, 1):
                return
            if reply_id not in self._asked:
                raise CallerError("unknown_message", f"There is no answer {reply_id!r} in this conversation.")
            raise StoreError(
                "store_unavailable", "The answer could not be stored to its end. Ask again.", retryable=True
            )
        waits = [
            asyncio.ensure_future(self.journal.wait(conversation_id, after)),
            asyncio.ensure_future(conductor.done.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def table(self, owner: str, conversation_id: str, table_id: str) -> Json:
        """All rows of a shown table."""
        await self._record(owner, conversation_id)
        async for entry in self._entries(conversation_id):
            event = entry.event
            if isinstance(event, events.TableReady) and event.table_data["table_id"] == table_id:
                rows = (entry.private or {}).get("rows") or event.table_data["rows"]
                return {**event.table_data, "rows": rows, "rows_total": len(rows)}
        raise CallerError("unknown_table", f"There is no table {table_id!r} in this conversation.")

    async def value(self, owner: str, conversation_id: str, value_id: str) -> Json:
        """A value, the name of its document where it has one, what it was computed from down to the leaves, and for
        each of them that stands in a document where to look at it.

        CallerError unknown_value.
        """
        await self._record(owner, conversation_id)
        history = await self._history(conversation_id)
        value = history.values.get(value_id)
        if value is None:
            raise CallerError("unknown_value", f"There is no value {value_id!r} in this conversation.")
        inputs = _inputs(value, history.values)
        found: Json = {"value": value.to_wire(), "inputs": [one.to_wire() for one in inputs]}
        if value.place and value.place.document_id in history.names:
            document_id = value.place.document_id
            found["document"] = {"document_id": document_id, "name": history.names[document_id]}
        found["sources"] = await self._sources(owner, [value, *inputs], history)
        return found

    async def _sources(self, owner: str, values: Sequence[Value], history: History) -> list[Json]:
        """Where the values stand, with links for documents that are still in the library."""
        places = [(value.value_id, value.place.to_wire()) for value in values if value.place]
        wanted = {str(place["document_id"]) for _, place in places}
        there = {one for one in wanted if await self.journal.document(one, owner)}
        return [
            {
                "value_id": value_id,
                "document_id": (document_id := str(place["document_id"])),
                "name": history.names.get(document_id, document_id),
                **(links(place) if document_id in there else {"removed": True}),
            }
            for value_id, place in places
        ]

    async def _history(self, conversation_id: str) -> History:
        """Everything said so far, folded."""
        history = History()
        async for entry in self._entries(conversation_id):
            history.add(entry.event, entry.private)
        return history

    async def _entries(self, conversation_id: str, after: int = 0) -> AsyncIterator[Entry]:
        while entries := await self.journal.read(conversation_id, after, READ_ROWS):
            for entry in entries:
                yield entry
            after = entries[-1].seq

    async def _record(self, owner: str, conversation_id: str) -> Conversation:
        record = await self.journal.conversation(conversation_id, owner)
        if record is None:
            raise unknown_conversation(conversation_id)
        return record


def _inputs(value: Value, values: Mapping[str, Value]) -> list[Value]:
    """Everything under a value, nearest first, each once, at most `MAX_INPUTS`."""
    found: dict[str, Value] = {}
    waiting = list(value.inputs)
    while waiting and len(found) < MAX_INPUTS:
        value_id = waiting.pop(0)
        if value_id in values and value_id not in found:
            found[value_id] = values[value_id]
            waiting += values[value_id].inputs
    return list(found.values())


def _starts(entry: Entry, reply_id: str) -> bool:
    return isinstance(entry.event, events.MessageStart) and entry.event.message_id == reply_id
