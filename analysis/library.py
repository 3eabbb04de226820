"""The library: an owner's documents, their bytes, and what was read from them.

Bytes are stored once under their hash, whoever brings them and under whatever name: `blobs/<sha256>` is the file as it
came, `cache/<sha256>/` what a reader made of it (`card.json`, then `document.json`, which makes it complete), and the
pictures of its pages that somebody looked at. The cache can be deleted at any time; `content` reads again. A
`StoredDocument` in the journal is one owner's name for some bytes, and when the last of them goes, the bytes go, and all
that was made of them.

An upload never lies in memory: it goes to a file beside the blobs while it is hashed, and gets its name when it is
whole. All work on the same bytes happens under one lock, so what two people bring at once is read once, and nobody
removes what somebody is just bringing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from weakref import WeakValueDictionary

import orjson

from analysis.clock import Clock, stamp
from analysis.disk import on_disk, rename, settle, write_whole
from analysis.errors import CallerError, StoreError, TickmarkError
from analysis.ids import NewId
from analysis.journals.journal import Journal, StoredDocument
from analysis.names import display_name, plain_media_type
from analysis.workbench import Workbench

Progress = Callable[[str, int, int], None]
Tell = Callable[[str, str, int, int], None]
"""document id, stage, done, total"""

CACHE_FORMAT = 3  # raise it when tools.documents.kept changes: older caches are then read anew
_WRITE_BYTES = 1024 * 1024
_REFUSALS = (
    "empty_file",
    "too_large",
    "too_many_pages",
    "unsupported_type",
    "unreadable_document",
    "encrypted",
    "no_text",
)
_log = logging.getLogger("tickmark.library")


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that arrived whole: where they lie for now, their hash and number."""

    path: Path
    sha256: str
    bytes: int


