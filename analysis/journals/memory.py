"""The journal in memory, for tests: the same contract, no thread, no file; what is posted is committed at once.

It keeps rows, not the drafts it was given, so that a payload that does not survive the way through JSON, or is changed
afterwards, is found out here and not first on a disk. `close` keeps everything for the next `open` of the same object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import orjson

from analysis.clock import Clock, stamp
from analysis.errors import CallerError, StoreError
from analysis.events import ConversationRenamed, Draft, Entry, Event, MessageComplete, MessageStart
from analysis.journals.bell import Bell
from analysis.journals.journal import Conversation, StoredDocument
from analysis.journals.rows import pack, to_json, unpack

T = TypeVar("T")


@dataclass(slots=True)
class _Kept:
    conversation: Conversation
    entries: list[Entry] = field(default_factory=list)
    open_messages: set[str] = field(default_factory=set)


class MemoryJournal:
    """analysis.journals.journal.Journal without a disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bell = Bell()
        self._kept: dict[str, _Kept] = {}
        self._documents: dict[tuple[str, str], StoredDocument] = {}
        self._failures: dict[str, StoreError] = {}
        self._opened = False

    async def open(self) -> None:
        """See Journal.open."""
        self._opened = True

    async def close(self) -> None:
        """See Journal.close."""
        self._opened = False
        self._failures.clear()
        self._bell.ring_all()

    async def create(self, conversation: Conversation, drafts: Sequence[Draft]) -> int:
        """See Journal.create."""
        self._check_open()
        conversation_id = conversation.conversation_id
        if conversation_id in self._kept:
            raise CallerError(
                "conversation_exists", f"The conversation id {conversation_id!r} is taken; choose another."
            )
        entries = self._entries(conversation_id, drafts, 1)
        settings = orjson.loads(to_json(conversation.settings))
        to_json({"names": [conversation_id, conversation.owner, conversation.title]})
        self._failures.pop(conversation_id, None)  # of a late post to a conversation that had this id before
        self._kept[conversation_id] = _Kept(replace(conversation, settings=settings))
        return self._add(conversation_id, entries)

    async def append(self, conversation_id: str, drafts: Sequence[Draft]) -> int:
        """See Journal.append."""
        self._check_open()
        kept = self._kept.get(conversation_id)
        if kept is None:
            raise StoreError("deleted", "The conversation is gone; nothing was written.")
        return self._add(conversation_id, self._entries(conversation_id, drafts, len(kept.entries) + 1))

    def post(self, conversation_id: str, drafts: Sequence[Draft]) -> None:
        """See Journal.post."""
        self._check_open()
        if conversation_id in self._failures:
            return
        kept = self._kept.get(conversation_id)
        try:
            if kept is None:
                raise StoreError("deleted", "The conversation is gone; nothing was written.")
            self._add(conversation_id, self._entries(conversation_id, drafts, len(kept.entries) + 1))
        except StoreError as error:
            self._failures[conversation_id] = error

    async def settle(self, conversation_id: str) -> int:
        """See Journal.settle."""
        failure = self._failures.pop(conversation_id, None)
        if failure is not None:
            raise failure
        return await self.append(conversation_id, ())

    async def read(self, conversation_id: str, after: int, limit: int = 1000) -> Sequence[Entry]:
        """See Journal.read."""
        self._check_open()
        return list(self.tail(conversation_id, after) or ())[: max(limit, 0)]

    def tail(self, conversation_id: str, after: int) -> Sequence[Entry] | None:
        """See Journal.tail. Memory holds everything of every conversation there is."""
        kept = self._kept.get(conversation_id)
        return None if kept is None else kept.entries[max(after, 0) :]

    async def wait(self, conversation_id: str, after: int) -> None:
        """See Journal.wait."""
        self._check_open()
        while (kept := self._kept.get(conversation_id)) is not None and len(kept.entries) <= after:
            await self._bell.wait(conversation_id)
            self._check_open()

    async def conversation(self, conversation_id: str, owner: str) -> Conversation | None:
        """See Journal.conversation."""
        self._check_open()
        kept = self._kept.get(conversation_id)
        return _row(kept) if kept is not None and kept.conversation.owner == owner else None

    async def conversations(self, owner: str, limit: int, before: str | None = None) -> Sequence[Conversation]:
        """See Journal.conversations."""
        self._check_open()
        rows = [_row(kept) for kept in self._kept.values() if kept.conversation.owner == owner]
        return _page(rows, [row.conversation_id for row in rows], limit, before)

    async def delete(self, conversation_id: str, owner: str) -> bool:
        """See Journal.delete."""
        if await self.conversation(conversation_id, owner) is None:
            return False
        del self._kept[conversation_id]
        self._failures.pop(conversation_id, None)
        self._bell.ring(conversation_id)
        return True

    async def running(self) -> Sequence[str]:
        """See Journal.running."""
        self._check_open()
        return [conversation_id for conversation_id, kept in self._kept.items() if kept.open_messages]

    async def put_document(self, document: StoredDocument) -> None:
        """See Journal.put_document."""
        self._check_open()
        card = orjson.loads(to_json(document.card))
        to_json({"names": [document.document_id, document.owner, document.name]})
        self._documents[document.owner, document.document_id] = replace(document, card=card)

    async def document(self, document_id: str, owner: str) -> StoredDocument | None:
        """See Journal.document."""
        self._check_open()
        return self._documents.get((owner, document_id))

    async def documents(self, owner: str, limit: int, before: str | None = None) -> Sequence[StoredDocument]:
        """See Journal.documents."""
        self._check_open()
        rows = [document for document in self._documents.values() if document.owner == owner]
        return _page(rows, [row.document_id for row in rows], limit, before)

    async def documents_with(self, sha256: str) -> int:
        """See Journal.documents_with."""
        self._check_open()
        return sum(document.sha256 == sha256 for document in self._documents.values())

    async def delete_document(self, document_id: str, owner: str) -> bool:
        """See Journal.delete_document."""
        self._check_open()
        return self._documents.pop((owner, document_id), None) is not None

    def _check_open(self) -> None:
        if not self._opened:
            raise StoreError("closed", "The journal is closed; nothing was written.")

    def _entries(self, conversation_id: str, drafts: Sequence[Draft], first: int) -> list[Entry]:
        rows = pack(drafts, first, stamp(self._clock.now()))
        return [entry for row in rows for entry in unpack(conversation_id, row)]

    def _add(self, conversation_id: str, entries: Sequence[Entry]) -> int:
        kept = self._kept[conversation_id]
        kept.entries += entries
        for entry in entries:
            _note(kept, entry.event)
        self._bell.ring(conversation_id)
        return len(kept.entries)


def _note(kept: _Kept, event: Event) -> None:
    if isinstance(event, MessageStart):
        kept.open_messages.add(event.message_id)
    elif isinstance(event, MessageComplete):
        kept.open_messages.discard(event.message_id)
    elif isinstance(event, ConversationRenamed):
        kept.conversation = replace(kept.conversation, title=event.title)


def _row(kept: _Kept) -> Conversation:
    return replace(kept.conversation, last_seq=len(kept.entries))


def _page(rows: list[T], ids: list[str], limit: int, before: str | None) -> list[T]:
    if before is not None and before not in ids:
        raise CallerError("unknown_cursor", f"The list cannot go on after {before!r}, which is gone; start it again.")
    end = len(rows) if before is None else ids.index(before)
    return rows[:end][::-1][: max(limit, 0)]
