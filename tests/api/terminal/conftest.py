"""The command as people run it: a process of its own, through pipes or on a terminal, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def tickmark(tmp_path: Path) -> Run:
    """Run a command to its end, in an empty folder."""

    def run(*words: str | Path, stdin: bytes = b"", **more: str) -> Result:
        done = subprocess.run(
            command(*words), input=stdin, capture_output=True, cwd=tmp_path, env=environment(**more), timeout=PATIENCE_S
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command and go on; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*words: str | Path, **more: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command(*words),
            stdin=more.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(**more),
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


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


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open terminals, 80 columns wide unless said otherwise."""
    pytest.importorskip("pty", reason="there are no terminals of this kind here")
    opened: list[Terminal] = []

    def open_one(*words: str | Path, columns: int = 80, **more: str) -> Terminal:
        opened.append(Terminal(command(*words), tmp_path, columns, environment(**more)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@contextmanager
def slow_model(deltas: int = 400, rate: int = 20) -> Iterator[str]:
    """The address of a model that writes slowly, as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.emulator", "--deltas", str(deltas), "--rate", str(rate)],
        stdout=subprocess.PIPE,
        cwd=HOUSE,
    )
    try:
        assert process.stdout
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.communicate()


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
