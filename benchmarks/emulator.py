"""A stand-in for Anthropic's Messages API on the loopback: fast, honest about the rules, and able to fail on purpose.

It plays recordings (see analysis/providers/replay.py for the format) or paces generated deltas, and it refuses what the
real service refuses: a wrong key, an unknown model, a request that breaks a rule of `anthropic_request.faults`. So
whoever talks to it and gets an answer has sent a legal request; what it was asked is kept in `requests`.

    python -m benchmarks.emulator --port 8123 --recording fixtures/streams/anthropic/chart.sse
    python -m benchmarks.emulator --port 8123 --deltas 250 --rate 50

`GET /emulator/requests` returns what was asked so far.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import httptools
import orjson

from analysis.providers.anthropic_request import GO_ON, faults
from analysis.providers.replay import Recording, place, read_recording
from benchmarks.answers import Answer, Pace, Play, Player, Refuse, player_of

Json = dict[str, Any]

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


Answerer = Callable[[Json], Answer]


def playing(recording: Recording | bytes, **how: Any) -> Answerer:
    """Answers each request with the response at its place in the recording; `how` as in Play."""
    recorded = read_recording(recording) if isinstance(recording, bytes) else recording

    def answer(request: Json) -> Answer:
        response = recorded.response(*_place_of(request))
        if response is None:
            return Refuse(500, "api_error", "the recording holds no further answer")
        if response.status != 200:
            return Refuse(response.status, response.error_type, headers=[("x-should-retry", "false")])
        return Play(response.body, **how)

    return answer


def in_turn(*answers: Answer) -> Answerer:
    """Answers the first request with the first answer, and so on; the last one stays."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def _place_of(request: Json) -> tuple[int, int]:
    return place(_has_words(message["content"]) for message in request["messages"] if message["role"] == "user")


def _has_words(content: str | list[Json]) -> bool:
    """Whether a person says something; asking an answer that paused to go on is none of theirs."""
    if isinstance(content, str):
        return content != GO_ON
    return any(block.get("type") != "tool_result" and block.get("text") != GO_ON for block in content)


class Emulator:
    """`async with Emulator(answer) as emulator:` listens at `emulator.url` until the block ends.

    `key`, when given, is the only one accepted; `models` the only models known. `requests` holds every request that
    reached the Messages route, `refusals` the sentences of those that broke a rule. `begun` and `hung_up` get the time
    when an answer begins and when a client leaves in the middle of one.
    """

    def __init__(self, answer: Answerer, *, key: str = "", models: Iterable[str] = (), port: int = 0) -> None:
        self.answer = answer
        self.key = key
        self.models = frozenset(models)
        self.requests: list[Json] = []
        self.refusals: list[str] = []
        self.connections = 0
        self.begun: asyncio.Queue[float] = asyncio.Queue()
        self.hung_up: asyncio.Queue[float] = asyncio.Queue()
        self.streams = 0
        self.port = port
        self._open: set[_Connection] = set()

    @property
    def url(self) -> str:
        """What ANTHROPIC_BASE_URL must be."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Emulator:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in tuple(self._open):
            connection.close()
        await self._server.wait_closed()

    def judge(self, request: Json, key: str) -> Answer:
        """The answer to a request: a refusal where the real service would refuse."""
        self.requests.append(request)
        if self.key and key != self.key:
            return Refuse(401, "authentication_error", "invalid x-api-key")
        if found := faults(request):
            self.refusals += found
            return Refuse(400, "invalid_request_error", "; ".join(found))
        if self.models and request["model"] not in self.models:
            return Refuse(404, "not_found_error", f"model: {request['model']}")
        return self.answer(request)

    def joined(self, connection: _Connection) -> None:
        """A client connected."""
        self.connections += 1
        self._open.add(connection)

    def left(self, connection: _Connection, was_streaming: bool) -> None:
        """A client is gone, perhaps in the middle of an answer."""
        self._open.discard(connection)
        if was_streaming:
            self.hung_up.put_nowait(time.monotonic())


class _Connection(asyncio.Protocol):
    """One client's connection: requests come in one after the other, each is answered whole before the next."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._playing: Player | None = None
        self._url = b""
        self._key = ""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent
        self._emulator.joined(self)

    def connection_lost(self, error: Exception | None) -> None:
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.stop()
        self._emulator.left(self, playing is not None)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def close(self) -> None:
        """Let go of the client."""
        self.transport.abort()

    def on_message_begin(self) -> None:
        self._url, self._key, self._body = b"", "", []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self._key = value.decode("latin-1").removeprefix("Bearer ")
        elif name.lower() == b"x-api-key":
            self._key = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        path = self._url.partition(b"?")[0]
        if path == b"/emulator/requests":
            self._send(200, orjson.dumps({"requests": self._emulator.requests, "refusals": self._emulator.refusals}))
        elif path != b"/v1/messages":
            self._send(404, b"<html>nothing here</html>", content_type="text/html")
        else:
            self._give(self._judged())

    def _judged(self) -> Answer:
        try:
            request = orjson.loads(b"".join(self._body))
        except orjson.JSONDecodeError:
            return Refuse(400, "invalid_request_error", "the body is not JSON")
        if not isinstance(request, dict) or request.get("stream") is not True:
            return Refuse(400, "invalid_request_error", "this emulator only streams")
        return self._emulator.judge(request, self._key)

    def _give(self, answer: Answer) -> None:
        if isinstance(answer, Refuse):
            error = {"type": answer.error_type, "message": answer.message or answer.error_type}
            body = answer.body or orjson.dumps({"type": "error", "error": error, "request_id": "req_emulated"})
            self._send(answer.status, body, answer.headers)
            return
        self.transport.write(_STREAM_HEAD)
        self._emulator.streams += 1
        self._emulator.begun.put_nowait(time.monotonic())
        self._playing = player_of(answer, self._emulator.streams, self.transport, self._ended)
        self._playing.step()

    def _ended(self) -> None:
        self._playing = None

    def _send(
        self,
        status: int,
        body: bytes,
        headers: Sequence[tuple[str, str]] = (),
        content_type: str = "application/json",
    ) -> None:
        lines = [f"HTTP/1.1 {status} Emulated", f"content-length: {len(body)}", f"content-type: {content_type}"]
        lines += ["request-id: req_emulated", *(f"{name}: {value}" for name, value in headers)]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


async def serve(answer: Answerer, port: int) -> None:
    """Listen until killed; prints the address once it is open."""
    async with Emulator(answer, port=port) as emulator:
        print(emulator.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description="An emulator of the Messages API")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--deltas", type=int, default=250)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--hold", action="store_true", help="leave streams open and silent after the last delta")
    chosen = parser.parse_args()
    if chosen.recording:
        answer = playing(chosen.recording.read_bytes())
    else:
        pace = Pace(chosen.deltas, chosen.rate, chosen.size, chosen.hold)
        answer = in_turn(pace)
    import uvloop

    uvloop.run(serve(answer, chosen.port))


if __name__ == "__main__":
    main()
