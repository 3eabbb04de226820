"""Fixtures that run the command (tests/api/terminal/commands.py)."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from tests.api.terminal.commands import PATIENCE_S, Result, Run, Terminal, command, environment


@pytest.fixture
def tickmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command to its end, in an empty folder; in this process, which has long imported what a new one would."""

    def run(*words: str | Path, stdin: bytes = b"", **more: str) -> Result:
        out, err, into = (io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="") for data in (b"", b"", stdin))
        with monkeypatch.context() as here:
            here.chdir(tmp_path)
            ours = environment(**more)
            for name in os.environ.keys() - ours.keys():
                here.delenv(name)
            for name, value in ours.items():
                here.setenv(name, value)
            for name, stream in {"stdout": out, "stderr": err, "stdin": into}.items():
                here.setattr(sys, name, stream)
            status = _status(list(map(str, words)))
        return Result(status, _written(out), _written(err))

    return run


def _status(words: list[str]) -> int:
    before = list(logging.getLogger().handlers)
    try:
        return main(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    finally:
        logging.getLogger().handlers[:] = before


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """Run a command to its end, in an empty folder and a process of its own."""

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
