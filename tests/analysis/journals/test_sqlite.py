"""What only the journal on SQLite promises: groups, rows, filing, wiping, and memory in front of the file."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest

from analysis.clock import FixedClock
from analysis.events import ConversationCreated, Draft, Entry, Notice, TextDelta, encode
from analysis.journals import sqlite_tables, sqlite_writer
from analysis.journals.journal import Conversation
from analysis.journals.sqlite import SqliteJournal
from analysis.journals.sqlite_group import Item
from analysis.journals.tails import Tails

CREATED = Draft(ConversationCreated("Margins", {}))


class GatedClock(FixedClock):
    """The writer asks for the time when it begins a group: here it can be held."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()

    def now(self) -> datetime:
        self.asked.set()
        self.gate.wait(10)
        self.moment += timedelta(milliseconds=1)
        return self.moment

    async def hold(self) -> None:
        """Returns when the writer has asked for the time of its next group."""
        await asyncio.to_thread(self.asked.wait, 10)


@pytest.fixture
async def clock() -> GatedClock:
    return GatedClock()


@pytest.fixture
async def journal(tmp_path: Path, clock: GatedClock) -> AsyncIterator[SqliteJournal]:
    made = SqliteJournal(tmp_path, clock)
    await made.open()
    yield made
    clock.gate.set()
    await made.close()


def conversation(conversation_id: str) -> Conversation:
    return Conversation(conversation_id, "local", "Margins", "2026-11-21T08:00:00.000Z")


def text(words: str, offset: int = 0) -> list[Draft]:
    return [Draft(TextDelta("m1", words, offset))]


