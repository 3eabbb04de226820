"""Places to look at, over real workers and a real disk; files are read and drawn by tests/analysis/rogues.py: a line is a
page, and what stands in it may be trouble."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from analysis.errors import CallerError, StoreError
from analysis.journals.journal import StoredDocument
from analysis.places import Places
from tests.analysis.test_library import ROGUES, Shop, arriving, shelved
from tests.analysis.test_workbench import content, working

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rogues use signals")


class Gallery(Shop):
    """A library whose pages can be looked at."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, bench={"renderer": ROGUES, "memory_bytes": 400_000_000, **options})
        self.places = Places(self.library, self.bench)

    async def see(self, document: StoredDocument, page: int = 1, width_px: int = 1200, owner: str = "local") -> bytes:
        return await self.places.draw(await self.places.picture(owner, document.document_id, page, width_px))

    async def refusal(self, document: StoredDocument, page: int = 1) -> tuple[str, str]:
        with pytest.raises(CallerError) as refused:
            await self.see(document, page)
        return refused.value.code, refused.value.text

    def pictures(self) -> set[str]:
        return {path.name for path in self.folder.glob("cache/*/page*")}


@pytest_asyncio.fixture
async def gallery(tmp_path: Path) -> AsyncIterator[Gallery]:
    gallery = Gallery(tmp_path)
    await gallery.bench.start()
    yield gallery
    await gallery.bench.close()


async def test_a_page_is_drawn_once_for_all_who_ask_and_kept(gallery: Gallery) -> None:
    document = await gallery.add("Revenue\nCosts")
    at_once = await asyncio.gather(*(gallery.see(document, 2, width) for width in (1200, 1100, 801)))
    assert len(set(at_once)) == 1
    assert at_once[0][12:].startswith(b"Costs 2 1200 ")
    assert await gallery.see(document, 2) == at_once[0]
    assert gallery.pictures() == {"page-2-1200.1.webp"}
    assert (await gallery.see(document, 2, 400))[12:].startswith(b"Costs 2 400 ")
    assert (await gallery.see(document, 1, 2400))[12:].startswith(b"Revenue 1 2400 ")


async def test_the_same_bytes_of_another_owner_have_the_same_pictures(gallery: Gallery) -> None:
    mine, yours = await gallery.add("Revenue"), await gallery.add("Revenue", "theirs.csv", owner="other")
    assert await gallery.see(mine) == await gallery.see(yours, owner="other")
    with pytest.raises(CallerError) as refused:
        await gallery.see(yours)
    assert refused.value.code == "unknown_document"


async def test_who_leaves_stops_nobody_else(gallery: Gallery) -> None:
    document = await gallery.add("Revenue")
    first, second = (asyncio.create_task(gallery.see(document)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).startswith(b"RIFF")
    assert gallery.pictures() == {"page-1-1200.1.webp"}


async def test_pages_have_sizes_which_are_kept(gallery: Gallery) -> None:
    document = await gallery.add("Revenue\nCosts")
    expected = {"document_id": "doc_01", "name": "lines.csv", "pages": 2, "sizes": [[600.0, 800.0]] * 2}
    assert await gallery.places.sizes("local", document.document_id) == expected
    assert gallery.pictures() == {"pages.1.json"}
    assert await gallery.places.sizes("local", document.document_id) == expected


async def test_pictures_go_with_the_document(gallery: Gallery) -> None:
    document, twin = await gallery.add("Revenue"), await gallery.add("Revenue")
    await gallery.see(document)
    await gallery.library.remove("local", document.document_id)
    assert gallery.files() == shelved("Revenue") | {f"cache/{document.sha256[:8]}/page-1-1"}
    await gallery.library.remove("local", twin.document_id)
    assert list(gallery.folder.rglob("*/*/*")) == []
    assert gallery.files() == set()


async def test_a_picture_of_a_document_that_was_just_removed_is_not_kept(gallery: Gallery) -> None:
    document = await gallery.add("Revenue")
    picture = await gallery.places.picture("local", document.document_id, 1, 400)
    await gallery.library.remove("local", document.document_id)
    await gallery.library.keep(document, picture.file, b"RIFF")
    assert gallery.files() == set()
    with pytest.raises(StoreError) as lost:
        await gallery.places.draw(picture)
    assert lost.value.code == "content_lost"


async def test_a_picture_that_cannot_be_kept_is_shown_all_the_same(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await gallery.add("Revenue")

    async def refuse(*_: Any) -> None:
        raise StoreError("not_stored", "The disk is full.")

    monkeypatch.setattr(gallery.library, "keep", refuse)
    assert (await gallery.see(document)).startswith(b"RIFF")


async def test_an_etag_names_the_bytes_the_page_and_the_width(gallery: Gallery) -> None:
    document, other = await gallery.add("Revenue\nCosts"), await gallery.add("Costs\nRevenue")
    asked = [(document, 1, 1200), (document, 2, 1200), (document, 1, 400), (other, 1, 1200), (document, 1, 1001)]
    pictures = [await gallery.places.picture("local", one.document_id, page, width) for one, page, width in asked]
    tags = [picture.etag for picture in pictures]
    assert len(set(tags)) == 4
    assert tags[0] == tags[-1]


async def test_beyond_the_end_there_is_no_page_and_nobody_is_asked(gallery: Gallery) -> None:
    document = await gallery.add("Revenue\nCosts")
    await gallery.bench.close()
    assert await gallery.refusal(document, 3) == ("unknown_page", "lines.csv has no page 3; its pages are 1 to 2.")
    assert (await gallery.refusal(document, 0))[0] == "unknown_page"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("hang", "Drawing page 2 of lines.csv took longer than 1 s"),
        ("hoard", "needs more memory"),
        ("exit", "Drawing page 2 of lines.csv ended unexpectedly"),
        ("script", "cannot be shown"),
        ("refuse", "is damaged and cannot be shown"),
    ],
)
async def test_a_page_that_makes_trouble_is_ended_and_told_and_the_next_one_is_drawn(
    tmp_path: Path, wish: str, words: str
) -> None:
    gallery = Gallery(tmp_path, show_timeout_s=1.0)
    await gallery.bench.start()
    try:
        document = await gallery.add(f"fine\n{wish}\nRevenue")
        code, text = await gallery.refusal(document, 2)
        assert code == "unreadable_page"
        assert words in text
        assert "lines.csv" in text
        assert (await gallery.see(document, 3)).startswith(b"RIFF")
        assert gallery.pictures() == {"page-3-1200.1.webp"}
    finally:
        await gallery.bench.close()


