"""The disk: work on it in threads, files that are whole or not there, and a refusal in words."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from analysis.errors import StoreError

T = TypeVar("T")
_log = logging.getLogger("tickmark.library")


async def on_disk(do: Callable[..., T], *args: Any, **options: Any) -> T:
    """Do it in a thread, to its end: who is cancelled meanwhile hears of it afterwards, so that nothing is half done.
    StoreError `not_stored` when the disk refuses."""
    work = asyncio.ensure_future(asyncio.to_thread(do, *args, **options))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({work})
        if not work.cancelled():
            work.exception()
        raise
    except OSError as error:
        _log.exception("the disk refused")
        raise StoreError("not_stored", "The document could not be stored; nothing was kept.", retryable=True) from error


def write_whole(path: Path, content: bytes) -> None:
    """The whole content or nothing, also after a power cut."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        settle(file)
    rename(new, path)


def settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def rename(old: Path, new: Path) -> None:
    """Give a file its final name, and make that last."""
    old.replace(new)
    if os.name == "posix":
        folder = os.open(new.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
