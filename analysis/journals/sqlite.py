"""The journal on SQLite: a file in the data directory, one writer, and a memory of what is being said just now.

    post/append -> writer's inbox -> one transaction for all -> one call back into the loop -> memory, bell -> readers
                   (sqlite_writer)   (sqlite_tables, rows)                                     (tails, bell)

*Commit before show.* Entries enter memory, and the bell rings, in the one callback that follows their commit; a reader
who asks the database instead sees committed rows only. So replay and live are the same read, and there is no seam.

*What `synchronous` promises.*

- `full` (the default): an `append` that has returned, a `settle` that has returned, and everything a reader has seen
  survive the death of the process, of the operating system, and of the power, as far as the disk itself keeps its word.
  Each group waits for the disk once, which costs about 0.2 ms on a good one.
- `normal`: the same for the death of the process (kill -9 included). When the operating system or the power dies, the
  last moments before it may be missing, though some of them have been seen: always as an end cut off, for all
  conversations at the same moment, never as a hole, and never as a damaged file.

Under both, what was only posted when the process died may be missing; again only as an end cut off.

*Whose events.* A draft belongs to the journal once it is handed over: its payload must not be changed afterwards. A
conversation should have one poster at a time, because a failure of `post` is told once, to whoever asks next.

What we dislike about it: the pages of the last seconds are written twice (daybook, ledger), and each of the two
synchronous levels is somebody's wrong default.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import apsw

from analysis.clock import Clock
from analysis.errors import StoreError
from analysis.events import Draft, Entry
from analysis.journals import sqlite_file as file
from analysis.journals import sqlite_tables as tables
from analysis.journals.bell import Bell
from analysis.journals.journal import Conversation, StoredDocument
from analysis.journals.rows import unpack
from analysis.journals.sqlite_group import Group, Item, Run
from analysis.journals.sqlite_writer import Writer
from analysis.journals.tails import Tails

T = TypeVar("T")


class SqliteJournal:
    """analysis.journals.journal.Journal on `folder`/journal.db. Belongs to the event loop that opened it."""

    sqlite_version = apsw.sqlite_lib_version()

    def __init__(self, folder: Path, clock: Clock, synchronous: Literal["full", "normal"] = "full") -> None:
        self._folder = folder
        self._clock = clock
        self._synchronous = synchronous
        self._bell = Bell()
        self._tails = Tails()
        self._runs: dict[str, Run] = {}
        self._deletions = 0
        self._opened: _Opened | None = None

    async def open(self) -> None:
        """See Journal.open. Raises StoreError `locked`, `newer`, `store_corrupt`, `store_unavailable`."""
        hands = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")
        try:
            lock, writing, reading = await asyncio.get_running_loop().run_in_executor(hands, self._connect)
        except BaseException:
            hands.shutdown()
            raise
        writer = Writer(writing, self._clock, self._publish)
        self._opened = _Opened(lock, writing, reading, writer, hands)
        writer.start()

    async def close(self) -> None:
        """See Journal.close. Whoever waits gets StoreError `closed`."""
        if self._opened is None:
            return
        opened, self._opened = self._opened, None
        await asyncio.get_running_loop().run_in_executor(opened.hands, opened.close)
        opened.hands.shutdown()
        self._tails, self._runs = Tails(), {}
        self._bell.ring_all()

    async def create(self, conversation: Conversation, drafts: Sequence[Draft]) -> int:
        """See Journal.create."""
        conversation_id = conversation.conversation_id
        act = partial(tables.create, conversation=conversation)
        last: int = await self._write(conversation_id, Run(), tuple(drafts), act)
        run = self._runs.get(conversation_id)
        if run is not None and run.error is not None:
            del self._runs[conversation_id]  # of a late post to a conversation that had this id before
        return last

    async def append(self, conversation_id: str, drafts: Sequence[Draft]) -> int:
        """See Journal.append."""
        last: int = await self._write(conversation_id, Run(), tuple(drafts))
        return last

    def post(self, conversation_id: str, drafts: Sequence[Draft]) -> None:
        """See Journal.post."""
        writer = self._open().writer
        run = self._run(conversation_id)
        run.pending += 1
        writer.give(Item(conversation_id, run, tuple(drafts)))

    async def settle(self, conversation_id: str) -> int:
        """See Journal.settle."""
        run = self._run(conversation_id)
        try:
            last: int = await self._write(conversation_id, run, ())
        except StoreError:
            if run.error is not None and self._runs.get(conversation_id) is run:
                del self._runs[conversation_id]  # the failure is told: what comes next is a new beginning
            raise
        return last

    async def read(self, conversation_id: str, after: int, limit: int = 1000) -> Sequence[Entry]:
        """See Journal.read."""
        if limit < 1:
            return []
        return await self._ask([], _read, conversation_id, after, limit)

    def tail(self, conversation_id: str, after: int) -> Sequence[Entry] | None:
        """See Journal.tail."""
        return self._tails.after(conversation_id, after)

    async def wait(self, conversation_id: str, after: int) -> None:
        """See Journal.wait. Raises StoreError `closed` when the journal is closed meanwhile."""
        while True:
            last = self._tails.last(conversation_id)
            if last is None:
                if not await self._learn(conversation_id):
                    return
            elif last > after:
                return
            else:
                await self._bell.wait(conversation_id)
                self._open()

    async def conversation(self, conversation_id: str, owner: str) -> Conversation | None:
        """See Journal.conversation."""
        return await self._ask(None, tables.conversation, conversation_id, owner)

    async def conversations(self, owner: str, limit: int, before: str | None = None) -> Sequence[Conversation]:
        """See Journal.conversations. CallerError `unknown_cursor` when `before` is gone."""
        return await self._ask([], tables.conversations, owner, limit, before)

    async def delete(self, conversation_id: str, owner: str) -> bool:
        """See Journal.delete. When it returns no byte of the conversation is left in the data directory, unless another
        program reads the file at that moment; then about a second after it has stopped."""
        act = partial(tables.delete, conversation_id=conversation_id, owner=owner)
        found: bool = await self._write(conversation_id, Run(), (), act, erases=True)
        return found

    async def running(self) -> Sequence[str]:
        """See Journal.running."""
        return await self._ask([], tables.running)

    async def put_document(self, document: StoredDocument) -> None:
        """See Journal.put_document."""
        await self._write("", Run(), (), partial(tables.put_document, document=document))

    async def document(self, document_id: str, owner: str) -> StoredDocument | None:
        """See Journal.document."""
        return await self._ask(None, tables.document, document_id, owner)

    async def documents(self, owner: str, limit: int, before: str | None = None) -> Sequence[StoredDocument]:
        """See Journal.documents. CallerError `unknown_cursor` when `before` is gone."""
        return await self._ask([], tables.documents, owner, limit, before)

    async def documents_with(self, sha256: str) -> int:
        """See Journal.documents_with."""
        return await self._ask(0, tables.documents_with, sha256)

    async def delete_document(self, document_id: str, owner: str) -> bool:
        """See Journal.delete_document."""
        act = partial(tables.delete_document, document_id=document_id, owner=owner)
        found: bool = await self._write("", Run(), (), act, erases=True)
        return found

    def _connect(self) -> tuple[int, apsw.Connection, apsw.Connection]:
        return file.connect(self._folder, self._synchronous)

    def _open(self) -> _Opened:
        if self._opened is None:
            raise StoreError("closed", "The journal is closed; nothing was written.")
        return self._opened

    def _run(self, conversation_id: str) -> Run:
        run = self._runs.get(conversation_id)
        if run is None:
            run = self._runs[conversation_id] = Run()
        return run

    async def _write(
        self,
        conversation_id: str,
        run: Run,
        drafts: tuple[Draft, ...],
        act: Callable[[apsw.Connection], Any] | None = None,
        erases: bool = False,
    ) -> Any:
        writer = self._open().writer
        answer = asyncio.get_running_loop().create_future()
        run.pending += 1
        writer.give(Item(conversation_id, run, drafts, answer, act, erases))
        return await answer

    def _publish(self, group: Group) -> None:
        """The group is committed: from here on it can be read."""
        for conversation_id in group.gone:
            self._deletions += 1
            self._tails.forget(conversation_id)
            self._bell.ring(conversation_id)
        for conversation_id, entries, weight in group.written:
            self._tails.extend(conversation_id, entries, weight)
            self._bell.ring(conversation_id)
        for item in group.items:
            run = item.run
            run.pending -= 1
            if not run.pending and run.error is None and self._runs.get(item.conversation_id) is run:
                del self._runs[item.conversation_id]
        for answer, result in group.answers:
            if answer.done():
                continue  # the caller was cancelled; what it asked for is done all the same
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)

    async def _learn(self, conversation_id: str) -> bool:
        """Bring a conversation's last number into memory; False when there is no such conversation.

        If one was deleted between the look and its answer, the answer may be about it: then look again.
        """
        while True:
            deletions = self._deletions
            last = await self._ask(None, tables.last_seq, conversation_id)
            if last is None:
                return False
            if deletions == self._deletions:
                self._tails.know(conversation_id, last)
                return True

    async def _ask(self, nothing: T, question: Callable[..., T], *about: Any) -> T:
        """Put a question to the reading connection; `nothing` when it is about a name that no row can have."""
        opened = self._open()
        try:
            asked = partial(question, opened.reading, *about)
            return await asyncio.get_running_loop().run_in_executor(opened.hands, asked)
        except UnicodeEncodeError:
            return nothing
        except (apsw.Error, ValueError, KeyError, TypeError) as error:
            raise file.refusal(error) from error


class _Opened:
    """What an open journal holds."""

    def __init__(
        self, lock: int, writing: apsw.Connection, reading: apsw.Connection, writer: Writer, hands: ThreadPoolExecutor
    ) -> None:
        self.lock = lock
        self.writing = writing
        self.reading = reading
        self.writer = writer
        self.hands = hands

    def close(self) -> None:
        """Commit what is pending, close the connections (the writing one last: it empties the log), unlock."""
        self.writer.stop()
        self.reading.close()
        self.writing.close()
        os.close(self.lock)


def _read(connection: apsw.Connection, conversation_id: str, after: int, limit: int) -> list[Entry]:
    entries: list[Entry] = []
    for row in tables.read(connection, conversation_id, after, limit + 1):
        entries += unpack(conversation_id, row)
        if entries[-1].seq >= after + limit:
            break
    begin = next((place for place, entry in enumerate(entries) if entry.seq > after), len(entries))
    return entries[begin : begin + limit]
