"""`make bench`: one table of what the service costs and how long it makes people wait, with the budgets beside it.

    python -m benchmarks             about five minutes
    python -m benchmarks --quick     one round, 200 silent streams: about two

The streams run beside a bare relay in the same rounds, because on a shared machine only the ratio is worth anything.
Files open at once are a limit of the shell; it is raised as far as the system lets us.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
from collections.abc import Sequence

import uvloop

from benchmarks import query, service, stream
from benchmarks.servers import cores

MOST_RATIO, MOST_P50_MS, MOST_P99_MS, MOST_KB = 6.0, 5.0, 25.0, 30.0


def stream_rows(rounds: dict[str, list[stream.Round]], memory: dict[str, float], silent: int) -> list[service.Row]:
    """The rows about streams: 50 of them at 50 deltas a second, and many that are open and silent."""

    def median(system: str, name: str) -> float:
        return statistics.median(getattr(row, name) for row in rounds[system])

    cpu, bare = median("tickmark", "cpu_us"), median("passthrough", "cpu_us")
    p50, p99 = median("tickmark", "p50_ms"), median("tickmark", "p99_ms")
    whole = all(row.is_complete for row in rounds["tickmark"])
    kb = memory["tickmark"]
    return [
        (
            "CPU per delta, 50 streams x 50/s",
            f"{cpu:.0f} µs, {cpu / bare:.1f} x the bare pass-through ({bare:.0f} µs)",
            f"{MOST_RATIO:g} x",
            cpu / bare <= MOST_RATIO,
        ),
        ("latency of a delta, p50", f"{p50:.1f} ms", f"{MOST_P50_MS:g} ms", p50 <= MOST_P50_MS),
        ("latency of a delta, p99", f"{p99:.1f} ms", f"{MOST_P99_MS:g} ms", p99 <= MOST_P99_MS),
        ("deltas lost or out of order", "none" if whole else "SOME", "none", whole),
        (
            f"memory per open silent stream, {silent:,} of them",
            f"{kb:.0f} kB (bare pass-through {memory['passthrough']:.1f} kB)",
            f"{MOST_KB:g} kB",
            kb <= MOST_KB,
        ),
    ]


def raise_file_limit() -> None:
    """As many open files as the system allows; two thousand sockets need them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def run(quick: bool) -> list[service.Row]:
    """All measurements, streams first."""
    silent = 200 if quick else 1_000
    wanted: Sequence[str] = ["--memory", str(silent), "--rounds", "1" if quick else "3"]
    rounds, memory = await stream.measure(stream.options().parse_args(wanted))
    return [*stream_rows(rounds, memory, silent), *await service.rows(cores()), *await query.rows()]


def main() -> None:
    """Print the table, and what it was measured on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the service costs")
    parser.add_argument("--quick", action="store_true", help="one round, fewer streams")
    chosen = parser.parse_args()
    raise_file_limit()
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {len(_cores())} cores"
    found = uvloop.run(run(chosen.quick))
    print(
        f"\n{service.table(found)}\n\n{machine}; `{'make bench' if not chosen.quick else 'python -m benchmarks --quick'}`"
    )


def _cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main())
