"""The library on a real disk with real workers; documents are read by the reader of tests/analysis/rogues.py."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import unicodedata
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from analysis.clock import FixedClock
from analysis.errors import CallerError, StoreError
from analysis.ids import counting_ids
from analysis.journals.journal import Journal, StoredDocument
from analysis.library import Library
from analysis.names import MAX_NAME_CHARS, display_name, plain_media_type
from analysis.workbench import Workbench
from tests.tools.documents.pdfs import Page, pdf

ROGUES = "tests.analysis.rogues"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rogues use signals")


class Rows:
    """The document rows of a journal, in memory; `failing` makes it refuse what is put."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredDocument] = {}
        self.failing = False

    async def put_document(self, document: StoredDocument) -> None:
        if self.failing:
            raise StoreError("full", "The disk is full.")
        self.kept[document.document_id] = document

    async def document(self, document_id: str, owner: str) -> StoredDocument | None:
        found = self.kept.get(document_id)
        return found if found and found.owner == owner else None

    async def documents(self, owner: str, limit: int, before: str | None = None) -> Sequence[StoredDocument]:
        ids = sorted((i for i, row in self.kept.items() if row.owner == owner), reverse=True)
        return [self.kept[i] for i in ids if before is None or i < before][:limit]

    async def delete_document(self, document_id: str, owner: str) -> bool:
        return self.kept.pop(document_id, None) is not None

    async def documents_with(self, sha256: str) -> int:
        return sum(row.sha256 == sha256 for row in self.kept.values())


class CountedWorkbench(Workbench):
    """A workbench that counts what it is given to read."""

    reads = 0

    async def read_document(self, source: Path, **about: Any) -> tuple[dict[str, Any], bytes]:
        self.reads += 1
        return await super().read_document(source, **about)


class Shop:
    """A library and all it stands on."""

    def __init__(self, folder: Path, bench: dict[str, Any] | None = None, **options: Any) -> None:
        self.folder = folder
        self.rows = Rows()
        self.bench = CountedWorkbench(
            folder / "cache", workers=1, tools=f"{ROGUES}:TOOLS", reader=f"{ROGUES}:read", warm=(), **(bench or {})
        )
        journal = cast(Journal, self.rows)
        self.library = Library(folder, journal, self.bench, counting_ids(), FixedClock(), **options)

    async def add(
        self, text: str | bytes, name: str = "lines.csv", owner: str = "local", **more: Any
    ) -> StoredDocument:
        content = text.encode() if isinstance(text, str) else text
        return await self.library.add(owner, name, "text/csv; charset=utf-8", arriving(content), **more)

    def files(self) -> set[str]:
        """All files on the disk, hashes shortened."""
        paths = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return {"/".join(part[:8] for part in path.parts) for path in paths}


async def arriving(content: bytes, size: int = 3) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def shelved(text: str) -> set[str]:
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return {f"blobs/{digest}", f"cache/{digest}/card.jso", f"cache/{digest}/document"}


@pytest_asyncio.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(tmp_path, max_bytes=1000)
    await shop.bench.start()
    yield shop
    await shop.bench.close()


async def refusal(adding: Any) -> str:
    with pytest.raises(CallerError) as refused:
        await adding
    assert refused.value.text.endswith(".") or "kind we can read" in refused.value.text
    return refused.value.code


async def test_a_document_is_stored_read_and_remembered(shop: Shop) -> None:
    heard: list[Any] = []
    document = await shop.add("a\nb", name="C:\\my files\\lines.csv", on_progress=lambda *told: heard.append(told))
    digest = hashlib.sha256(b"a\nb").hexdigest()
    assert document == StoredDocument(
        document_id="doc_01",
        owner="local",
        name="lines.csv",
        media_type="text/csv",
        sha256=digest,
        bytes=3,
        created_at="2026-11-21T08:00:00.000Z",
        card=document.card,
    )
    assert document.card["tables"] == 1
    assert (document.card["document_id"], document.card["name"]) == ("doc_01", "lines.csv")
    assert heard == [("tables", 1, 1)]
    assert shop.files() == shelved("a\nb")
    assert (shop.folder / "blobs" / digest).read_bytes() == b"a\nb"
    assert orjson.loads((shop.folder / "cache" / digest / "document.json").read_bytes())["sha256"] == digest
    assert await shop.library.get("local", "doc_01") == document


async def test_the_same_bytes_are_read_once_also_when_they_come_at_once(shop: Shop) -> None:
    documents = await asyncio.gather(*(shop.add("same", f"{n}.csv", owner=f"owner{n}") for n in range(6)))
    assert shop.bench.reads == 1
    assert shop.files() == shelved("same")
    assert [document.card["name"] for document in documents] == [f"{n}.csv" for n in range(6)]
    assert len({document.card["document_id"] for document in documents}) == 6


