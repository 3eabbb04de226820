"""What attaching a long report costs: until it is ready, in memory, and to the streams that others are reading meanwhile.

    python -m benchmarks.attaching                       a report of the corpus, and one of 500 pages
    python -m benchmarks.attaching --streams 50

Streams run alone first and then again while the report is attached over and over (removed in between, so that it is read
each time). The longer report repeats the pages of the first. The corpus is found by TICKMARK_CORPUS.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
import psutil  # type: ignore[import-untyped]
import pypdfium2
import uvloop

from benchmarks.servers import Cores, Server, cores, pin, service, stand_in
from benchmarks.stream import MARGIN_S, RAMP_S, one_round

REPORT = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data")) / "pdf" / "BOEING_2022_10K.pdf"
LONG_PAGES = 500
RATE, WINDOW_S = 50.0, 8.0


@dataclass(slots=True)
class Attached:
    """How often a report was attached, the seconds each took, the progress frames of the last, the worker's peak in MB."""

    seconds: list[float] = field(default_factory=list)
    frames: int = 0
    longest_gap_s: float = 0.0
    peak_mb: float = 0.0


async def attach(client: httpx.AsyncClient, data: bytes, name: str, found: Attached) -> None:
    """Attach once, following the progress, and remove it again."""
    begun = last = time.monotonic()
    frames, gap, document_id = 0, 0.0, ""
    async with client.stream(
        "POST", "/api/documents", files={"file": (name, data)}, headers={"accept": "text/event-stream"}
    ) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data:"):
                now = time.monotonic()
                frames, gap, last = frames + 1, max(gap, now - last), now
                event = orjson.loads(line[5:])
                if event["type"] == "document_ready":
                    document_id = event["document"]["document_id"]
    if not document_id:
        raise SystemExit(f"{name} was not read")
    found.seconds.append(time.monotonic() - begun)
    found.frames, found.longest_gap_s = frames, gap
    await client.delete(f"/api/document/{document_id}")


async def watched(pid: int, found: Attached) -> None:
    """Note the largest worker, until cancelled."""
    while True:
        for child in psutil.Process(pid).children(recursive=True):
            try:
                found.peak_mb = max(found.peak_mb, child.memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                continue
        await asyncio.sleep(0.05)


async def once(server: Server, data: bytes, name: str) -> Attached:
    """One attaching, with nothing else going on."""
    found = Attached()
    watching = asyncio.create_task(watched(server.pid, found))
    async with httpx.AsyncClient(base_url=server.url, timeout=300) as client:
        await attach(client, data, name, found)
    watching.cancel()
    return found


async def over_and_over(server: Server, data: bytes, found: Attached) -> None:
    """Attach until cancelled."""
    async with httpx.AsyncClient(base_url=server.url, timeout=300) as client:
        while True:
            await attach(client, data, "report.pdf", found)


async def measure(streams: int, at: Cores) -> list[str]:
    """The rows of the table."""
    short, long = REPORT.read_bytes(), longer(REPORT)
    pin(0, at.lab)
    deltas = int((RAMP_S + 2 * MARGIN_S + WINDOW_S) * RATE)
    async with stand_in(deltas, RATE, at.lab) as upstream, service(upstream.url, None) as server:
        await one_round("tickmark", server, 3, deltas, 0.5)
        first = await once(server, short, "report.pdf")
        second = await once(server, long, "long.pdf")
        alone = [await one_round("tickmark", server, streams, deltas, WINDOW_S) for _ in range(2)]
        busy = Attached()
        attaching = asyncio.create_task(over_and_over(server, short, busy))
        beside = [await one_round("tickmark", server, streams, deltas, WINDOW_S) for _ in range(2)]
        attaching.cancel()
        await asyncio.gather(attaching, return_exceptions=True)
    p50 = [statistics.median(row.p50_ms for row in rows) for rows in (alone, beside)]
    p99 = [statistics.median(row.p99_ms for row in rows) for rows in (alone, beside)]
    whole = all(row.is_complete for row in (*alone, *beside))
    return [
        "| what | figure | reach |",
        "|---|---|---|",
        f"| a report of 190 pages, attached and ready | {first.seconds[0]:.1f} s | <= 8 s |",
        f"| largest worker while it is read | {first.peak_mb:.0f} MB | <= 500 MB |",
        (
            f"| {LONG_PAGES} pages, attached and ready | {second.seconds[0]:.1f} s, {second.frames} frames of progress, never "
            f"{second.longest_gap_s:.1f} s without one | finishes, progress all the way |"
        ),
        f"| largest worker while these are read | {second.peak_mb:.0f} MB | <= 500 MB |",
        f"| {streams} streams x {RATE:g} deltas/s alone | p50 {p50[0]:.1f} ms, p99 {p99[0]:.1f} ms | - |",
        (
            f"| the same while reports are attached ({len(busy.seconds)} of them) | p50 {p50[1]:.1f} ms, p99 {p99[1]:.1f} ms, "
            f"{'nothing' if whole else 'SOMETHING'} lost | unharmed |"
        ),
    ]


def longer(path: Path) -> bytes:
    """A file of `LONG_PAGES` pages, made of those of another again and again."""
    source, made = pypdfium2.PdfDocument(path), pypdfium2.PdfDocument.new()
    while (left := LONG_PAGES - len(made)) > 0:
        made.import_pages(source, list(range(min(left, len(source)))))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attaching", description="What attaching a report costs")
    parser.add_argument("--streams", type=int, default=20)
    chosen = parser.parse_args()
    print("\n".join(uvloop.run(measure(chosen.streams, cores()))))


if __name__ == "__main__":
    main()
