"""The writer: one thread, one writing connection, one transaction for whatever all conversations have pending.

The event loop gives it items and goes on; it takes all there are, numbers them, commits them as one group, and hands the
whole outcome back with a single call into the loop. While a group is being written the next one gathers by itself, so an
idle journal commits the first delta at once and a busy one commits many together.

Under load that alone would still commit (flush the disk, wake two threads) for every second delta. So groups keep a
distance of `GAP_S`, unless somebody waits for an answer: an `append` or `settle` cuts the pause short.

What goes wrong stays where it belongs. An event that JSON cannot hold breaks its own conversation's run and nothing
else. A group that the database refuses is tried again one conversation at a time, so that one that is too large for the
rest of the disk does not take the others with it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import apsw

from analysis.clock import Clock, stamp
from analysis.errors import StoreError, TickmarkError
from analysis.events import Entry, TextDelta
from analysis.journals import sqlite_tables as tables
from analysis.journals.rows import Row, pack
from analysis.journals.sqlite_file import refusal, wipe_log
from analysis.journals.sqlite_group import Group, Item, Run, pack_items, weight_of

GAP_S = 0.002  # between the starts of two groups nobody waits for
DAYBOOK_ROWS = 2_048  # so many are filed together
LOG_PAGES = 2_000  # so many (8 MB) are copied back together
HEADS = 10_000  # conversations whose last number is remembered
WIPE_AGAIN_S = 1.0  # when a reader stood in the way
_AT_WORK, _PAUSING, _ASLEEP = 0, 1, 2


class Writer:
    """Has the writing connection to itself from `start` to `stop`. `publish` is called in the loop, once per group."""

    def __init__(self, connection: apsw.Connection, clock: Clock, publish: Callable[[Group], None]) -> None:
        self._connection = connection
        self._clock = clock
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[Item] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()
        self._attention = _AT_WORK
        self._urgent = self._stopping = False
        self._heads: dict[str, tables.Head] = {}
        self._in_daybook = self._in_log = 0
        self._wipe_at: float | None = None
        self._thread = threading.Thread(target=self._work, name="journal-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._in_daybook = tables.daybook_rows(self._connection)
        self._thread.start()

    def give(self, item: Item) -> None:
        """Write this with the next group. Cheap; to be called from the event loop only."""
        self._inbox.append(item)
        if item.answer is not None:
            self._urgent = True
            if self._attention != _AT_WORK:
                self._call()
        elif self._attention == _ASLEEP:
            self._call()

    def stop(self) -> None:
        """Write what is pending and end; blocks until then."""
        self._stopping = self._urgent = True
        self._call()
        self._thread.join()

    def _call(self) -> None:
        self._attention = _AT_WORK
        self._calls.put(None)

    # Everything below happens in the writer's thread.

    def _work(self) -> None:
        started = 0.0
        while self._rest(started):
            started = time.monotonic()
            self._urgent = False
            items = [self._inbox.popleft() for _ in range(len(self._inbox))]
            if items:
                self._write(items)
            self._tidy()

    def _rest(self, started: float) -> bool:
        """Sleep until there is something to do and the gap has passed; False when it is time to end.

        `_attention` is lowered before the last look at the inbox, and `give` fills the inbox before it looks at
        `_attention`: one of the two always sees the other. A call too many makes a round without work, no more.
        """
        if not self._inbox:
            if self._stopping:
                return False
            self._attention = _ASLEEP
            if not self._inbox and not self._stopping:
                self._sleep(None if self._wipe_at is None else WIPE_AGAIN_S)
        pause_s = started + GAP_S - time.monotonic()
        if pause_s > 0:
            self._attention = _PAUSING
            if not self._urgent:
                self._sleep(pause_s)
        self._attention = _AT_WORK
        return True

    def _sleep(self, at_most_s: float | None) -> None:
        try:
            self._calls.get(timeout=at_most_s)
        except Empty:
            pass

    def _write(self, items: Sequence[Item]) -> None:
        """Commit the items and tell the loop. Never raises: a thread that died would leave everybody waiting."""
        try:
            group = self._commit(items)
        except Exception as error:
            shares: dict[str | Run, list[Item]] = {}
            for item in items:
                shares.setdefault(item.conversation_id or item.run, []).append(item)
            if len(shares) > 1 and not isinstance(error, apsw.BusyError):  # or each would wait as long again
                for share in shares.values():
                    self._write(share)
                return
            group = Group(items, "")
            for item in items:
                group.refuse(item, refusal(error))
        else:
            self._remember(group)
        for run, broken in group.broken.items():
            run.error = run.error or broken
        try:
            self._loop.call_soon_threadsafe(self._publish, group)
        except RuntimeError:
            pass  # the loop was closed before the journal: nobody is left to be told

    def _commit(self, items: Sequence[Item]) -> Group:
        group = Group(items, stamp(self._clock.now()))
        connection = self._connection
        connection.execute("begin immediate")
        try:
            self._fill(group)
            connection.execute("commit")
        except BaseException:
            if not connection.get_autocommit():  # some failures end the transaction by themselves
                connection.execute("rollback")
            raise
        return group

    def _fill(self, group: Group) -> None:
        """All that one group changes, in the group and the transaction alone: it may have to be tried again."""
        shares: dict[str, list[Item]] = {}
        for item in group.items:
            if item.act is not None:
                self._append(shares, group)
                shares = {}
                self._act(item, item.act, group)
            elif item.conversation_id in shares:
                shares[item.conversation_id].append(item)
            else:
                shares[item.conversation_id] = [item]
        self._append(shares, group)

    def _act(self, item: Item, act: Callable[[apsw.Connection], Any], group: Group) -> None:
        try:
            pack(item.drafts, 1, group.at)  # a conversation is not created when its first events cannot be
            result = act(self._connection)
        except TickmarkError as error:
            group.answer(item, error)
            return
        group.erased |= item.erases and bool(result)
        conversation_id = item.conversation_id
        if conversation_id:
            head = group.heads[conversation_id] = tables.head(self._connection, conversation_id)
            if head is None:
                group.gone.append(conversation_id)
                group.written = [written for written in group.written if written[0] != conversation_id]
        if item.drafts:
            self._append({conversation_id: [item]}, group)
        else:
            group.answer(item, result)

    def _append(self, shares: dict[str, list[Item]], group: Group) -> None:
        """Number and insert the drafts of each conversation's items. The hot path: it is walked for every delta."""
        rows: list[Row] = []
        for conversation_id, items in shares.items():
            head = self._head(conversation_id, group)
            if head is None:
                for item in items:
                    group.refuse(item, _deleted())
                continue
            key, last = head
            drafts, packed = pack_items(items, group, key, last)
            entries = [
                Entry(conversation_id, seq, group.at, draft.event, draft.private)
                for seq, draft in enumerate(drafts, last + 1)
            ]
            if not entries:
                continue
            rows += packed
            group.heads[conversation_id] = (key, last + len(entries))
            group.written.append((conversation_id, entries, weight_of(packed)))
            for entry in entries:
                if type(entry.event) is not TextDelta:
                    tables.note(self._connection, key, entry.event)
        if rows:
            tables.add(self._connection, rows)
            group.rows += len(rows)

    def _head(self, conversation_id: str, group: Group) -> tables.Head | None:
        if conversation_id in group.heads:
            return group.heads[conversation_id]
        return self._heads.get(conversation_id) or tables.head(self._connection, conversation_id)

    def _remember(self, group: Group) -> None:
        """The group is committed."""
        if len(self._heads) > HEADS:
            self._heads.clear()
        for conversation_id, head in group.heads.items():
            if head is None:
                self._heads.pop(conversation_id, None)
            else:
                self._heads[conversation_id] = head
        self._in_daybook += group.rows
        self._in_log += 1 + sum(written[2] for written in group.written) // 4096
        if group.erased:
            self._wipe()

    def _tidy(self) -> None:
        """What can wait until the group has been published. A failure loses nothing: the rows stay where they are, and
        whatever is wrong with the disk the next group will hear."""
        try:
            if self._in_daybook >= DAYBOOK_ROWS:
                self._in_daybook = 0
                with self._connection:
                    tables.file_daybook(self._connection)
                self._in_log += DAYBOOK_ROWS // 16
            if self._in_log >= LOG_PAGES:
                self._in_log = 0
                self._connection.wal_checkpoint()
        except apsw.Error:
            pass
        if self._wipe_at is not None and time.monotonic() >= self._wipe_at:
            self._wipe()

    def _wipe(self) -> None:
        """Deleted text still stands in the log; when a reader stands in the way, again in a second."""
        self._wipe_at = None if wipe_log(self._connection) else time.monotonic() + WIPE_AGAIN_S


def _deleted() -> StoreError:
    return StoreError("deleted", "The conversation is gone; nothing was written.")
