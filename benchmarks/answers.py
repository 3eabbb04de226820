"""What the emulator can answer, and how it is sent: a recording piece by piece, a refusal, or paced deltas.

A generated delta begins with a stamp: the time it was handed to the kernel, in letters (`stamp`, `STAMP`), because text
must pass unchanged through everything in between, and digits would be taken for figures. The clock is the machine's
monotonic one, so another process can subtract.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

STAMP = re.compile(rb"q([a-p]{16})q")
_LETTERS = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_DIGITS = bytes.maketrans(b"abcdefghijklmnop", b"0123456789abcdef")
_FILLER = " lorem ipsum dolor sit amet, consectetur elit."


def stamp(moment_ns: int) -> bytes:
    """A moment of the monotonic clock, in 18 letters."""
    return b"q%bq" % (b"%016x" % moment_ns).translate(_LETTERS)


def sent_at_ns(letters: bytes) -> int:
    """The monotonic time that a stamp's 16 letters say."""
    return int(letters.translate(_DIGITS), 16)


@dataclass(frozen=True, slots=True)
class Play:
    """Play these bytes, `piece_bytes` at a time (0: at once) with `gap_s` between, then end: `whole` as HTTP wants it;
    `cut` closes the connection, `reset` kills it, `hang` stays silent but for a ping every `ping_s` (0: none)."""

    body: bytes
    piece_bytes: int = 0
    gap_s: float = 0.0
    ending: Literal["whole", "cut", "reset", "hang"] = "whole"
    ping_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error instead of a stream. `body` replaces Anthropic's own form of it."""

    status: int
    error_type: str
    message: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Pace:
    """Generate `deltas` text deltas of `size` characters at `rate` per second; with `hold` the stream then stays open."""

    deltas: int
    rate: float
    size: int = 48
    hold: bool = False


Answer = Play | Refuse | Pace


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Player:
    """Sends one answer, a step at a time, by timers alone: thousands of these share one loop."""

    def __init__(self, transport: asyncio.Transport, on_end: Callable[[], None]) -> None:
        self._transport = transport
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def step(self) -> None:
        """Send what is due and set the timer for the next."""
        raise NotImplementedError

    def stop(self) -> None:
        """The client left."""
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        self._on_end()
        self._transport.write(b"0\r\n\r\n")

    def _later(self, delay_s: float) -> None:
        self._timer = self._loop.call_later(delay_s, self.step)


class Tape(Player):
    """Plays a Play."""

    def __init__(self, transport: asyncio.Transport, on_end: Callable[[], None], play: Play) -> None:
        super().__init__(transport, on_end)
        self._play = play
        self._sent_bytes = 0

    def step(self) -> None:
        play, transport = self._play, self._transport
        piece = play.body[self._sent_bytes : self._sent_bytes + (play.piece_bytes or len(play.body))]
        if piece:
            transport.write(_chunk(piece))
            self._sent_bytes += len(piece)
        if self._sent_bytes < len(play.body):
            self._later(play.gap_s)
            return
        match play.ending:
            case "whole":
                self._end()
            case "cut":
                self._on_end()
                transport.close()
            case "reset":
                self._on_end()
                linger = struct.pack("ii", 1, 0)
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                transport.abort()
            case "hang" if play.ping_s:
                self._play = replace(play, body=b'event: ping\ndata: {"type": "ping"}\n\n', piece_bytes=0)
                self._sent_bytes = 0
                self._later(play.ping_s)


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps({"type": kind, **fields}))


_USAGE = {"input_tokens": 100, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
_OPENING = _event(
    "message_start",
    message={"id": "msg_paced", "type": "message", "role": "assistant", "content": [], "usage": _USAGE},
) + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
_CLOSING = (
    _event("content_block_stop", index=0)
    + _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 250})
    + _event("message_stop")
)
_DELTA = _event("content_block_delta", index=0, delta={"type": "text_delta", "text": "@"}).partition(b"@")[0]


class Pacer(Player):
    """Sends what a Pace says, by its own timetable: a late step sends all that is due, so the rate holds."""

    def __init__(self, transport: asyncio.Transport, on_end: Callable[[], None], pace: Pace, number: int) -> None:
        super().__init__(transport, on_end)
        self._pace = pace
        self._sent = -1
        filler = _FILLER * (pace.size // len(_FILLER) + 1)
        self._tail = filler[: max(pace.size - 18, 0)].encode() + b'"}}\n\n'
        # The golden ratio spreads the streams evenly over one interval, however many there are.
        self._start_s = self._loop.time() + (number * 0.618034 % 1) / pace.rate

    def step(self) -> None:
        pace, transport = self._pace, self._transport
        if self._sent < 0:
            transport.write(_chunk(_OPENING))
            self._sent = 0
        due = min(int((self._loop.time() - self._start_s) * pace.rate) + 1, pace.deltas)
        for _ in range(due - self._sent):
            transport.write(_chunk(_DELTA + stamp(time.monotonic_ns()) + self._tail))
        self._sent = max(due, self._sent)
        if self._sent < pace.deltas:
            self._timer = self._loop.call_at(self._start_s + self._sent / pace.rate, self.step)
        elif not pace.hold:
            transport.write(_chunk(_CLOSING))
            self._end()


def player_of(answer: Play | Pace, number: int, transport: asyncio.Transport, on_end: Callable[[], None]) -> Player:
    """Who sends this answer. `number` counts streams; `on_end` is called when the answer is out, however it ends."""
    return Tape(transport, on_end, answer) if isinstance(answer, Play) else Pacer(transport, on_end, answer, number)
