from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from analysis.clock import FixedClock
from analysis.errors import StoreError
from analysis.events import ConversationCreated, Draft
from analysis.journals.journal import Conversation
from analysis.journals.sqlite import SqliteJournal
from analysis.journals.sqlite_file import MIGRATIONS, migrate

HOLD = """
import asyncio, pathlib, sys
from analysis.clock import SystemClock
from analysis.journals.sqlite import SqliteJournal

async def hold():
    await SqliteJournal(pathlib.Path(sys.argv[1]), SystemClock()).open()
    print("open", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


def hold(folder: Path) -> subprocess.Popen[bytes]:
    """Another process that has the journal open."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    return holder


async def refusal(folder: Path) -> StoreError:
    with pytest.raises(StoreError) as raised:
        await SqliteJournal(folder, FixedClock()).open()
    return raised.value


async def test_a_directory_in_use_is_refused_with_the_number_of_the_process_that_has_it(tmp_path: Path) -> None:
    holder = hold(tmp_path)
    error = await refusal(tmp_path)
    assert error.code == "locked"
    assert f"process {holder.pid}" in error.text
    assert "TICKMARK_DATA" in error.text
    holder.kill()
    holder.communicate()
    journal = SqliteJournal(tmp_path, FixedClock())
    await journal.open()
    assert (await refusal(tmp_path)).code == "locked"
    await journal.close()


async def test_a_journal_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path, FixedClock())
    await journal.open()
    await journal.close()
    connection = apsw.Connection(str(tmp_path / "journal.db"))
    connection.pragma("user_version", 9999)
    connection.close()
    for _ in range(2):
        error = await refusal(tmp_path)
        assert error.code == "newer"
        assert "9999" in error.text


async def test_a_file_that_is_no_database_is_refused_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database at all, but long enough to look like one" * 100)
    assert (await refusal(tmp_path)).code == "store_corrupt"


async def test_a_directory_that_cannot_be_one_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert (await refusal(tmp_path / "data")).code == "store_unavailable"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
async def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "new" / "folder", FixedClock())
    await journal.open()
    await journal.create(Conversation("c1", "local", "T", ""), [Draft(ConversationCreated("T", {}))])
    for path in (tmp_path / "new" / "folder").iterdir():
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path.name
    await journal.close()


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_migration_is_applied_once_and_a_failing_one_leaves_no_half(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("create table a (x); insert into a values (1);")
    connection = apsw.Connection(":memory:")
    migrate(connection, tmp_path)
    (tmp_path / "0002_second.sql").write_text("insert into a values (2); create table nonsense (;")
    with pytest.raises(apsw.Error):
        migrate(connection, tmp_path)
    assert connection.execute("select x from a").fetchall() == [(1,)]
    (tmp_path / "0002_second.sql").write_text("insert into a values (2);")
    migrate(connection, tmp_path)
    migrate(connection, tmp_path)
    assert connection.execute("select x from a").fetchall() == [(1,), (2,)]
    assert connection.pragma("user_version") == 2
    connection.close()
