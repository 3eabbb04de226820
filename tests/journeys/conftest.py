"""The real server as a process of its own, with its workers and its database, and clients as users write them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect

SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"
QUESTION = "How did revenue develop, and what happened to the gross margin? Chart it."


@dataclass
class Tickmark:
    """A running server. `frames` are (id, data) as they stood on the wire."""

    url: str
    process: asyncio.subprocess.Process
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(base_url=self.url, timeout=30)

    async def conversation(self, *samples: Path) -> str:
        """A new conversation with these files attached; its id."""
        ids = []
        for sample in samples:
            made = await self.client.post(
                "/api/documents", files={"file": (sample.name, sample.read_bytes(), "text/csv")}
            )
            assert made.status_code == 201, made.text
            ids.append(made.json()["document_id"])
        made = await self.client.post("/api/conversations", json={"document_ids": ids})
        assert made.status_code == 201, made.text
        return str(made.json()["conversation_id"])

    async def ask(self, conversation_id: str, question: str, upto: int = 0) -> list[tuple[int, bytes]]:
        """Ask and stream; with `upto`, leave after so many frames."""
        path = f"/api/conversation/{conversation_id}/message/stream?accumulated_text=false"
        frames: list[tuple[int, bytes]] = []
        async with self.client.stream("POST", path, json={"message": question}) as response:
            assert response.status_code == 200, await response.aread()
            async for frame in sse(response):
                frames.append(frame)
                if upto and len(frames) == upto:
                    break
        return frames

    async def follow(self, conversation_id: str, after: int, last: int, **headers: str) -> list[tuple[int, bytes]]:
        """Follow over SSE from a cursor up to event `last`."""
        path = f"/api/conversation/{conversation_id}/message/stream?accumulated_text=false&after={after}"
        frames: list[tuple[int, bytes]] = []
        if after == last:
            return frames
        async with self.client.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            async for frame in sse(response):
                frames.append(frame)
                if frame[0] == last:
                    break
        return frames

    async def listen(self, conversation_id: str, after: int, last: int) -> list[tuple[int, bytes]]:
        """Follow over a socket from a cursor up to event `last`."""
        address = (
            f"{self.url.replace('http', 'ws')}/ws/conversation/{conversation_id}?accumulated_text=false&after={after}"
        )
        frames: list[tuple[int, bytes]] = []
        async with connect(address) as socket:
            assert orjson.loads(await socket.recv())["type"] == "hello"
            while after < last and (not frames or frames[-1][0] < last):
                data = await socket.recv(decode=False)
                frames.append((orjson.loads(data)["seq"], bytes(data)))
        return frames

    async def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self.client.aclose()

    async def stop(self) -> int:
        """SIGTERM, and how it ended."""
        await self.client.aclose()
        if self.process.returncode is None:
            self.process.terminate()
            async with asyncio.timeout(20):
                await self.process.wait()
        assert self.process.returncode is not None
        return self.process.returncode


async def sse(response: httpx.Response) -> AsyncIterator[tuple[int, bytes]]:
    """(id, data) of each event; every frame is exactly `id:` and one `data:` line, ended by LF."""
    held = b""
    async for chunk in response.aiter_raw():
        held += chunk
        while b"\n\n" in held:
            frame, held = held.split(b"\n\n", 1)
            if frame.startswith((b":", b"retry:")):
                continue
            found = re.fullmatch(rb"id: (\d+)\ndata: (.*)", frame)
            assert found, frame
            yield int(found[1]), found[2]


Start = Callable[..., Awaitable[Tickmark]]


@asynccontextmanager
async def started(data: Path, **environment: str) -> AsyncIterator[Start]:
    """Starts servers on the same data folder, and stops what still runs."""
    running: list[Tickmark] = []

    async def start(**more: str) -> Tickmark:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TICKMARK_", "ANTHROPIC_"))
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(data),
            stdout=asyncio.subprocess.PIPE, env={**inherited, **environment, **more}, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert process.stdout
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        address = re.search(r"http://[0-9.]+:\d+", line)
        assert address, line
        running.append(Tickmark(address[0], process))
        return running[-1]

    try:
        yield start
    finally:
        for server in running:
            await server.stop()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    async with started(tmp_path / "data") as start:
        yield start


@pytest.fixture
def events() -> Callable[[list[tuple[int, bytes]]], list[Any]]:
    return lambda frames: [orjson.loads(data) for _, data in frames]


@pytest.fixture
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def question() -> str:
    return QUESTION
