"""The command as people run it: a process of its own, through pipes or on a terminal, in an empty folder."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.answers import Answer, Play
from benchmarks.emulator import Emulator, in_turn

HOUSE = Path(__file__).resolve().parents[3]
STATEMENTS = HOUSE / "fixtures" / "samples" / "northwind_statements.csv"
STREAMS = HOUSE / "fixtures" / "streams" / "anthropic"
PATIENCE_S = 60


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """The environment of a command: ours, without what would change its answers."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("TICKMARK_", "ANTHROPIC_", "FORCE_COLOR"))}
    unset = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONIOENCODING", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    ours = {k: v for k, v in ours.items() if k not in unset}
    return {**ours, "PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", "TERM": "xterm-256color", **more}


def command(*words: str | Path) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "api.cli", *map(str, words)]


Run = Callable[..., Result]


class Terminal:
    """A terminal with a command in it. `seen` is everything it wrote, escape sequences included."""

    def __init__(self, words: Sequence[str], folder: Path, columns: int, env: dict[str, str]) -> None:
        import fcntl
        import pty
        import struct
        import termios

        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._fd = ours
        self._process = subprocess.Popen(
            words,
            stdin=its,
            stdout=its,
            stderr=its,
            cwd=folder,
            env=env,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(its)
        self.seen = ""
        self._at = 0

    def expect(self, words: str) -> None:
        """Read until these words come, behind what was expected before."""
        while (found := self.seen.find(words, self._at)) < 0:
            if not self._read():
                raise AssertionError(f"{words!r} did not come; the terminal shows:\n{self.seen[self._at :]}")
        self._at = found + len(words)

    def type(self, keys: str) -> None:
        """Press keys; \\x03 is Ctrl-C, \\x04 Ctrl-D."""
        os.write(self._fd, keys.encode())

    def insist(self, keys: str, words: str) -> None:
        """Press keys as often as it takes until these words come. A Ctrl-C in the instant between two looks of Python's line
        editor for a signal waits there for the next key, as anybody's would.
        """
        import select

        self.type(keys)
        while self.seen.find(words, self._at) < 0:
            if select.select([self._fd], [], [], 1)[0]:
                assert self._read(), f"{words!r} did not come; the terminal shows:\n{self.seen[self._at :]}"
            else:
                self.type(keys)
        self.expect(words)

    def end(self) -> int:
        """Read to the end; the exit status."""
        while self._read():
            pass
        return self._process.wait(PATIENCE_S)

    def close(self) -> None:
        """Kill what still runs."""
        self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def _read(self) -> bool:
        import select

        ready, _, _ = select.select([self._fd], [], [], PATIENCE_S)
        assert ready, f"the terminal is silent; it shows:\n{self.seen[self._at :]}"
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def recording(*deltas: str) -> bytes:
    """A response of the Messages API that writes this text."""
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**start, "usage": {"input_tokens": 1, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": one}} for one in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    return b"".join(b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


def broken_off(*deltas: str) -> Play:
    """An answer that writes this text and then stays silent, but for pings."""
    whole = recording(*deltas)
    return Play(whole[: whole.index(b"event: content_block_stop")], ending="hang", ping_s=0.5)


@contextmanager
def looping() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_settled(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _settled() -> None:
    """End what still runs on a loop, also what is begun meanwhile, and let its transports close."""
    for _ in range(5):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)


async def _closed(server: asyncio.Server) -> None:
    """Take no more connections, in the loop itself: what was accepted by then has its task."""
    server.close()
    await asyncio.sleep(0)


@contextmanager
def model(*answers: Answer) -> Iterator[dict[str, str]]:
    """A model that gives these answers, and the environment that leads to it."""
    emulator = Emulator(in_turn(*answers))
    with looping() as loop:
        asyncio.run_coroutine_threadsafe(emulator.__aenter__(), loop).result(10)
        try:
            yield {"ANTHROPIC_BASE_URL": emulator.url, "ANTHROPIC_API_KEY": "sk-ant-test-key"}
        finally:
            asyncio.run_coroutine_threadsafe(emulator.__aexit__(), loop).result(10)


class Line:
    """A line to a server that breaks: each of the first streams is cut after so many bytes of it."""

    def __init__(self, address: str, *cut_after: int) -> None:
        self._host, _, port = address.removeprefix("http://").partition(":")
        self._port = int(port)
        self._cuts = list(cut_after)
        self._carrying: set[asyncio.Task[Any] | None] = set()  # a loop alone does not keep its tasks alive
        self.cut = 0
        self.address = ""

    async def open(self) -> asyncio.Server:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _carry(self, theirs: asyncio.StreamReader, to_them: asyncio.StreamWriter) -> None:
        self._carrying.add(asyncio.current_task())
        try:
            ours, to_us = await asyncio.open_connection(self._host, self._port)
        except (OSError, asyncio.CancelledError):
            to_them.transport.abort()
            return
        there = asyncio.create_task(self._copy(theirs, to_us))
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._back(ours, to_them)
        finally:
            there.cancel()
            for writer in (to_us, to_them):
                writer.transport.abort()
            with suppress(asyncio.CancelledError):
                await there

    async def _copy(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                to.write(data)
                await to.drain()

    async def _back(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        left = -1
        while data := await source.read(65_536):
            if left < 0 and b"\nretry: 1000\n" in data and self._cuts:
                left = data.index(b"\nretry: 1000\n") + self._cuts.pop(0)
            if 0 <= left <= len(data):
                to.write(data[:left])
                await to.drain()
                self.cut += 1
                return
            left -= len(data) if left >= 0 else 0
            to.write(data)
            await to.drain()


@contextmanager
def breaking(address: str, *cut_after: int) -> Iterator[Line]:
    """A line that breaks."""
    line = Line(address, *cut_after)
    with looping() as loop:
        server = asyncio.run_coroutine_threadsafe(line.open(), loop).result(10)
        yield line
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(10)


@contextmanager
def running_server(data: Path, port: int = 0, **more: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server of its own process: its address."""
    process = subprocess.Popen(
        command("serve", "--port", str(port), "--data", data),
        stdout=subprocess.PIPE,
        cwd=HOUSE,
        env=environment(**more),
    )
    try:
        assert process.stdout
        line = process.stdout.readline().decode()
        yield line.split()[3], process
    finally:
        process.kill()
        process.communicate()
