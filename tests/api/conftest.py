"""A whole server on a free loopback port, in the test's own event loop: real routes, front door and journal; the model is a
script, the library a dictionary."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from analysis.clock import FixedClock
from analysis.conversations import Conversations, Limits
from analysis.errors import CallerError
from analysis.events import Draft, Entry
from analysis.ids import counting_ids
from analysis.journals.journal import Conversation, StoredDocument
from analysis.journals.memory import MemoryJournal
from analysis.journals.sqlite import SqliteJournal
from analysis.messages import ToolSpec
from analysis.providers.scripted import ScriptedProvider
from analysis.signals import ToolReturned
from analysis.workbench import ToolCall
from api.app import create_app
from api.server import Server, bind
from api.settings import Settings

OWNER = "local"
LOOK = ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]})


class Tools:
    """Every call returns at once."""

    async def run_tool(self, call: ToolCall, on_progress: Any = None) -> ToolReturned:
        return ToolReturned(call.tool_id, "Looked.", "nothing there")


@dataclass
class Shelf:
    """A library in memory that tells its progress, refuses what is empty, and can be held in the middle of reading."""

    documents: dict[str, StoredDocument] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    reading: asyncio.Event = field(default_factory=asyncio.Event)

    async def ready(self, owner: str, document_ids: Iterable[str], tell: Any = None) -> list[str]:
        """It always is, unless it was removed."""
        return [document_id for document_id in document_ids if document_id not in self.documents]

    async def add(
        self,
        owner: str,
        name: str,
        media_type: str,
        source: AsyncIterator[bytes],
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> StoredDocument:
        content = b"".join([chunk async for chunk in source])
        if not content:
            raise CallerError("empty_file", f"{name} is empty.")
        if on_progress:
            on_progress("reading", len(content), len(content))
        self.reading.set()
        if self.hold:
            await self.hold.wait()
        if b"\x00" in content:
            raise CallerError("unreadable_document", f"{name} cannot be read as a table.")
        document_id = f"doc_{len(self.documents) + 1}"
        sha256 = hashlib.sha256(content).hexdigest()
        card = {"document_id": document_id, "name": name, "media_type": media_type, "sha256": sha256}
        card |= {"bytes": len(content), "tables": 1, "statements": [], "periods": [], "findings": []}
        stored = StoredDocument(
            document_id, owner, name, media_type, sha256, len(content), "2026-11-21T08:00:00.000Z", card
        )
        self.documents[document_id] = stored
        self.contents[document_id] = content
        return stored

    async def get(self, owner: str, document_id: str) -> StoredDocument:
        if document_id not in self.documents:
            raise CallerError("unknown_document", f"There is no document {document_id!r}.")
        return self.documents[document_id]

    async def page(self, owner: str, limit: int, cursor: str | None) -> dict[str, Any]:
        newest_first = [dict(document.card) for document in reversed(self.documents.values())]
        return {"items": newest_first[:limit]}

    async def remove(self, owner: str, document_id: str) -> None:
        await self.get(owner, document_id)
        del self.documents[document_id]


@dataclass
class Sights:
    """Nothing to be seen: pictures and places are tested with real workers in test_places.py."""

    shelf: Shelf


@dataclass
class House:
    """The running server and everything a test may want to reach into."""

    app: FastAPI
    server: Server
    front: Conversations
    journal: Any
    provider: ScriptedProvider
    shelf: Shelf
    address: str
    client: httpx.AsyncClient

    def socket(self, path: str, **options: Any) -> connect:
        return connect(f"{self.address.replace('http', 'ws', 1)}{path}", proxy=None, **options)

    async def tell(self, *told: Any, conversation_id: str = "c") -> None:
        """Write events straight into a conversation's journal, making it first where it is not there."""
        drafts = [Draft(event) for event in told]
        if await self.journal.conversation(conversation_id, OWNER) is None:
            await self.journal.create(Conversation(conversation_id, OWNER, "t", "2026-11-21T08:00:00.000Z"), drafts)
        else:
            await self.journal.append(conversation_id, drafts)

    async def told(self, conversation_id: str = "c") -> list[Entry]:
        return list(await self.journal.read(conversation_id, 0, 100_000))

    async def sse(self, path: str, until: bytes, headers: dict[str, str] | None = None) -> bytes:
        """The raw bytes of a stream up to and with `until`."""
        heard = b""
        async with self.client.stream("GET", path, headers=headers) as reply:
            assert reply.status_code == 200, await reply.aread()
            async for chunk in reply.aiter_raw():
                heard += chunk
                if until in heard:
                    return heard
        return heard


async def frames(socket: ClientConnection, until: str) -> list[str]:
    """The text frames of a socket up to and with the first that contains `until`."""
    heard: list[str] = []
    async for frame in socket:
        assert isinstance(frame, str)
        heard.append(frame)
        if until in frame:
            break
    return heard


class QuickServer(Server):
    """The server, looking for its end more often than ten times a second, and leaving signals to the test run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 (a signal handler can only set a flag)
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(
    *rounds: Any, heartbeat_s: float = 15.0, folder: Path | None = None, **settings: Any
) -> AsyncIterator[House]:
    """A server; `rounds` are what the model will say. With a `folder` its journal lies there, else in memory."""
    clock, provider, shelf = FixedClock(), ScriptedProvider(*rounds), Shelf()
    journal: Any = SqliteJournal(folder, clock) if folder else MemoryJournal(clock)
    front = Conversations(
        journal=journal,
        library=shelf,
        tools=Tools(),
        specs=[LOOK],
        providers={"scripted": lambda: provider},
        default_provider="scripted",
        new_id=counting_ids(),
        clock=clock,
        limits=Limits(drain_s=1),
    )
    await front.open()
    app = create_app(Settings(**settings), front, shelf, Sights(shelf))  # type: ignore[arg-type]
    started = asyncio.Event()
    server = QuickServer(app, started.set)
    sockets = bind("127.0.0.1", 0)
    address = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    serving = asyncio.create_task(server.serve(sockets))
    try:
        await asyncio.wait({serving, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
        app.state.doors.heartbeat_s = heartbeat_s
        async with httpx.AsyncClient(base_url=address, timeout=20, trust_env=False, verify=False) as client:
            yield House(app, server, front, journal, provider, shelf, address, client)
    finally:
        server.should_exit = True
        await serving
        await front.close()
        for listener in sockets:
            listener.close()


@pytest.fixture(name="running")
def running_fixture() -> Any:
    """`async with running(*rounds) as house`."""
    return running


@pytest.fixture(name="frames")
def frames_fixture() -> Any:
    """`await frames(socket, until)`."""
    return frames


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A server whose model says "Done." to everything."""
    async with running() as started:
        yield started
