"""What a delta costs: many streams through the whole service, beside a bare relay, in the same run.

The emulator paces Anthropic wire events; a loop of readers takes what comes out. Measured is a window in which all
streams run: CPU of the server's process tree per delta, and how late each delta is (it carries the time it left). CPU
figures of a shared machine are soft; their *ratio* to the relay's, taken in interleaved rounds, is what counts. Memory
is that of streams which have begun and fallen silent, in a fresh process.

    python -m benchmarks.stream                         50 streams, 50 deltas a second each, 3 rounds
    python -m benchmarks.stream --streams 200 --only direct passthrough

Where the system allows it, servers are pinned to one core and the lab (emulator, readers) to another.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import orjson

from benchmarks.load import Tally, post, quantile, read_all
from benchmarks.servers import Cores, Server, cores, pin, relay, service, stand_in

SYSTEMS = ("direct", "passthrough", "tickmark")
RAMP_S, MARGIN_S = 1.0, 0.5
ASK = orjson.dumps({"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "Go"}]})


@dataclass(frozen=True, slots=True)
class Round:
    """What one system did in one round; no CPU for `direct`, which has no server."""

    deltas: int
    cpu_us: float
    p50_ms: float
    p99_ms: float
    is_complete: bool


async def requests_for(system: str, server: Server, count: int) -> list[bytes]:
    """The raw requests that open that many streams; the service gets a conversation for each."""
    if system != "tickmark":
        return [post("/v1/messages", ASK)] * count
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        made = [await client.post("/api/conversations", json={}) for _ in range(count)]
    paths = [f"/api/conversation/{reply.json()['conversation_id']}/message/stream" for reply in made]
    return [post(f"{path}?accumulated_text=false", b'{"message": "Go"}') for path in paths]


async def one_round(system: str, server: Server, streams: int, deltas: int, window_s: float) -> Round:
    """Run the streams to their ends; look at the window in which all of them flow."""
    tally, requests = Tally(), await requests_for(system, server, streams)
    reading = asyncio.create_task(read_all(server.port, requests, tally, RAMP_S))
    await asyncio.sleep(RAMP_S + MARGIN_S)
    start_ns, cpu_before_s = time.monotonic_ns(), server.cpu_s()
    await asyncio.sleep(window_s)
    end_ns, cpu_after_s = time.monotonic_ns(), server.cpu_s()
    async with asyncio.timeout(120):
        await reading
    late_ms = tally.between(start_ns, end_ns)
    return Round(
        deltas=len(late_ms),
        cpu_us=(cpu_after_s - cpu_before_s) / max(len(late_ms), 1) * 1e6 if system != "direct" else float("nan"),
        p50_ms=quantile(late_ms, 0.5),
        p99_ms=quantile(late_ms, 0.99),
        is_complete=len(tally.seen_ns) == deltas * streams and not tally.out_of_order,
    )


async def memory_kb(system: str, upstream: Server, at: Cores, streams: int) -> float:
    """kB of the server's tree per stream that has begun and is silent, in a fresh process."""
    opener = service if system == "tickmark" else relay
    async with opener(upstream.url, at.server) as server:
        requests = await requests_for(system, server, streams + 5)
        tally = Tally()
        warm = asyncio.create_task(read_all(server.port, requests[:5], tally, 0.1))
        await begun(tally, 5)
        before_kb = server.memory_kb()
        reading = asyncio.create_task(read_all(server.port, requests[5:], tally, RAMP_S))
        await begun(tally, streams + 5)
        after_kb = server.memory_kb()
        for task in (reading, warm):
            task.cancel()
        await asyncio.gather(reading, warm, return_exceptions=True)
    return (after_kb - before_kb) / streams


async def begun(tally: Tally, streams: int) -> None:
    """Until that many streams brought their first delta, and things are calm."""
    async with asyncio.timeout(60):
        await tally.when_begun(streams)
    await asyncio.sleep(MARGIN_S)


