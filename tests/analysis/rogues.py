"""A table of tools that misbehave, one each in its own way, and a reader and a renderer that can be told how; loaded in
workers only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from tools.dataroom import DataRoom, Room
from tools.documents.document import Column, Document, Table
from tools.refusals import ToolError
from tools.results import Remark, Result, ResultColumn, ResultTable
from tools.tool import Tool, ToolArgs
from tools.values import Value


class Args(ToolArgs):
    """One word, which each tool takes as it likes."""

    word: str = ""


def _say(room: DataRoom, args: Args) -> list[Result]:
    return [Remark(f"said {args.word}")]


def _pid(room: DataRoom, args: Args) -> list[Result]:
    return [Remark(str(os.getpid()))]


def _loop(room: DataRoom, args: Args) -> list[Result]:
    room.progress(1, 2, "looping")  # type: ignore[attr-defined]
    while True:
        pass


def _hoard(room: DataRoom, args: Args) -> list[Result]:
    hoard: list[Any] = []
    while True:
        hoard.append(bytearray(8_000_000) if args.word == "blocks" else [object() for _ in range(10_000)])


def _exit(room: DataRoom, args: Args) -> list[Result]:
    if args.word == "politely":
        sys.exit(3)
    os._exit(3)


def _shout(room: DataRoom, args: Args) -> list[Result]:
    print("\x1b[31mprinted " * 1000, flush=True)
    os.write(1, b"\x00\x00\x00\x02\x00\x00\x00\x00{}written past Python")
    sys.stdin.read()
    return [Remark("shouted")]


def _break(room: DataRoom, args: Args) -> list[Result]:
    raise ZeroDivisionError("a secret of ours")


def _refuse(room: DataRoom, args: Args) -> list[Result]:
    raise ToolError("no_such_line", "there is no line 'Revenu'; did you mean 'Revenue'?")


def _touch(deed: Callable[[str], Any]) -> Callable[[DataRoom, Args], list[Result]]:
    def run(room: DataRoom, args: Args) -> list[Result]:
        return [Remark(f"did it: {deed(args.word)!r}")]

    return run


def _native(deed: str) -> Any:
    """The same deeds past Python's own checks, as a hostile parser would do them."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    kind, _, rest = deed.partition(":")
    if kind == "write":
        return libc.open(rest.encode(), os.O_WRONLY | os.O_CREAT, 0o600)
    if kind == "read":
        return libc.open(rest.encode(), os.O_RDONLY)
    if kind == "run":
        return libc.execv(b"/bin/true", (ctypes.c_char_p * 2)(b"true", None))
    address = b"\x02\x00" + int(rest).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return libc.connect(libc.socket(2, 1, 0), address, 16)


def _environment(room: DataRoom, args: Args) -> list[Result]:
    return [Remark("environment", dict(os.environ))]


def _documents(room: DataRoom, args: Args) -> list[Result]:
    return [Remark(args.word, {"seen": [[alias, d.document_id, d.name, d.sha256] for alias, d in room.documents()]})]


def _look_up(room: DataRoom, args: Args) -> list[Result]:
    return [Remark(room.value(args.word).shown), room.result("r1")]


def _count(room: DataRoom, args: Args) -> list[Result]:
    values = [Value(room.new_id(), "n", Decimal(n), "count", str(n), "open") for n in range(int(args.word))]
    return [ResultTable("numbers", [ResultColumn("c0", "n", "number")], [[value] for value in values], len(values))]


def _weigh(room: DataRoom, args: Args) -> list[Result]:
    weight = b"x" * int(args.word)
    return [Remark(str(len(weight)))]


def _bulk(room: DataRoom, args: Args) -> list[Result]:
    return [Remark("x" * int(args.word))]


def _surrogate(room: DataRoom, args: Args) -> list[Result]:
    return [Remark("\ud800")]


def _recurse(room: DataRoom, args: Args) -> list[Result]:
    return _recurse(room, args)


