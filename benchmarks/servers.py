"""The processes of a measurement: how they are started, pinned to a core, watched and ended."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

START_LIMIT_S = 60.0


class Cores(NamedTuple):
    """The core for servers and the core for emulator and readers; None where processes cannot be pinned."""

    server: int | None
    lab: int | None


def cores() -> Cores:
    """The last core of the machine for the server, the first for the lab."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    ours = sorted(os.sched_getaffinity(0))
    return Cores(ours[-1], ours[0]) if len(ours) > 1 else Cores(None, None)


def pin(pid: int, core: int | None) -> None:
    """Keep a process, and what it will start, to one core."""
    if core is not None:
        os.sched_setaffinity(pid, {core})


class Server:
    """A running server process. CPU and memory are those of its whole tree."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.url = url
        self.port = urlsplit(url).port or 80
        self.pid = process.pid
        self._process = process
        self._root = psutil.Process(process.pid)

    def cpu_s(self) -> float:
        """CPU seconds so far, user and system."""
        return sum(map(_cpu_s, self._tree()))

    def memory_kb(self) -> float:
        """Proportional set size, in kB, where the system tells it, else resident size."""
        return sum(map(_memory_kb, self._tree()))

    def _tree(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    async def stop(self) -> None:
        """Ask it to end, then insist."""
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()


def _cpu_s(process: psutil.Process) -> float:
    """To the nanosecond where the kernel counts so (ticks of 10 ms are coarse for a window of seconds)."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    try:
        if nanoseconds := [int(thread.read_text().split()[0]) for thread in threads]:
            return sum(nanoseconds) / 1e9
        times = process.cpu_times()
    except (OSError, psutil.NoSuchProcess):
        return 0.0
    return float(times.user + times.system)


def _memory_kb(process: psutil.Process) -> float:
    try:
        full = process.memory_full_info()
        return float(getattr(full, "pss", full.rss)) / 1024
    except psutil.NoSuchProcess:
        return 0.0


@asynccontextmanager
async def running(
    module: str, arguments: Sequence[str], core: int | None, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """`python -m module arguments`, from the address it prints in its first line until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    pin(process.pid, core)
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_LIMIT_S)).decode()
        address = re.search(r"http://[0-9.]+:\d+", line)
        if address is None:
            raise SystemExit(f"{module} did not start: {line!r}")
        server = Server(process, address[0])
        yield server
    finally:
        if process.returncode is None:
            await Server(process, "").stop()


@asynccontextmanager
async def stand_in(deltas: int, rate: float, core: int | None, *, hold: bool = False) -> AsyncIterator[Server]:
    """The emulator, pacing."""
    arguments = ["--deltas", str(deltas), "--rate", str(rate), *(["--hold"] if hold else [])]
    async with running("benchmarks.emulator", arguments, core) as server:
        yield server


@asynccontextmanager
async def relay(upstream: str, core: int | None) -> AsyncIterator[Server]:
    """The bare pass-through."""
    async with running("benchmarks.passthrough", ["--upstream", upstream], core) as server:
        yield server


@asynccontextmanager
async def service(upstream: str, core: int | None) -> AsyncIterator[Server]:
    """Tickmark as it is, with a fresh data folder, talking to `upstream` as if it were Anthropic."""
    settings = {"ANTHROPIC_BASE_URL": upstream, "ANTHROPIC_API_KEY": "x", "TICKMARK_PROVIDER": "anthropic"}
    with tempfile.TemporaryDirectory(prefix="tickmark-bench-", ignore_cleanup_errors=True) as data:
        async with running("api.cli", ["serve", "--port", "0", "--data", data], core, settings) as server:
            yield server