class Library:
    """The documents below one folder. `workbench` must have `folder / "cache"` as its cache."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        workbench: Workbench,
        new_id: NewId,
        clock: Clock,
        max_bytes: int = 50_000_000,
    ) -> None:
        self._blobs, self._cache = folder.absolute() / "blobs", folder.absolute() / "cache"
        self._journal = journal
        self._workbench = workbench
        self._new_id = new_id
        self._clock = clock
        self._max_bytes = max_bytes
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: dict[str, list[Progress]] = {}  # who wants to hear how far the reading of some bytes is
        self._tidied: asyncio.Task[None] | None = None

    async def add(
        self,
        owner: str,
        name: str,
        media_type: str,
        source: AsyncIterator[bytes],
        on_progress: Progress | None = None,
    ) -> StoredDocument:
        """Take in a document while it arrives, and read it.

        CallerError `bad_name`, `too_large`, `empty_file`, `unsupported_type`, `unreadable_document`; StoreError
        `not_stored` when the disk does not take it.
        """
        shown = display_name(name)
        upload = await self._receive(shown, source)
        try:
            with self._listening(upload.sha256, on_progress):
                async with self._lock(upload.sha256):
                    return await self._shelve(owner, shown, plain_media_type(media_type), upload)
        finally:
            await on_disk(upload.path.unlink, missing_ok=True)

    async def get(self, owner: str, document_id: str) -> StoredDocument:
        """The owner's document. CallerError `unknown_document`."""
        found = await self._journal.document(document_id, owner)
        if found is None:
            raise CallerError("unknown_document", f"There is no document {document_id!r}.")
        return found

    async def page(self, owner: str, limit: int, cursor: str | None) -> dict[str, Any]:
        """The owner's documents, newest first: `{"items": [...], "next"?: cursor}`."""
        limit = max(limit, 1)
        found = await self._journal.documents(owner, limit + 1, cursor)
        page: dict[str, Any] = {"items": [{**row.card, "created_at": row.created_at} for row in found[:limit]]}
        if len(found) > limit:
            page["next"] = found[limit - 1].document_id
        return page

    async def remove(self, owner: str, document_id: str) -> None:
        """Forget a document; its bytes go with the last document that has them. CallerError `unknown_document`."""
        document = await self.get(owner, document_id)
        async with self._lock(document.sha256):
            await self._journal.delete_document(document_id, owner)
            await self._drop_unused(document.sha256)

    async def content(self, document: StoredDocument, on_progress: Progress | None = None) -> None:
        """Make sure that the cache holds what was read from a document, reading it again where it does not. While somebody
        else is reading the same bytes, `on_progress` hears how far that is.

        Raises as `add`, and StoreError `content_lost` when the bytes themselves are gone.
        """
        with self._listening(document.sha256, on_progress):
            async with self._lock(document.sha256):
                if await on_disk(self._read_card, document.sha256) is None:
                    await self._read(document, await self.source(document))

    async def ready(self, owner: str, document_ids: Iterable[str], tell: Tell | None = None) -> Sequence[str]:
        """Make sure that tools can open these documents; the ids of those that are in the library no more. `tell` hears
        how far the reading of one of them is."""
        gone: list[str] = []
        for document_id in document_ids:
            document = await self._journal.document(document_id, owner)
            if document is None:
                gone.append(document_id)
                continue
            try:
                await self.content(document, partial(tell, document_id) if tell else None)
            except TickmarkError as error:  # one lost file must not silence a conversation; the tools will say so
                _log.warning("document %s is not at hand: %s", document_id, error.text)
        return gone

    # What is kept beside it.

    async def source(self, document: StoredDocument) -> Path:
        """Where the file lies as it came. StoreError `content_lost`."""
        path = self._blob(document.sha256)
        if not await on_disk(path.exists):
            raise StoreError("content_lost", f"The content of {document.name} is no longer there.")
        return path

    async def kept(self, document: StoredDocument, name: str) -> bytes | None:
        """What was kept beside a document under this name, such as the picture of a page."""

        def read() -> bytes | None:
            try:
                return (self._cache / document.sha256 / name).read_bytes()
            except FileNotFoundError:
                return None

        return await on_disk(read)

    async def keep(self, document: StoredDocument, name: str, content: bytes) -> None:
        """Keep something that was made of a document; it goes when the document's bytes go. StoreError `not_stored`."""

        def write() -> None:
            folder = self._cache / document.sha256
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(folder / name, content)

        async with self._lock(document.sha256):
            if await self._journal.documents_with(document.sha256):
                await on_disk(write)

    # Arriving.

    async def _receive(self, name: str, source: AsyncIterator[bytes]) -> Upload:
        """Write the bytes to a file of their own as they come; leave nothing behind when they do not come whole."""
        await self._tidy()
        path = self._blobs / f"incoming-{self._new_id('upload')}"
        try:
            file: BinaryIO = await on_disk(path.open, "xb")
            try:
                sha256, size = await self._write_all(file, name, source)
                await on_disk(settle, file)
            finally:
                await on_disk(file.close)
        except BaseException:
            await on_disk(path.unlink, missing_ok=True)
            raise
        return Upload(path, sha256, size)

    async def _write_all(self, file: BinaryIO, name: str, source: AsyncIterator[bytes]) -> tuple[str, int]:
        digest, size, pending = hashlib.sha256(), 0, bytearray()

        def flush() -> None:
            digest.update(pending)
            file.write(pending)
            pending.clear()

        async for chunk in source:
            size += len(chunk)
            if size > self._max_bytes:
                limit = f"{self._max_bytes / 1_000_000:g} MB"
                raise CallerError("too_large", f"{name} is larger than the {limit} that are taken.")
            pending += chunk
            if len(pending) >= _WRITE_BYTES:
                await on_disk(flush)
        if not size:
            raise CallerError("empty_file", f"{name} is empty.")
        await on_disk(flush)
        return digest.hexdigest(), size

    async def _tidy(self) -> None:
        """Once: make the folders, and clear away what a crash left half arrived."""

        def tidy() -> None:
            for folder in (self._blobs, self._cache):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for leftover in [*self._blobs.glob("incoming-*"), *self._cache.glob("*/*.new")]:
                leftover.unlink(missing_ok=True)

        if self._tidied is None or (self._tidied.done() and self._tidied.exception()):
            self._tidied = asyncio.get_running_loop().create_task(on_disk(tidy))
        await asyncio.shield(self._tidied)

    # Shelved, under the lock of its bytes.

    async def _shelve(self, owner: str, name: str, media_type: str, upload: Upload) -> StoredDocument:
        document = StoredDocument(
            document_id=self._new_id("doc"),
            owner=owner,
            name=name,
            media_type=media_type,
            sha256=upload.sha256,
            bytes=upload.bytes,
            created_at=stamp(self._clock.now()),
            card={},
        )
        try:
            await on_disk(rename, upload.path, self._blob(upload.sha256))
            path = self._blob(upload.sha256)
            card = await on_disk(self._read_card, upload.sha256) or await self._read(document, path)
            document = _with_card(document, card)
            await self._journal.put_document(document)
        except BaseException:
            await asyncio.shield(self._drop_unused(upload.sha256))
            raise
        return document

    async def _read(self, document: StoredDocument, path: Path) -> dict[str, Any]:
        """Have a worker read the bytes, and keep what it made of them. Everybody who waits for it hears how far it is."""

        def on_progress(stage: str, done: int, total: int) -> None:
            for listener in list(self._listeners.get(document.sha256, ())):
                listener(stage, done, total)

        try:
            card, content = await self._workbench.read_document(
                path,
                document_id=document.document_id,
                name=document.name,
                media_type=document.media_type,
                sha256=document.sha256,
                on_progress=on_progress,
            )
        except CallerError as error:  # a reader has more reasons than a client needs to tell apart
            code = error.code if error.code in _REFUSALS else "unreadable_document"
            raise CallerError(code, error.text) from None

        def keep() -> None:
            folder = self._cache / document.sha256
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(folder / "card.json", orjson.dumps({"format": CACHE_FORMAT, "card": card}))
            write_whole(folder / "document.json", content)

        await on_disk(keep)
        return card

    def _read_card(self, sha256: str) -> dict[str, Any] | None:
        """The card of bytes that were read before; None when they have to be read (again)."""
        folder = self._cache / sha256
        try:
            kept = orjson.loads((folder / "card.json").read_bytes())
            whole = kept["format"] == CACHE_FORMAT and (folder / "document.json").is_file()
            card: dict[str, Any] | None = kept["card"] if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return card

    async def _drop_unused(self, sha256: str) -> None:
        """Delete bytes and cache that no document of anybody names. What cannot be deleted is only a waste of room."""
        if await self._journal.documents_with(sha256):
            return

        def drop() -> None:
            self._blob(sha256).unlink(missing_ok=True)
            shutil.rmtree(self._cache / sha256, ignore_errors=True)

        try:
            await on_disk(drop)
        except StoreError:
            _log.warning("the bytes of a removed document could not be deleted: %s", sha256)

    @contextmanager
    def _listening(self, sha256: str, on_progress: Progress | None) -> Iterator[None]:
        if on_progress is None:
            yield
            return
        listeners = self._listeners.setdefault(sha256, [])
        listeners.append(on_progress)
        try:
            yield
        finally:
            listeners.remove(on_progress)
            if not listeners:
                self._listeners.pop(sha256, None)

    def _blob(self, sha256: str) -> Path:
        return self._blobs / sha256

    def _lock(self, sha256: str) -> asyncio.Lock:
        return self._locks.setdefault(sha256, asyncio.Lock())


def _with_card(document: StoredDocument, card: Mapping[str, Any]) -> StoredDocument:
    """The document with a card of its own: the same bytes may have been read for somebody else, under another name."""
    own = {**card, "document_id": document.document_id, "name": document.name}
    return replace(document, media_type=str(card.get("media_type") or document.media_type), card=own)
