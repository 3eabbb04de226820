"""Many readers of streams at once, and what they saw: when each delta came, and how long it had been under way."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from benchmarks.answers import STAMP, sent_at_ns

_ENDS = (b'"message_stop"', b'"message_complete"')


@dataclass(slots=True)
class Tally:
    """Every delta seen: when (monotonic nanoseconds) and how late. `begun` and `ended` count streams."""

    seen_ns: array[int] = field(default_factory=lambda: array("q"))
    late_ns: array[int] = field(default_factory=lambda: array("q"))
    begun: int = 0
    ended: int = 0
    out_of_order: int = 0
    _first: asyncio.Event = field(default_factory=asyncio.Event)

    async def when_begun(self, streams: int) -> None:
        """Wait until that many streams have brought their first delta."""
        while self.begun < streams:
            self._first.clear()
            await self._first.wait()

    def first(self) -> None:
        """A stream brought its first delta."""
        self.begun += 1
        self._first.set()

    def between(self, start_ns: int, end_ns: int) -> list[float]:
        """Latencies in ms of the deltas seen in that window, in rising order."""
        window = zip(self.seen_ns, self.late_ns, strict=True)
        return sorted(late / 1e6 for seen, late in window if start_ns <= seen < end_ns)


def quantile(rising: Sequence[float], share: float) -> float:
    """The value below which that share lies; NaN of nothing."""
    return rising[min(int(len(rising) * share), len(rising) - 1)] if rising else float("nan")


class Reader(asyncio.Protocol):
    """Sends one request and counts the stamps in the text deltas of the event stream that comes back."""

    def __init__(self, request: bytes, tally: Tally) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._tally = tally
        self._rest = b""
        self._last_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if b'"text_delta"' in line:
                self._count(line, now)
            elif any(end in line for end in _ENDS):
                self._tally.ended += 1
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def leave(self) -> None:
        """Hang up, whatever may still come."""
        self._transport.abort()

    def _count(self, line: bytes, now: int) -> None:
        for letters in STAMP.findall(line):
            sent_ns = sent_at_ns(letters)
            if not self._last_ns:
                self._tally.first()
            self._tally.out_of_order += sent_ns < self._last_ns
            self._last_ns = sent_ns
            self._tally.seen_ns.append(now)
            self._tally.late_ns.append(now - sent_ns)


async def read_all(port: int, requests: Sequence[bytes], tally: Tally, ramp_s: float) -> None:
    """Open one stream per request, spread over `ramp_s`, and read them to their ends."""
    loop = asyncio.get_running_loop()
    readers: list[Reader] = []
    try:
        for request in requests:
            _, reader = await loop.create_connection(partial(Reader, request, tally), "127.0.0.1", port)
            readers.append(reader)
            await asyncio.sleep(ramp_s / len(requests))
        for reader in readers:
            await reader.done
    finally:
        for reader in readers:
            reader.leave()


def post(path: str, body: bytes) -> bytes:
    """A raw request."""
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
