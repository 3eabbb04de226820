"""A real process, really killed: everything it has acknowledged is there."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from analysis.clock import FixedClock
from analysis.events import Entry, TextDelta
from analysis.journals.sqlite import SqliteJournal

WRITE = """
import asyncio, pathlib, sys
from analysis.clock import SystemClock
from analysis.events import ConversationCreated, Draft, MessageStart, TextDelta
from analysis.journals import sqlite_writer
from analysis.journals.journal import Conversation
from analysis.journals.sqlite import SqliteJournal

sqlite_writer.DAYBOOK_ROWS = 50
sqlite_writer.LOG_PAGES = 60

async def write(journal, conversation_id):
    started = [Draft(ConversationCreated("T", {})), Draft(MessageStart("m1", "u1", "offline", "rules"))]
    await journal.create(Conversation(conversation_id, "local", "T", ""), started)
    offset = 0
    while True:
        for _ in range(5):
            text = f"word {offset} "
            journal.post(conversation_id, [Draft(TextDelta("m1", text, offset))])
            offset += len(text)
        last = await journal.settle(conversation_id)
        print(conversation_id, last, flush=True)

async def main():
    journal = SqliteJournal(pathlib.Path(sys.argv[1]), SystemClock(), sys.argv[2])
    await journal.open()
    await asyncio.gather(*[write(journal, f"c{number}") for number in range(4)])

asyncio.run(main())
"""


def write_and_kill(folder: Path, synchronous: str, after_lines: int) -> dict[str, int]:
    """Let it write until it has told so much; the last number it has told of each conversation."""
    command = [sys.executable, "-c", WRITE, str(folder), synchronous]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(after_lines)]
    process.kill()
    rest, _ = process.communicate()
    whole_lines = [line for line in [*told, *rest.splitlines(keepends=True)] if line.endswith("\n")]
    return {line.split()[0]: int(line.split()[1]) for line in whole_lines}


async def everything(journal: SqliteJournal, conversation_id: str) -> list[Entry]:
    entries: list[Entry] = []
    while page := await journal.read(conversation_id, len(entries)):
        entries += page
    return entries


@pytest.mark.parametrize("synchronous", ["full", "normal"])
async def test_what_a_killed_process_has_acknowledged_is_there(tmp_path: Path, synchronous: str) -> None:
    for lines in (1, 7, random.Random(5).randint(100, 200), 400):
        folder = tmp_path / str(lines)
        acknowledged = write_and_kill(folder, synchronous, lines)
        connection = apsw.Connection(str(folder / "journal.db"))
        assert connection.pragma("integrity_check") == "ok"
        connection.close()
        journal = SqliteJournal(folder, FixedClock())
        await journal.open()
        for conversation_id, last in acknowledged.items():
            entries = await everything(journal, conversation_id)
            assert len(entries) >= last
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            offset = 0
            for entry in entries[2:]:
                assert entry.event == TextDelta("m1", f"word {offset} ", offset)
                offset += len(entry.event.text)
            assert await journal.append(conversation_id, []) == len(entries)
        assert set(await journal.running()) >= acknowledged.keys()
        await journal.close()
