"""The data directory: one process at a time, one schema, connections that are all opened alike.

Two programs that both number the events of one journal would give two events the same number, so the directory is
locked for as long as the journal is open. The lock is the system's (it dies with its process, however it dies); the
process number in the file is only there for the person who reads the refusal. The file itself is never removed:
removing it would let two processes hold locks on two files of one name.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import apsw

from analysis.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCKED_BYTE = 1 << 30  # where Windows locks: far behind the process number, which must stay readable


def lock(folder: Path) -> int:
    """Take the directory; the lock lasts until the returned descriptor is closed. StoreError `locked` when it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "journal.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() if hasattr(os, "pread") else ""
        os.close(descriptor)
        who = f"process {holder}" if holder else "another process"
        text = f"The data directory {folder} is in use by {who}. Stop it, or choose another directory (TICKMARK_DATA)."
        raise StoreError("locked", text) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def connect(folder: Path, synchronous: str) -> tuple[int, apsw.Connection, apsw.Connection]:
    """Lock the directory and open its journal: the lock, the writing and the reading connection. Raises StoreError."""
    try:
        descriptor = lock(folder)
    except OSError as error:
        raise refusal(error) from error
    try:
        writing = open_writing(folder / "journal.db", synchronous)
        try:
            return descriptor, writing, open_reading(folder / "journal.db")
        except BaseException:
            writing.close()
            raise
    except (apsw.Error, OSError) as error:
        os.close(descriptor)
        raise refusal(error) from error
    except BaseException:
        os.close(descriptor)
        raise


def open_writing(path: Path, synchronous: str) -> apsw.Connection:
    """The one connection that writes, its schema brought up to date. StoreError `newer` for a later program's journal."""
    if not path.exists():
        path.touch(mode=0o600)  # SQLite gives its side files the same mode
    connection = apsw.Connection(str(path), statementcachesize=100)
    try:
        connection.set_busy_timeout(5_000)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", synchronous)
        connection.pragma("secure_delete", True)
        connection.pragma("temp_store", "memory")  # a sort must not leave a conversation in a temporary file
        connection.pragma("cache_size", -8_000)
        connection.wal_autocheckpoint(0)  # the writer checkpoints after it has rung the bell, not before
        migrate(connection, MIGRATIONS)
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reading(path: Path) -> apsw.Connection:
    """A connection that cannot write."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5_000)
    connection.pragma("temp_store", "memory")
    return connection


def wipe_log(connection: apsw.Connection) -> bool:
    """Copy the write-ahead log back and empty its file, so that no deleted text is left in it; False when a reader
    stood in the way."""
    connection.set_busy_timeout(200)
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.Error:
        return False
    finally:
        connection.set_busy_timeout(5_000)
    return True


def migrate(connection: apsw.Connection, folder: Path) -> None:
    """Apply the numbered files that this journal has not seen, each in a transaction with its number."""
    steps = sorted(folder.glob("*.sql"))
    done = connection.pragma("user_version")
    if done > len(steps):
        text = (
            f"The journal was written by a newer program (schema {done}; this one knows {len(steps)}). Update Tickmark."
        )
        raise StoreError("newer", text)
    for number, step in enumerate(steps[done:], done + 1):
        with connection:
            connection.execute(step.read_text("utf-8"))
            connection.pragma("user_version", number)


_REFUSALS: list[tuple[tuple[type[Exception], ...], str, str, bool]] = [
    ((apsw.FullError,), "store_full", "The disk is full. Free some space and try again.", True),
    ((apsw.TooBigError, UnicodeError), "unwritable", "This is too large, or not text; it cannot be stored.", False),
    (
        (apsw.NotADBError, apsw.CorruptError),
        "store_corrupt",
        "The journal's file is damaged. Stop Tickmark and restore the file from a backup.",
        False,
    ),
    (
        (apsw.ReadOnlyError, apsw.CantOpenError, PermissionError, FileExistsError, NotADirectoryError),
        "store_unavailable",
        "The journal's file cannot be opened or written; check the data directory and its rights.",
        True,
    ),
    (
        (apsw.BusyError,),
        "store_unavailable",
        "Another program keeps the journal's file locked. Stop it and try again.",
        True,
    ),
]


def refusal(error: Exception) -> StoreError:
    """What a driver's error means to the person who must act."""
    for kinds, code, text, retryable in _REFUSALS:
        if isinstance(error, kinds):
            return StoreError(code, text, retryable=retryable)
    return StoreError("store_unavailable", "The journal's disk does not answer as it should.", retryable=True)
