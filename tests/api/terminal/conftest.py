"""Fixtures that run the command (tests/api/terminal/commands.py)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.terminal.commands import PATIENCE_S, Result, Run, Terminal, command, environment


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