async def test_bytes_go_with_the_last_document_of_anybody(shop: Shop) -> None:
    mine, yours = await shop.add("same"), await shop.add("same", owner="other")
    await shop.library.remove("local", mine.document_id)
    assert shop.files() == shelved("same")
    await shop.library.remove("other", yours.document_id)
    assert shop.files() == set()
    assert await refusal(shop.library.remove("other", yours.document_id)) == "unknown_document"


async def test_a_document_brought_while_its_twin_is_removed_keeps_its_bytes(shop: Shop) -> None:
    for _ in range(10):
        first = await shop.add("same")
        second, _ = await asyncio.gather(shop.add("same"), shop.library.remove("local", first.document_id))
        assert shop.files() == shelved("same")
        await shop.library.remove("local", second.document_id)
        assert shop.files() == set()


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("", "empty.csv", "empty_file"),
        ("x" * 1001, "large.csv", "too_large"),
        ("refuse", "strange.bin", "unsupported_type"),
        ("break", "broken.csv", "unreadable_document"),
        ("exit", "deadly.csv", "unreadable_document"),
        ("fine", "..", "bad_name"),
        ("fine", "\u202e \x00", "bad_name"),
        ("fine", "reports/", "bad_name"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_leaves_nothing_behind(
    shop: Shop, text: str, name: str, code: str
) -> None:
    assert await refusal(shop.add(text, name)) == code
    assert shop.files() == set()
    assert shop.rows.kept == {}


async def test_a_file_at_the_limit_is_taken(shop: Shop) -> None:
    assert (await shop.add("x" * 1000)).bytes == 1000


async def test_an_upload_that_breaks_off_leaves_nothing_behind(shop: Shop) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await shop.library.add("local", "half.csv", "text/csv", breaking())
    assert shop.files() == set()


@pytest.mark.parametrize("stage", ["arriving", "reading"])
async def test_an_upload_that_is_cancelled_leaves_nothing_behind(shop: Shop, stage: str) -> None:
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"loop\n"
        if stage == "arriving":
            begun.set()
            await asyncio.Event().wait()

    adding = asyncio.create_task(
        shop.library.add("local", "slow.csv", "text/csv", slow(), lambda *progress: begun.set())
    )
    await begun.wait()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert shop.files() == set()
    assert (await shop.add("next")).bytes == 4


async def test_who_waits_for_the_same_bytes_reads_them_when_the_first_leaves(shop: Shop) -> None:
    begun = asyncio.Event()
    first = asyncio.create_task(shop.add("loop", on_progress=lambda *progress: begun.set()))
    await begun.wait()
    second_begun = asyncio.Event()
    second = asyncio.create_task(shop.add("loop", on_progress=lambda *progress: second_begun.set()))
    first.cancel()
    await second_begun.wait()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert shop.bench.reads == 2
    assert shop.files() == set()


async def test_a_journal_that_refuses_leaves_nothing_behind(shop: Shop) -> None:
    shop.rows.failing = True
    with pytest.raises(StoreError):
        await shop.add("a\nb")
    assert shop.files() == set()


async def test_a_disk_that_refuses_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where a folder should be")
    shop = Shop(tmp_path)
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            await shop.add("a\nb")
        assert (refused.value.code, refused.value.retryable) == ("not_stored", True)


async def test_a_wiped_or_older_cache_is_read_again_from_the_bytes(shop: Shop) -> None:
    document = await shop.add("a\nb")
    folder = shop.folder / "cache" / document.sha256
    await shop.library.content(document)
    assert shop.bench.reads == 1
    (folder / "document.json").unlink()
    await shop.library.content(document)
    (folder / "card.json").write_bytes(b'{"format":0,"card":{}}')
    await shop.library.content(document)
    (folder / "card.json").write_bytes(b"half a ca")
    assert (await shop.add("a\nb")).card["tables"] == 1
    assert shop.bench.reads == 4
    assert shop.files() == shelved("a\nb")


async def test_content_whose_bytes_are_gone_is_said_to_be_lost(shop: Shop) -> None:
    document = await shop.add("a\nb")
    (shop.folder / "cache" / document.sha256 / "document.json").unlink()
    (shop.folder / "blobs" / document.sha256).unlink()
    with pytest.raises(StoreError) as lost:
        await shop.library.content(document)
    assert lost.value.code == "content_lost"


async def test_everybody_who_waits_for_the_same_bytes_hears_how_far_they_are(shop: Shop) -> None:
    document = await shop.add("steps")
    for path in (shop.folder / "cache" / document.sha256).iterdir():
        path.unlink()
    heard: list[list[Any]] = [[], [], []]
    await asyncio.gather(
        shop.library.content(document, lambda *told: heard[0].append(told)),
        shop.library.content(document, lambda *told: heard[1].append(told)),
        shop.add("steps", owner="other", on_progress=lambda *told: heard[2].append(told)),
    )
    assert shop.bench.reads == 2
    assert all(told[-1] == ("tables", 1, 1) and ("reading", 100, 100) in told for told in heard)


async def test_documents_are_made_ready_and_those_that_are_gone_are_named(shop: Shop) -> None:
    document = await shop.add("a\nb")
    (shop.folder / "cache" / document.sha256 / "document.json").unlink()
    heard: list[Any] = []
    gone = await shop.library.ready("local", [document.document_id, "doc_99"], lambda *told: heard.append(told))
    assert gone == ["doc_99"]
    assert heard == [(document.document_id, "tables", 1, 1)]
    assert await shop.library.ready("other", [document.document_id]) == [document.document_id]


@pytest.mark.parametrize(
    ("wish", "limits", "words"),
    [
        ("loop", {"read_timeout_s": 0.5}, "took longer than 0.5 s"),
        ("hoard", {"memory_bytes": 400_000_000}, "needs more memory"),
    ],
)
async def test_a_reader_that_hangs_or_eats_memory_is_ended_and_told_and_the_next_file_is_read(
    tmp_path: Path, wish: str, limits: dict[str, Any], words: str
) -> None:
    shop = Shop(tmp_path, bench=limits)
    await shop.bench.start()
    try:
        with pytest.raises(CallerError, match=words) as refused:
            await shop.add(wish, "trouble.csv")
        assert (refused.value.code, "trouble.csv" in refused.value.text) == ("unreadable_document", True)
        assert shop.files() == set()
        assert (await shop.add("a\nb")).card["tables"] == 1
    finally:
        await shop.bench.close()


async def test_a_file_with_too_many_pages_is_refused_before_it_is_read(tmp_path: Path) -> None:
    shop = Shop(tmp_path, bench={"max_pages": 40, "renderer": "tools.documents.rendering", "read_timeout_s": 20})
    await shop.bench.start()
    try:
        with pytest.raises(CallerError) as refused:
            await shop.add(pdf(*[Page()] * 41), "long.pdf")
        assert (refused.value.code, refused.value.text) == (
            "too_many_pages",
            "long.pdf has 41 pages; up to 40 are read. Split it and attach the parts.",
        )
        assert shop.files() == set()
        assert (await shop.add(pdf(*[Page()] * 40), "long.pdf")).bytes > 0
    finally:
        await shop.bench.close()


async def test_what_a_crash_left_half_arrived_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "incoming-upload_01").write_bytes(b"half")
    shop = Shop(tmp_path)
    assert await refusal(shop.add("")) == "empty_file"
    assert shop.files() == set()


