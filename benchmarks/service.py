"""What else a user of the service waits for: its start, a tool call's way through the gate, a conversation read again.

Each measurement runs the real server and real clients on the loopback. The emulator stands in for the model.

    python -m benchmarks.service             start-up, tool gate, replay
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import orjson
from websockets.asyncio.client import connect

from benchmarks.answers import Pace, Play
from benchmarks.emulator import Emulator, in_turn
from benchmarks.servers import Cores, Server, cores, running, service

GATE_SIZES = (5_000, 100_000, 1_000_000)
FRAGMENT = 32
TRIES = 5
EVENTS = 2_000


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process to its first healthy reply, and megabytes of its tree then."""

    seconds: float
    megabytes: float


async def start_up(at: Cores) -> list[Start]:
    """A few starts in a row; the first may still write byte code."""
    found = []
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(prefix="tickmark-bench-") as data:
            began = time.perf_counter()
            async with running("api.cli", ["serve", "--port", "0", "--data", data], at.server) as server:
                await _healthy(server)
                seconds = time.perf_counter() - began
                found.append(Start(seconds, server.memory_kb() / 1024))
    return found


async def _healthy(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client, asyncio.timeout(30):
        while True:
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.005)


# -- the gate ------------------------------------------------------------------------------------------------------------


def chart_call(size: int) -> bytes:
    """A model stream that calls create_chart with about `size` characters of JSON in small fragments."""
    points = min(5_000, size // 22)  # the most a chart takes; longer inputs have longer names
    width = size // points - 7  # quotation marks, commas, and a value of three digits
    categories = [f"P{number:06}".ljust(width, "x") for number in range(points)]
    series = [{"name": "Series", "values": [number % 997 for number in range(points)]}]
    given = {"kind": "line", "title": "Measured", "categories": categories, "series": series}
    text = orjson.dumps(given).decode()
    block = {"type": "tool_use", "id": "toolu_1", "name": "create_chart", "input": {}}
    told: list[dict[str, object]] = [{"type": "content_block_start", "index": 0, "content_block": block}]
    for at in range(0, len(text), FRAGMENT):
        delta = {"type": "input_json_delta", "partial_json": text[at : at + FRAGMENT]}
        told.append({"type": "content_block_delta", "index": 0, "delta": delta})
    told += [{"type": "content_block_stop", "index": 0}]
    told += [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}}, {"type": "message_stop"}]
    return b"".join(b"event: %b\ndata: %b\n\n" % (str(each["type"]).encode(), orjson.dumps(each)) for each in told)


@dataclass(frozen=True, slots=True)
class Gate:
    """Milliseconds from the request to the verdict at the client, and from the verdict to the chart (NaN: refused)."""

    size: int
    verdict_ms: float
    chart_ms: float
    outcome: str


async def gate(at: Cores, size: int) -> Gate:
    """The median of a few calls of one size, each in a conversation of its own."""
    rows = []
    for _ in range(TRIES):
        async with (
            Emulator(in_turn(Play(chart_call(size)), Pace(1, 50))) as emulator,
            service(emulator.url, at.server) as server,
        ):
            await _one_call(server)  # the first brings the worker's libraries in
            emulator_again = in_turn(Play(chart_call(size)), Pace(1, 50))
            emulator.answer = emulator_again
            rows.append(await _one_call(server))
        if len(rows) >= 3:
            break
    return Gate(
        size,
        statistics.median(row[0] for row in rows),
        statistics.median(row[1] for row in rows),
        rows[0][2],
    )


