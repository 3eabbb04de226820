"""Server-sent events: frames, and the reply that carries them.

A frame is `id: <seq>`, one `data:` line with the JSON, LF only, and no `event:` line, so that `EventSource.onmessage`
hears everything. The reply is its own ASGI loop: read, encode, one `send` for a whole batch, wait. Nothing is created
per event: the loop runs in one task, while the request's own notices that the client left and sends a comment every 15
seconds, so that proxies keep the line open.

What belongs to this connection alone (the progress of an upload) has no `id:` and so never becomes a cursor. A stream
may open with such a `Prelude`; while it has shown nothing, a refusal is still an ordinary HTTP problem.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from analysis.errors import TickmarkError
from analysis.events import Entry, MessageComplete, MessageStart
from api.closing import Bound, Closing
from api.dialects import Dialect
from api.problems import problem, rejected, shutting_down, unexpected
from api.reading import Reader

log = logging.getLogger("tickmark")

OPENING = b"retry: 1000\n: open\n\n"
HEARTBEAT = b": still here\n\n"
SEND_BYTES = 256 * 1024
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}

Until = Callable[[Entry], bool]
Post = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Follow:
    """What to stream: from where, in which dialect, and after which entry to stop (None: it does not end)."""

    reader: Reader
    dialect: Dialect
    until: Until | None = None


Prelude = Callable[[Post], Awaitable[Follow | None]]


class ChainEnd:
    """Says which entry ends an answer: the `message_complete` of its message, or of the last one that continues it.

    A parked call (`awaiting_approval`) does not end the chain; the message that continues it will.
    """

    def __init__(self, message_id: str) -> None:
        self._chain = {message_id}

    def __call__(self, entry: Entry) -> bool:
        event = entry.event
        if isinstance(event, MessageComplete):
            return event.message_id in self._chain and event.stop_reason != "awaiting_approval"
        if isinstance(event, MessageStart) and event.continues in self._chain:
            self._chain.add(event.message_id)
        return False


def numbered(seq: int, data: bytes) -> bytes:
    """The frame of an event; its number is the cursor that a reconnecting browser sends back."""
    return b"id: %d\ndata: %b\n\n" % (seq, data)


def unnumbered(data: bytes) -> bytes:
    """A frame that belongs to this connection only."""
    return b"data: %b\n\n" % data


class EventStream(Response):
    """A reply that streams a prelude, or a conversation, or the one and then the other."""

    def __init__(
        self, closing: Closing, heartbeat_s: float, follow: Follow | None = None, prelude: Prelude | None = None
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(HEADERS)
        self._closing = closing
        self._heartbeat_s = heartbeat_s
        self._follow = follow
        self._prelude = prelude

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        out = _Out(send, self.raw_headers)
        where = f"{scope['method']} {scope['path']}"
        async with self._closing.bound() as bound:
            try:
                follow = self._follow if self._prelude is None else await self._play(self._prelude, out)
                if follow is not None:
                    await self._relay(follow, out, receive, bound, where)
            except ClientDisconnect:
                return
            except TickmarkError as error:
                await self._refuse(error.body(), out, scope, receive)
            except Exception as error:
                await self._refuse(unexpected(error, where), out, scope, receive)
        if bound.ended and not out.following:
            await self._refuse(shutting_down().body(), out, scope, receive)
        await out.finish()

    async def _relay(self, follow: Follow, out: _Out, receive: Receive, bound: Bound, where: str) -> None:
        """Stream in a task of its own, and attend to the connection meanwhile. (A task resumes through every coroutine it
        is nested in, and a route is nested deeply: the loop that runs once per event wants to be shallow.)"""
        out.following = True
        await out.start()
        copying = asyncio.create_task(_copied(follow, out, where))
        copying.add_done_callback(lambda _: bound.end())
        try:
            while await self._is_there(receive):
                await out.write(HEARTBEAT)
        finally:
            copying.cancel()
            await asyncio.wait([copying])

    async def _is_there(self, receive: Receive) -> bool:
        """False when the client leaves; True after a while in which it did not."""
        try:
            async with asyncio.timeout(self._heartbeat_s):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return True
        return False

    async def _play(self, prelude: Prelude, out: _Out) -> Follow | None:
        """Show what the prelude posts while it works. The work goes on if the client leaves: what is stored stays."""
        frames: list[bytes] = []
        posted = asyncio.Event()

        def post(frame: dict[str, Any]) -> None:
            frames.append(unnumbered(orjson.dumps(frame)))
            posted.set()

        work = asyncio.ensure_future(prelude(post))
        work.add_done_callback(lambda _: posted.set())
        try:
            while not (work.done() and not frames):
                await self._show(frames, posted, out)
            return work.result()
        finally:
            work.cancel()

    async def _show(self, frames: list[bytes], posted: asyncio.Event, out: _Out) -> None:
        try:
            async with asyncio.timeout(self._heartbeat_s):
                await posted.wait()
        except TimeoutError:
            await out.write(HEARTBEAT)
            return
        posted.clear()
        shown = b"".join(frames)
        frames.clear()
        if shown:
            await out.write(shown)

    async def _refuse(self, body: dict[str, Any], out: _Out, scope: Scope, receive: Receive) -> None:
        if out.started:
            await out.write(unnumbered(rejected(body)))
        else:
            out.started = out.finished = True
            await problem(body)(scope, receive, out.send)


async def _copied(follow: Follow, out: _Out, where: str) -> None:
    """Copy until the end, or tell why it cannot go on."""
    try:
        await follow.reader.retrace(follow.dialect)
        await _copy(follow, out)
    except TickmarkError as error:
        await out.write(unnumbered(rejected(error.body())))
    except Exception as error:
        await out.write(unnumbered(rejected(unexpected(error, where))))


async def _copy(follow: Follow, out: _Out) -> None:
    """The loop everything else is for."""
    reader, encode, until = follow.reader, follow.dialect.encode, follow.until
    while entries := await reader.next():
        frames: list[bytes] = []
        size = 0
        for entry in entries:
            frame = numbered(entry.seq, encode(entry))
            frames.append(frame)
            size += len(frame)
            last = until is not None and until(entry)
            if last or size > SEND_BYTES:
                await out.write(b"".join(frames))
                frames, size = [], 0
            if last:
                return
        if frames:
            await out.write(b"".join(frames))


class _Out:
    """The sending side: starts the response with the first write."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self.send = send
        self.started = False
        self.following = False
        self.finished = False
        self._headers = headers

    async def start(self) -> None:
        if not self.started:
            self.started = True
            await self.send({"type": "http.response.start", "status": 200, "headers": self._headers})
            await self.send({"type": "http.response.body", "body": OPENING, "more_body": True})

    async def write(self, data: bytes) -> None:
        if not self.started:
            await self.start()
        await self.send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self) -> None:
        if not self.finished:
            self.finished = True
            await self.start()
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})
