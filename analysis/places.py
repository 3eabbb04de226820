"""Where figures stand, for people to look at: the pages of a document as pictures, and what stands around a place.

A page is drawn once for all who ask at the same time, by a worker, and kept beside the document's cache by us; workers
write nothing. Pictures come in a few widths, so that a document has a few pictures of a page and not a thousand.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from analysis.errors import CallerError, StoreError
from analysis.journals.journal import StoredDocument
from analysis.library import Library
from analysis.links import page_url
from analysis.workbench import Workbench

Json = dict[str, Any]

WIDTHS_PX = (400, 800, 1200, 1600, 2400)
DRAWN = 1  # raise it when pages are drawn otherwise: older pictures are then drawn anew
_SIZES = f"pages.{DRAWN}.json"
_log = logging.getLogger("tickmark.library")


@dataclass(frozen=True, slots=True)
class Picture:
    """Which picture of which page: `etag` names it for good, since its bytes follow from the document's."""

    document: StoredDocument
    page: int
    width_px: int

    @property
    def etag(self) -> str:
        return f'"{self.document.sha256[:16]}-{self.page}-{self.width_px}-{DRAWN}"'

    @property
    def file(self) -> str:
        return f"page-{self.page}-{self.width_px}.{DRAWN}.webp"


class Places:
    """What can be looked at of the documents in `library`."""

    def __init__(self, library: Library, workbench: Workbench) -> None:
        self._library = library
        self._workbench = workbench
        self._drawing: dict[tuple[str, str, str], asyncio.Task[bytes]] = {}

    async def sizes(self, owner: str, document_id: str) -> Json:
        """`{document_id, pages, sizes: [[width, height] in points]}`. CallerError `unknown_document`, `no_pages`."""
        document = await self._library.get(owner, document_id)
        pages = _pages(document)
        kept = await self._library.kept(document, _SIZES)
        if kept is None:
            source = await self._library.source(document)
            kept = orjson.dumps(await self._workbench.page_sizes(source, name=document.name))
            await self._keep(document, _SIZES, kept)
        return {"document_id": document_id, "name": document.name, "pages": pages, "sizes": orjson.loads(kept)}

    async def picture(self, owner: str, document_id: str, page: int, width_px: int) -> Picture:
        """Which picture it is: at least as wide as asked, up to the widest there is.

        CallerError `unknown_document`, `no_pages`, `unknown_page`.
        """
        document = await self._library.get(owner, document_id)
        pages = _pages(document)
        if not 1 <= page <= pages:
            raise CallerError("unknown_page", f"{document.name} has no page {page}; its pages are 1 to {pages}.")
        return Picture(document, page, next((step for step in WIDTHS_PX if step >= width_px), WIDTHS_PX[-1]))

    async def draw(self, picture: Picture) -> bytes:
        """The picture as WebP. CallerError `unreadable_page` in words; StoreError `content_lost`; `workbench_down`."""
        key = (picture.document.sha256, picture.file, picture.document.name)
        task = self._drawing.get(key)
        if task is None:
            task = self._drawing[key] = asyncio.get_running_loop().create_task(self._drawn(picture))
            task.add_done_callback(lambda done: self._over(key, done))
        return await asyncio.shield(task)  # who leaves stops nobody else

    async def around(self, owner: str, document_id: str, place: Mapping[str, Sequence[str]], rows: int) -> Json:
        """What stands around a place, with the link to its page where it has one. CallerError `unknown_document`,
        `unknown_place`; StoreError `content_lost`."""
        document = await self._library.get(owner, document_id)
        await self._library.content(document)
        asked = (document.document_id, document.name, document.sha256)
        try:
            found = await self._workbench.look_around(asked, place, rows)
        except CallerError as error:
            if error.code == "document_unavailable":  # removed in this moment
                raise StoreError("content_lost", f"The content of {document.name} is no longer there.") from None
            raise
        page = next(iter(place.get("page", ())), "")
        return {**found, "page_url": page_url(document_id, int(page))} if page.isdecimal() else found

    async def _drawn(self, picture: Picture) -> bytes:
        document = picture.document
        kept = await self._library.kept(document, picture.file)
        if kept is not None:
            return kept
        source = await self._library.source(document)
        drawn = await self._workbench.render_page(
            source, name=document.name, page=picture.page, width_px=picture.width_px
        )
        if not (
            drawn.startswith(b"RIFF") and drawn[8:12] == b"WEBP"
        ):  # a worker that a file took over may say anything
            raise CallerError("unreadable_page", f"Page {picture.page} of {document.name} cannot be shown.")
        await self._keep(document, picture.file, drawn)
        return drawn

    async def _keep(self, document: StoredDocument, name: str, content: bytes) -> None:
        try:
            await self._library.keep(document, name, content)
        except StoreError:
            _log.warning("a picture of %s is not kept", document.document_id)

    def _over(self, key: tuple[str, str, str], done: asyncio.Task[bytes]) -> None:
        self._drawing.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, also when everybody left


def _pages(document: StoredDocument) -> int:
    """How many pages a document has. CallerError `no_pages`."""
    pages = int(document.card.get("pages") or 0)
    if not pages:
        raise CallerError("no_pages", f"{document.name} has no pages. Look at the rows around a place of it instead.")
    return pages