async def test_pages_leave_one_worker_to_the_tools_and_go_before_files_that_wait(tmp_path: Path) -> None:
    async with working(tmp_path, workers=2, renderer=ROGUES) as bench:
        paths = {}
        for word in ("hang", "Revenue", "lines"):
            paths[word] = bench.sources / word
            paths[word].write_text(word)
        hanging = asyncio.create_task(bench.render_page(paths["hang"], name="a", page=1, width_px=400))
        order: list[str] = []

        async def read() -> None:
            about = {"document_id": "d", "name": "n", "media_type": "", "sha256": "s"}
            await bench.read_document(paths["lines"], **about)
            order.append("read")

        async def draw() -> None:
            await bench.render_page(paths["Revenue"], name="a", page=1, width_px=400)
            order.append("drawn")

        await asyncio.sleep(0)
        waiting = [asyncio.create_task(read()), asyncio.create_task(draw())]
        assert [await content(bench, "say", str(n)) for n in range(3)] == ["said 0", "said 1", "said 2"]
        assert order == []
        hanging.cancel()
        await asyncio.gather(*waiting)
        assert order == ["drawn", "read"]


async def test_what_stands_around_a_place_comes_from_what_was_read(gallery: Gallery) -> None:
    document = await gallery.add("Revenue\nCosts\nProfit")
    found = await gallery.places.around("local", document.document_id, {"line": ["1"], "column": ["1"]}, 1)
    assert [row["cells"] for row in found["table"]["rows"]] == [["Revenue"], ["Costs"], ["Profit"]]
    assert found["table"]["rows"][1] == {"line": 1, "cells": ["Costs"], "marked": [0]}
    with pytest.raises(CallerError) as refused:
        await gallery.places.around("local", document.document_id, {"line": ["9"]}, 1)
    assert refused.value.code == "unknown_place"


async def test_a_lost_cache_is_read_again_before_somebody_looks_around(gallery: Gallery) -> None:
    document = await gallery.add("Revenue\nCosts")
    for path in (gallery.folder / "cache" / document.sha256).iterdir():
        path.unlink()
    found = await gallery.places.around("local", document.document_id, {"line": ["0"], "page": ["2"]}, 0)
    assert found["table"]["rows"] == [{"line": 0, "cells": ["Revenue"], "marked": []}]
    assert found["page_url"] == "/api/document/doc_01/pages/2"
    assert gallery.bench.reads == 2


async def test_uploads_and_pictures_do_not_stay_in_the_servers_memory(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    await gallery.bench.start()
    own = psutil.Process()

    async def bring(number: int) -> int:
        lines = b"%d\n" % number + b"Revenue\n" * 100_000
        document = await gallery.library.add("local", "a.csv", "text/csv", arriving(lines, 65_536))
        await gallery.see(document, 2)
        await gallery.library.remove("local", document.document_id)
        return int(own.memory_info().rss)

    try:
        sizes = [await bring(number) for number in range(14)]
        assert sizes[-1] - sizes[4] < 20_000_000
        assert gallery.files() == set()
    finally:
        await gallery.bench.close()
