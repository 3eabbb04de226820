"""A disk that fails, in every way we can make one fail: what was written is kept, what was not is never shown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from analysis.clock import FixedClock
from analysis.errors import StoreError
from analysis.events import ConversationCreated, Draft, Entry, TextDelta
from analysis.journals import sqlite_writer
from analysis.journals.journal import Conversation
from analysis.journals.sqlite import SqliteJournal

CREATED = Draft(ConversationCreated("Margins", {}))
SYSTEM = apsw.vfs_names()[0]


class Disk(apsw.VFS):
    """The system's files, until told to fail. `fault` is raised by writes of data with `mark` in it; `syncing` is held."""

    def __init__(self) -> None:
        super().__init__("failing", SYSTEM, makedefault=True)
        self.fault: type[apsw.Error] | None = None
        self.mark = b""
        self.gate = threading.Event()
        self.gate.set()
        self.syncing = threading.Event()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return File(self, name, flags)


class File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self.disk = disk
        super().__init__(SYSTEM, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        if self.disk.fault is not None and self.disk.mark in bytes(data):
            raise self.disk.fault
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.disk.syncing.set()
        self.disk.gate.wait(10)
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    apsw.set_default_vfs(SYSTEM)
    made.unregister()


def conversation(conversation_id: str) -> Conversation:
    return Conversation(conversation_id, "local", "Margins", "2026-11-21T08:00:00.000Z")


def text(words: str) -> list[Draft]:
    return [Draft(TextDelta("m1", words, 0))]


def words(entries: object) -> list[str]:
    assert isinstance(entries, list)
    return [entry.event.text for entry in entries if isinstance(entry, Entry) and isinstance(entry.event, TextDelta)]


async def opened(folder: Path) -> SqliteJournal:
    journal = SqliteJournal(folder, FixedClock())
    await journal.open()
    for conversation_id in ("c1", "c2", "c3"):
        await journal.create(conversation(conversation_id), [CREATED])
        await journal.append(conversation_id, text("before"))
    return journal


@pytest.mark.parametrize(
    ("fault", "code"),
    [(apsw.FullError, "store_full"), (apsw.IOError, "store_unavailable"), (apsw.ReadOnlyError, "store_unavailable")],
)
async def test_when_the_disk_fails_each_poster_is_told_once_and_all_goes_on_when_it_is_well_again(
    tmp_path: Path, disk: Disk, fault: type[apsw.Error], code: str
) -> None:
    journal = await opened(tmp_path)
    disk.fault = fault
    for conversation_id in ("c1", "c2"):
        journal.post(conversation_id, text("lost"))
    with pytest.raises(StoreError) as refusal:
        await journal.settle("c1")
    assert refusal.value.code == code
    with pytest.raises(StoreError):
        await journal.append("c3", text("lost"))
    with pytest.raises(StoreError):
        await journal.create(conversation("c4"), [CREATED])
    with pytest.raises(StoreError):
        await journal.delete("c3", "local")
    journal.post("c2", text("after the failure"))
    for conversation_id in ("c1", "c2", "c3"):
        assert words(journal.tail(conversation_id, 0)) == words(await journal.read(conversation_id, 0)) == ["before"]
    disk.fault = None
    assert await journal.append("c1", text("well")) == 3
    journal.post("c2", text("still of the broken run"))
    with pytest.raises(StoreError) as refusal:
        await journal.settle("c2")
    assert refusal.value.code == code
    assert await journal.append("c2", text("well")) == 3
    assert await journal.append("c3", text("well")) == 3
    await journal.close()
    again = SqliteJournal(tmp_path, FixedClock())
    await again.open()
    for conversation_id in ("c1", "c2", "c3"):
        assert words(await again.read(conversation_id, 0)) == ["before", "well"]
    assert await again.conversation("c4", "local") is None
    await again.close()


async def test_one_conversation_the_disk_refuses_does_not_take_the_others_of_its_group_with_it(
    tmp_path: Path, disk: Disk
) -> None:
    journal = await opened(tmp_path)
    disk.fault, disk.mark = apsw.FullError, b"heavy"
    disk.gate.clear()
    disk.syncing.clear()
    journal.post("c3", text("holds the writer"))
    await asyncio.to_thread(disk.syncing.wait, 10)
    journal.post("c1", text("light"))
    journal.post("c2", text("heavy" * 10))
    journal.post("c3", text("light"))
    disk.gate.set()
    assert await journal.settle("c1") == 3
    assert await journal.settle("c3") == 4
    with pytest.raises(StoreError) as refusal:
        await journal.settle("c2")
    assert refusal.value.code == "store_full"
    assert words(await journal.read("c2", 0)) == ["before"]
    assert words(await journal.read("c3", 0)) == words(journal.tail("c3", 0)) == ["before", "holds the writer", "light"]
    await journal.close()


async def test_what_waits_for_the_disk_is_not_shown(tmp_path: Path, disk: Disk) -> None:
    journal = await opened(tmp_path)
    disk.gate.clear()
    disk.syncing.clear()
    journal.post("c1", text("half written"))
    await asyncio.to_thread(disk.syncing.wait, 10)
    assert words(journal.tail("c1", 0)) == words(await journal.read("c1", 0)) == ["before"]
    found = await journal.conversation("c1", "local")
    assert found is not None
    assert found.last_seq == 2
    disk.gate.set()
    await journal.wait("c1", 2)
    assert words(journal.tail("c1", 0)) == ["before", "half written"]
    await journal.close()


async def test_filing_that_fails_loses_nothing(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "DAYBOOK_ROWS", 4)
    monkeypatch.setattr(sqlite_writer, "LOG_PAGES", 3)
    failures = 0

    def fail(_connection: apsw.Connection) -> None:
        nonlocal failures
        failures += 1
        raise apsw.FullError

    journal = await opened(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(sqlite_writer.tables, "file_daybook", fail)
        for number in range(20):
            await journal.append("c1", text(str(number)))
    assert failures > 1
    wanted = ["before", *map(str, range(20))]
    assert words(await journal.read("c1", 0)) == wanted
    for number in range(20, 40):
        await journal.append("c1", text(str(number)))
    assert words(await journal.read("c1", 0)) == ["before", *map(str, range(40))]
    await journal.close()
