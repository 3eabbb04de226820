"""What a journal is: the numbered events of every conversation, and the rows that change in the same transaction.

Promises (tests/contracts/test_journals.py holds every implementation to them): `seq` is dense from 1 within a
conversation; an entry is readable only after it is committed; what is read is equal to what was appended, every time,
after any restart; `wait` never sleeps through an append.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from analysis.events import Draft, Entry


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's row. `settings`: provider, model, system_prompt where chosen."""

    conversation_id: str
    owner: str
    title: str
    created_at: str
    last_seq: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of an owner's library. `card` is what events show; `sha256` names its bytes and its cache folder."""

    document_id: str
    owner: str
    name: str
    media_type: str
    sha256: str
    bytes: int
    created_at: str
    card: Mapping[str, Any]


class Journal(Protocol):
    """All storage a conversation needs. Every method may raise StoreError; none raises a driver's error."""

    async def open(self) -> None:
        """Take the lock, migrate, load what is needed. Raises StoreError `locked` when another process has it."""

    async def close(self) -> None:
        """Commit what is pending and let go."""

    async def create(self, conversation: Conversation, drafts: Sequence[Draft]) -> int:
        """A new conversation with its first events. CallerError `conversation_exists` when the id is taken (by anyone)."""

    async def append(self, conversation_id: str, drafts: Sequence[Draft]) -> int:
        """Commit the drafts, in order, as the next numbers; the last of them. Concurrent appends never interleave
        inside one call. StoreError `deleted` if the conversation is gone."""

    def post(self, conversation_id: str, drafts: Sequence[Draft]) -> None:
        """As `append`, without waiting: the drafts are committed in order with everything else that is pending.
        A failure is told by the next `settle` of that conversation, and nothing posted before it is told is written."""

    async def settle(self, conversation_id: str) -> int:
        """Wait until all that was posted is committed; the last number. Raises what `post` could not. One poster a
        conversation: a failure is told once."""

    async def read(self, conversation_id: str, after: int, limit: int = 1000) -> Sequence[Entry]:
        """Committed entries with seq > after, in order, at most `limit`."""

    def tail(self, conversation_id: str, after: int) -> Sequence[Entry] | None:
        """The same, at once, when memory holds everything after `after`; None when the store must be asked."""

    async def wait(self, conversation_id: str, after: int) -> None:
        """Return when an entry with seq > after is committed (at once if there is one), or the conversation is deleted."""

    async def conversation(self, conversation_id: str, owner: str) -> Conversation | None:
        """The row, with its last_seq; None for unknown, deleted and foreign ids alike."""

    async def conversations(self, owner: str, limit: int, before: str | None = None) -> Sequence[Conversation]:
        """The owner's conversations, newest first; `before` is the id of the last one of the page before."""

    async def delete(self, conversation_id: str, owner: str) -> bool:
        """Remove a conversation and its events; False when there was none. Waiters are woken."""

    async def running(self) -> Sequence[str]:
        """Conversations that hold a message without its end: what a crash left open."""

    async def put_document(self, document: StoredDocument) -> None:
        """Remember a document."""

    async def document(self, document_id: str, owner: str) -> StoredDocument | None:
        """A document of this owner."""

    async def documents(self, owner: str, limit: int, before: str | None = None) -> Sequence[StoredDocument]:
        """The owner's documents, newest first."""

    async def delete_document(self, document_id: str, owner: str) -> bool:
        """Forget a document; False when there was none."""

    async def documents_with(self, sha256: str) -> int:
        """How many documents, of all owners, have these bytes. The library lets go of the bytes at zero."""