RUNS: dict[str, Callable[[DataRoom, Any], Sequence[Result]]] = {
    "say": _say,
    "pid": _pid,
    "loop": _loop,
    "hoard": _hoard,
    "exit": _exit,
    "shout": _shout,
    "break": _break,
    "refuse": _refuse,
    "connect": _touch(lambda port: socket.create_connection(("127.0.0.1", int(port)), timeout=2)),
    "resolve": _touch(lambda name: socket.getaddrinfo(name, 80)),
    "write": _touch(lambda path: Path(path).write_text("here")),
    "remove": _touch(os.remove),
    "peek": _touch(lambda path: Path(path).read_text()),
    "spawn": _touch(lambda path: subprocess.run([path], check=True)),
    "fork": _touch(lambda _: os.fork()),
    "kill": _touch(lambda pid: os.kill(int(pid), 9)),
    "native": _touch(_native),
    "environment": _environment,
    "documents": _documents,
    "look_up": _look_up,
    "count": _count,
    "weigh": _weigh,
    "bulk": _bulk,
    "surrogate": _surrogate,
    "recurse": _recurse,
}
TOOLS = {name: Tool(name, name, Args, run) for name, run in RUNS.items()}


def outcome(results: Sequence[Result], call: dict[str, Any]) -> dict[str, Any]:
    """The plainest form of results: the words, the data of the first remark, the tables with their own values."""
    remarks = [result for result in results if isinstance(result, Remark)]
    tables = [result for result in results if isinstance(result, ResultTable)]
    own = [value for table in tables for value in table.values() if value.value_id.startswith("~")]
    return {
        "summary": "done",
        "content": "\n".join(remark.text for remark in remarks),
        "artifacts": [],
        "values": [value.to_wire() for value in own],
        "tables": [table.to_wire() for table in tables],
        "data": dict(remarks[0].data) if remarks else {},
    }


def read(
    content: bytes,
    *,
    document_id: str,
    name: str,
    media_type: str,
    sha256: str,
    on_progress: Callable[[str, int, int], None],
) -> Document:
    """A document with one column of lines; a file may instead ask for trouble in its first line."""
    lines = content.decode("utf-8", "replace").splitlines()
    wish = lines[0] if lines else ""
    if wish == "refuse":
        raise ToolError("unsupported_type", f"{name} is of no kind we can read")
    if wish == "break":
        raise ZeroDivisionError
    if wish == "exit":
        os._exit(9)
    if wish == "hoard":
        _hoard(Room([], lambda _: Document("", "", "", "", "", 0)), Args(word="blocks"))
    while wish == "loop":
        on_progress("reading", 1, 2)
        time.sleep(0.06)
    if wish == "steps":
        for done in range(1, 101):
            on_progress("reading", done, 100)
            time.sleep(0.001)
    on_progress("tables", 1, 1)
    table = Table("t1", "lines", [Column("c0", "line", "text", lines)], lines=list(range(len(lines))), fields=[1])
    return Document(document_id, name, media_type, "csv", sha256, len(content), [table], pages=len(lines))


def page_count(content: bytes) -> int:
    """A line is a page."""
    return len(content.splitlines())


def page_sizes(content: bytes, name: str) -> list[tuple[float, float]]:
    """All pages are alike."""
    return [(600.0, 800.0)] * page_count(content)


def render(content: bytes, name: str, number: int, width_px: int) -> bytes:
    """A picture that says which one it is, once; or trouble, as its line says."""
    wish = content.decode().splitlines()[number - 1]
    if wish == "hang":
        while True:
            pass
    if wish == "hoard":
        _hoard(Room([], lambda _: Document("", "", "", "", "", 0)), Args(word="blocks"))
    if wish == "exit":
        os._exit(9)
    if wish == "script":
        return b"<script>alert(1)</script>"
    if wish == "refuse":
        raise ToolError("unreadable_page", f"Page {number} of {name} is damaged and cannot be shown.")
    return b"RIFF\x00\x00\x00\x00WEBP" + f"{wish} {number} {width_px} {os.getpid()} {time.monotonic_ns()}".encode()