async def test_documents_are_listed_newest_first_in_pages_of_their_owner(shop: Shop) -> None:
    for number in range(5):
        await shop.add(str(number), f"{number}.csv")
    await shop.add("other", owner="other")
    first = await shop.library.page("local", 3, None)
    assert [item["name"] for item in first["items"]] == ["4.csv", "3.csv", "2.csv"]
    assert first["items"][0]["created_at"] == "2026-11-21T08:00:00.000Z"
    second = await shop.library.page("local", 3, first["next"])
    assert [item["name"] for item in second["items"]] == ["1.csv", "0.csv"]
    assert "next" not in second


async def test_a_document_of_somebody_else_is_unknown(shop: Shop) -> None:
    document = await shop.add("a\nb")
    assert await refusal(shop.library.get("other", document.document_id)) == "unknown_document"
    assert await refusal(shop.library.remove("other", document.document_id)) == "unknown_document"


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Q1 figures.csv", "Q1 figures.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\reports\\Q1.csv", "Q1.csv"),
        (" a\tb\r\n c.csv ", "a b c.csv"),
        ("invoice\u202evsc.exe", "invoicevsc.exe"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
        ("Bilanz Ju\u0308ngling.csv", "Bilanz Jüngling.csv"),
        ("\ud800.csv", ".csv"),
    ],
)
def test_a_name_is_shown_without_what_cannot_be_seen(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


@given(st.text(st.characters()))
def test_any_name_is_either_refused_or_fit_to_be_shown(name: str) -> None:
    try:
        shown = display_name(name)
    except CallerError:
        return
    assert 0 < len(shown) <= MAX_NAME_CHARS
    assert not any(unicodedata.category(c).startswith("C") or c in "/\\" for c in shown)
    assert display_name(shown) == shown
    shown.encode()


def test_a_media_type_is_plain_or_says_nothing() -> None:
    given_types = ["Text/CSV; charset=utf-8", "application/octet-stream", "<script>", "", "a/" + "b" * 200]
    assert [plain_media_type(given_type) for given_type in given_types] == ["text/csv", "", "", "", ""]