def ask(folder: Path, question: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(folder / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    rows: list[tuple[object, ...]] = connection.execute(question).fetchall()
    connection.close()
    return rows


def stands_in(folder: Path, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in folder.iterdir())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def everything(journal: SqliteJournal, conversation_id: str) -> list[Entry]:
    entries: list[Entry] = []
    while page := await journal.read(conversation_id, len(entries)):
        entries += page
    return entries


async def test_nothing_is_shown_before_it_is_committed(journal: SqliteJournal, clock: GatedClock) -> None:
    await journal.create(conversation("c1"), [CREATED])
    clock.gate.clear()
    clock.asked.clear()
    journal.post("c1", text("a"))
    waiting = asyncio.create_task(journal.wait("c1", 1))
    await clock.hold()
    assert journal.tail("c1", 1) == []
    assert await journal.read("c1", 1) == []
    assert not waiting.done()
    clock.gate.set()
    await waiting
    assert [entry.seq for entry in journal.tail("c1", 1) or []] == [2]


async def test_what_gathers_during_a_commit_is_one_group_with_one_moment_and_one_row_of_text(
    journal: SqliteJournal, clock: GatedClock, tmp_path: Path
) -> None:
    for conversation_id in ("c1", "c2"):
        await journal.create(conversation(conversation_id), [CREATED])
    clock.gate.clear()
    clock.asked.clear()
    journal.post("c1", text("first"))
    await clock.hold()
    for place in range(20):
        journal.post("c1", text("x", 5 + place))
        journal.post("c2", text("y", place))
    clock.gate.set()
    assert await journal.settle("c2") == 21
    assert await journal.settle("c1") == 22
    entries = [*await everything(journal, "c1"), *await everything(journal, "c2")]
    moments = [entry.at for entry in entries if isinstance(entry.event, TextDelta) and entry.event.text != "first"]
    assert len(set(moments)) == 1
    rows = (
        "select conversation, first_seq, count from daybook where type = 'text_deltas' order by conversation, first_seq"
    )
    assert ask(tmp_path, rows) == [(1, 2, 1), (1, 3, 20), (2, 2, 20)]
    assert await journal.read("c1", 7, 3) == entries[7:10]


async def test_the_same_number_is_the_same_bytes_from_memory_from_the_file_and_after_a_restart(
    journal: SqliteJournal, clock: GatedClock, tmp_path: Path
) -> None:
    await journal.create(conversation("c1"), [CREATED])
    for place in range(10):
        journal.post("c1", text("é", place))
    await journal.settle("c1")
    live = [encode(entry) for entry in journal.tail("c1", 0) or []]
    stored = [encode(entry) for entry in await everything(journal, "c1")]
    await journal.close()
    clock.advance(3600)
    await journal.open()
    assert live == stored == [encode(entry) for entry in await everything(journal, "c1")]
    assert len(live) == 11


async def test_rows_are_filed_from_the_daybook_and_large_ones_skip_it_and_readers_see_one_order(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "DAYBOOK_ROWS", 10)
    monkeypatch.setattr(sqlite_writer, "LOG_PAGES", 5)
    drafts = [CREATED]
    for conversation_id in ("c1", "c2"):
        await journal.create(conversation(conversation_id), [CREATED])
    for place in range(35):
        draft = Draft(Notice("m1", "offline", "w" * 5000 if place % 4 == 0 else "word"))
        drafts.append(draft)
        for conversation_id in ("c1", "c2"):
            assert await journal.append(conversation_id, [draft]) == len(drafts)
    assert ask(tmp_path, "select count(*) from ledger")[0][0] > 20  # type: ignore[operator]
    assert 0 < ask(tmp_path, "select count(*) from daybook")[0][0] <= 20  # type: ignore[operator]
    for conversation_id in ("c1", "c2"):
        for after in range(37):
            wanted = [(seq, draft.event) for seq, draft in enumerate(drafts, 1)][after : after + 9]
            assert [(entry.seq, entry.event) for entry in await journal.read(conversation_id, after, 9)] == wanted
    assert [found.last_seq for found in await journal.conversations("local", 9)] == [36, 36]
    await journal.close()
    await journal.open()
    assert await journal.append("c1", text("goes on")) == 37


class LateInbox(deque[Item]):
    """Somebody posts at the very moment after the writer has found its inbox empty."""

    def __init__(self, late: Callable[[], None]) -> None:
        super().__init__()
        self.late: Callable[[], None] | None = late

    def __len__(self) -> int:
        count = super().__len__()
        if count == 0 and self.late is not None:
            late, self.late = self.late, None
            late()
        return count


async def test_what_is_posted_while_the_writer_falls_asleep_wakes_it(journal: SqliteJournal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    assert journal._opened is not None
    journal._opened.writer._inbox = LateInbox(lambda: journal.post("c1", text("late")))
    journal.post("c1", text("wakes the writer"))
    async with asyncio.timeout(5):
        await journal.wait("c1", 2)
    assert [entry.seq for entry in journal.tail("c1", 1) or []] == [2, 3]


async def test_a_reader_far_behind_is_served_from_the_file(journal: SqliteJournal) -> None:
    journal._tails = Tails(entries_each=8)
    await journal.create(conversation("c1"), [CREATED])
    for place in range(100):
        journal.post("c1", text("x", place))
        if place % 3 == 0:
            await journal.settle("c1")
    await journal.settle("c1")
    assert journal.tail("c1", 0) is None
    assert [entry.seq for entry in await everything(journal, "c1")] == list(range(1, 102))
    assert [entry.seq for entry in journal.tail("c1", 99) or []] == [100, 101]


async def test_readers_of_more_conversations_than_memory_holds_are_all_woken(journal: SqliteJournal) -> None:
    journal._tails = Tails(conversations=3)
    ids = [f"c{number}" for number in range(12)]
    for conversation_id in ids:
        await journal.create(conversation(conversation_id), [CREATED])
    waiting = [asyncio.create_task(journal.wait(conversation_id, 1)) for conversation_id in ids]
    for conversation_id in ids:
        journal.post(conversation_id, text("x"))
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)


async def test_a_reader_who_begins_to_wait_while_the_conversation_is_deleted_is_let_go(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.create(conversation("c1"), [CREATED])
    journal._tails.forget("c1")
    looked, answer, last_seq = threading.Event(), threading.Event(), sqlite_tables.last_seq

    def slow(connection: apsw.Connection, conversation_id: str) -> int | None:
        last = last_seq(connection, conversation_id)
        looked.set()
        answer.wait(10)
        return last

    monkeypatch.setattr(sqlite_tables, "last_seq", slow)
    waiting = asyncio.create_task(journal.wait("c1", 1))
    await asyncio.to_thread(looked.wait, 10)
    assert await journal.delete("c1", "local")
    answer.set()
    async with asyncio.timeout(5):
        await waiting


async def test_no_byte_of_a_deleted_conversation_stays_in_the_data_directory(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "DAYBOOK_ROWS", 40)
    ids = [f"c{number}" for number in range(4)]
    for conversation_id in ids:
        await journal.create(conversation(conversation_id), [CREATED])
    for place in range(150):
        for conversation_id in ids:
            journal.post(conversation_id, text(f"secret-of-{conversation_id}-{place} " * (1 + place % 30), place))
            if place % 10 == 0:
                journal.post(conversation_id, [Draft(Notice("m1", "offline", f"secret-of-{conversation_id} " * 400))])
        if place % 3 == 0:
            await journal.settle(ids[0])

    def found(conversation_id: str) -> bool:
        return stands_in(tmp_path, f"secret-of-{conversation_id}")

    for number, conversation_id in enumerate(ids):
        await journal.settle(conversation_id)
        assert found(conversation_id)
        assert await journal.delete(conversation_id, "local")
        assert [found(other) for other in ids] == [False] * (number + 1) + [True] * (len(ids) - number - 1)


async def test_a_foreign_reader_delays_the_wiping_and_does_not_prevent_it(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "WIPE_AGAIN_S", 0.01)
    await journal.create(conversation("c1"), [CREATED, *text("a secret of theirs")])
    other = apsw.Connection(str(tmp_path / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    other.execute("begin")
    other.execute("select * from daybook").fetchall()
    assert await journal.delete("c1", "local")
    assert stands_in(tmp_path, "secret of theirs")
    other.execute("commit")
    other.close()
    deadline = time.monotonic() + 10
    while stands_in(tmp_path, "secret of theirs") and time.monotonic() < deadline:
        await asyncio.to_thread(stands_in, tmp_path, "secret of theirs")
    assert not stands_in(tmp_path, "secret of theirs")


async def test_closing_commits_what_is_pending_and_leaves_one_file_and_the_lock(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    await journal.create(conversation("c1"), [CREATED])
    for place in range(500):
        journal.post("c1", text("x", place))
    await journal.close()
    assert files(tmp_path) == ["journal.db", "journal.lock"]
    await journal.open()
    assert len(await everything(journal, "c1")) == 501


async def test_a_cancelled_append_is_written_all_the_same(journal: SqliteJournal) -> None:
    await journal.create(conversation("c1"), [CREATED])
    writing = asyncio.create_task(journal.append("c1", text("x")))
    await asyncio.sleep(0)
    writing.cancel()
    assert await journal.settle("c1") == 2


async def test_the_version_of_sqlite_is_told_and_has_no_known_race() -> None:
    assert tuple(map(int, SqliteJournal.sqlite_version.split("."))) >= (3, 53, 0)