async def _one_call(server: Server) -> tuple[float, float, str]:
    """(ms to the verdict, ms from it to the chart, what came)."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        made = (await client.post("/api/conversations", json={})).json()["conversation_id"]
        path = f"/api/conversation/{made}/message/stream?accumulated_text=false"
        began = time.perf_counter()
        verdict = chart = float("nan")
        outcome = "ended"
        async with client.stream("POST", path, json={"message": "Go"}) as response:
            async for line in response.aiter_lines():
                now = time.perf_counter()
                if '"tool_validated"' in line:
                    verdict, outcome = now, "validated"
                elif '"chart_ready"' in line:
                    chart, outcome = now, "chart"
                elif '"tool_complete"' in line and '"success":false' in line:
                    outcome = "validated, refused by the tool" if outcome == "validated" else "refused at the gate"
                    verdict = verdict if verdict == verdict else now
        return (verdict - began) * 1000, (chart - verdict) * 1000, outcome


# -- reading a conversation again ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Replay:
    """Reading a whole conversation again: events, and the milliseconds it takes over SSE and over a socket."""

    events: int
    sse_ms: float
    socket_ms: float
    is_identical: bool


async def replay(at: Cores) -> Replay:
    """A conversation of about 2,000 events, read from the start several times on both lines."""
    async with _talked(at) as (server, conversation, last):
        sse, socket, same = [], [], True
        for _ in range(TRIES):
            began = time.perf_counter()
            over_sse = await _followed(server, conversation, last)
            sse.append(time.perf_counter() - began)
            began = time.perf_counter()
            over_socket = await _listened(server, conversation, last)
            socket.append(time.perf_counter() - began)
            same = same and over_sse == over_socket and len(over_sse) == last
        return Replay(last, statistics.median(sse) * 1000, statistics.median(socket) * 1000, same)


@asynccontextmanager
async def _talked(at: Cores) -> AsyncIterator[tuple[Server, str, int]]:
    async with Emulator(in_turn(Pace(EVENTS, 20_000))) as emulator, service(emulator.url, at.server) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
            made = (await client.post("/api/conversations", json={})).json()["conversation_id"]
            await client.post(f"/api/conversation/{made}/message", json={"message": "Go"})
            last = (await client.get(f"/api/conversation/{made}")).json()["last_seq"]
        yield server, made, last


async def _followed(server: Server, conversation: str, last: int) -> list[bytes]:
    path = f"/api/conversation/{conversation}/message/stream?accumulated_text=false&after=0"
    found: list[bytes] = []
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client, client.stream("GET", path) as response:
        held = b""
        async for chunk in response.aiter_raw():
            held += chunk
            *frames, held = held.split(b"\n\n")
            found += [frame.split(b"\ndata: ", 1)[1] for frame in frames if frame.startswith(b"id: ")]
            if len(found) >= last:
                break
    return found


async def _listened(server: Server, conversation: str, last: int) -> list[bytes]:
    address = f"{server.url.replace('http', 'ws')}/ws/conversation/{conversation}?accumulated_text=false&after=0"
    found: list[bytes] = []
    async with connect(address, max_size=None) as socket:
        await socket.recv()  # hello
        while len(found) < last:
            found.append(bytes(await socket.recv(decode=False)))
    return found


# -- the table -----------------------------------------------------------------------------------------------------------

Row = tuple[str, str, str, bool | None]
"""What is measured, what came out, the budget, and whether it is held (None: there is none)."""


async def rows(at: Cores) -> list[Row]:
    """All measurements of this module as rows of the one table."""
    starts = await start_up(at)
    seconds = statistics.median(start.seconds for start in starts)
    megabytes = statistics.median(start.megabytes for start in starts)
    found: list[Row] = [
        ("start to first healthy reply", f"{seconds:.2f} s", "0.6 s", seconds <= 0.6),
        ("memory after the start, workers included", f"{megabytes:.0f} MB", "", None),
    ]
    for size in GATE_SIZES:
        one = await gate(at, size)
        told = f"{one.verdict_ms:.1f} ms to the verdict" + (
            f", chart {one.chart_ms:.1f} ms later" if one.chart_ms == one.chart_ms else ""
        )
        found.append((f"tool input of {size // 1000:,} kB ({one.outcome})", told, "", None))
    again = await replay(at)
    same = "identical" if again.is_identical else "DIFFERENT"
    found.append(
        (
            f"replay of {again.events:,} events",
            f"SSE {again.sse_ms:.0f} ms, socket {again.socket_ms:.0f} ms, {same}",
            "identical",
            again.is_identical,
        )
    )
    return found


def table(found: list[Row]) -> str:
    """Rows as Markdown."""
    lines = ["| measured | result | budget | held |", "|---|---|---|---|"]
    held = {None: "-", True: "yes", False: "no"}
    return "\n".join(
        [*lines, *(f"| {what} | {result} | {budget or '-'} | {held[ok]} |" for what, result, budget, ok in found)]
    )


if __name__ == "__main__":
    print(table(asyncio.run(rows(cores()))))