async def measure(chosen: argparse.Namespace) -> tuple[dict[str, list[Round]], dict[str, float]]:
    """All rounds of all systems, and kB per silent stream of those that were asked for."""
    at = cores()
    pin(0, at.lab)
    deltas = int((RAMP_S + 2 * MARGIN_S + chosen.window) * chosen.rate)
    rounds: dict[str, list[Round]] = {system: [] for system in chosen.only}
    async with AsyncExitStack() as closing:
        upstream = await closing.enter_async_context(stand_in(deltas, chosen.rate, at.lab))
        servers = {"direct": upstream}
        if "passthrough" in chosen.only:
            servers["passthrough"] = await closing.enter_async_context(relay(upstream.url, at.server))
        if "tickmark" in chosen.only:
            servers["tickmark"] = await closing.enter_async_context(service(upstream.url, at.server))
            await one_round("tickmark", servers["tickmark"], 3, deltas, 0.5)  # imports the SDK, opens files
        for number in range(1, chosen.rounds + 1):
            for system in chosen.only:
                row = await one_round(system, servers[system], chosen.streams, deltas, chosen.window)
                rounds[system].append(row)
                print(f"  round {number} {described(system, row)}", flush=True)
    memory = {}
    if chosen.memory:
        async with stand_in(1, chosen.rate, at.lab, hold=True) as upstream:
            for system in rounds.keys() - {"direct"}:
                memory[system] = await memory_kb(system, upstream, at, chosen.memory)
    return rounds, memory


async def compare(chosen: argparse.Namespace) -> None:
    """Measure, then print the table."""
    rounds, memory = await measure(chosen)
    print(table(rounds, memory, chosen.streams, chosen.rate))


def described(system: str, row: Round) -> str:
    """One round in a line."""
    state = "complete" if row.is_complete else "INCOMPLETE"
    return f"{system:12} {row.deltas:7} deltas  {row.cpu_us:6.1f} µs  p50 {row.p50_ms:.2f}  p99 {row.p99_ms:.2f} ms  {state}"


def table(rounds: dict[str, list[Round]], memory: dict[str, float], streams: int, rate: float) -> str:
    """The one table: medians over the rounds, ratios to the relay, latency above the direct line."""

    def median(system: str, name: str) -> float:
        rows: Sequence[Round] = rounds.get(system, ())
        return statistics.median(getattr(row, name) for row in rows) if rows else float("nan")

    lines = [
        f"\n{streams} streams x {rate:g} deltas/s, medians of rounds\n",
        "| system | CPU µs/delta | x relay | p50 ms | p99 ms | p50 added | p99 added | kB/stream | complete |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for system, rows in rounds.items():
        cpu, p50, p99 = (median(system, name) for name in ("cpu_us", "p50_ms", "p99_ms"))
        ratio = cpu / median("passthrough", "cpu_us")
        added = [p50 - median("direct", "p50_ms"), p99 - median("direct", "p99_ms")]
        figures = [
            f"{cpu:.1f}",
            f"{ratio:.1f}",
            *(f"{ms:.2f}" for ms in (p50, p99, *added)),
            f"{memory.get(system, float('nan')):.1f}",
        ]
        whole = f"{sum(row.is_complete for row in rows)}/{len(rows)}"
        lines.append(f"| {system} | {' | '.join(figures)} | {whole} |".replace("nan", "-"))
    return "\n".join(lines)


def options() -> argparse.ArgumentParser:
    """The command line above."""
    parser = argparse.ArgumentParser(description="What a delta costs")
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--rate", type=float, default=50.0, help="deltas a second of each stream")
    parser.add_argument("--window", type=float, default=5.0, help="seconds measured in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=100, help="silent streams for the memory figure; 0 leaves it out")
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    return parser


def main() -> None:
    """Run as the command line says."""
    import uvloop

    uvloop.run(compare(options().parse_args()))


if __name__ == "__main__":
    main()
