"""A worker: a process that runs tools, reads documents and shows them, one call at a time, behind walls.

`python -m analysis.worker` hears one `setup` frame on its standard input, warms up (imports what the calls will need),
closes the walls of `analysis.confinement`, says `ready`, and answers calls until its input ends. Everything heavy is
imported here and nowhere in the server.

Every call is answered by one frame: `returned`, `read`, `shown` or `looked`; `refused`, in the words of the tool or
reader; or `broke`, with a reason for which the workbench has the words. Before it comes `begun`, so that a call that met
a dying worker can go to another one, and any number of `progress`. What tools print goes to standard error, because
standard output belongs to the frames. A thread does nothing but listen: when the input ends, the parent is gone, and the
process ends at once, whatever a tool is doing.

What we dislike: a call that took nearly all the memory leaves a heap full of holes, and nothing in Python mends that. Such
a worker calls itself `worn` in its answer and is replaced.
"""

from __future__ import annotations

import gc
import importlib
import mimetypes
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import orjson
from pydantic import ValidationError

from analysis import confinement, pipe
from analysis.worker_documents import Documents
from tools.documents import kept, surroundings
from tools.refusals import ToolError
from tools.tool import Tool

Answer = tuple[dict[str, Any], bytes]

_PROGRESS_EVERY_S = 0.05
_WORN_SHARE = 2 / 3
_MAX_OUTCOME_BYTES = 16 * 1024 * 1024
_reserve = [bytes(2 * 1024 * 1024)]  # let go of when memory is out, so that there is some to say so with


class Wire:
    """The frames' own way in and out: private copies of standard input and output, which tools cannot reach."""

    def __init__(self) -> None:
        self.incoming: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._out = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        _widen(self._out)

    def send(self, packed: bytes) -> None:
        """Write one frame, whole."""
        rest = memoryview(packed)
        while rest:
            rest = rest[os.write(self._out, rest) :]


def _widen(descriptor: int) -> None:
    """Let the pipe hold more at once (Linux), so that a large document wakes the server less often."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
        except OSError:  # above what the system allows a user
            pass


class Bench:
    """What a warm worker has at hand: the tools, the reader, and the documents it opened last."""

    def __init__(self, setup: Mapping[str, Any], wire: Wire) -> None:
        self._wire = wire
        self._tools: Mapping[str, Any] = named(setup["tools"])
        self._outcome = setup["outcome"]
        self._reader = setup["reader"]
        self._renderer = setup["renderer"]
        self._max_pages = setup["max_pages"]
        self._documents = Documents(Path(setup["cache"]))
        self._told_at_s = -_PROGRESS_EVERY_S

    def answer(self, call: Mapping[str, Any]) -> Answer:
        """Do what a call asks. Raises whatever a tool or reader raises."""
        self._told_at_s = -_PROGRESS_EVERY_S  # the first step of each call is always told
        work = {"tool": self.run, "read": self.read, "show": self.show, "look": self.look}[call["kind"]]
        return work(call)

    def run(self, call: Mapping[str, Any]) -> Answer:
        """Run a tool: validate its input, open the data room, make its results fit for the wire.

        The values, which may be thousands, are the body, one a line, so that the server can take them in portions.
        """
        name, given = call["tool_name"], call["input"]
        tool = self._tool(name)
        args = _arguments(tool, given)
        results = tool.run(self._documents.room(call, self._tell), args)
        outcome: Callable[..., dict[str, Any]] = named(self._outcome)
        header = {**outcome(results, {"tool": name, "input": given}), "kind": "returned"}
        return header, b"\n".join(orjson.dumps(value) for value in header.pop("values"))

    def read(self, call: Mapping[str, Any]) -> Answer:
        """Read a document: its card, and as the body the document as JSON."""
        read: Callable[..., Any] = named(self._reader)
        content = Path(call["source"]).read_bytes()
        self._check_pages(content, call["name"])
        about = {key: call[key] for key in ("document_id", "name", "media_type", "sha256")}
        document = read(content, **about, on_progress=lambda stage, done, total: self._tell(done, total, stage))
        del content
        return {"kind": "read", "card": document.card()}, orjson.dumps(kept.to_json(document))

    def show(self, call: Mapping[str, Any]) -> Answer:
        """A page of a file as a picture, which is the body; without a page, the sizes of all pages."""
        rendering = importlib.import_module(self._renderer)
        content = Path(call["source"]).read_bytes()
        if "page" not in call:
            return {"kind": "shown", "sizes": rendering.page_sizes(content, call["name"])}, b""
        return {"kind": "shown"}, rendering.render(content, call["name"], call["page"], call["width_px"])

    def look(self, call: Mapping[str, Any]) -> Answer:
        """What stands around a place of a document that was read."""
        [document] = [document for _, document in self._documents.room(call, self._tell).documents()]
        return {"kind": "looked", "around": surroundings.around(document, call["place"], call["rows"])}, b""

    def _check_pages(self, content: bytes, name: str) -> None:
        """Refuse a file with too many pages before its reader begins."""
        if b"%PDF-" not in content[:1024]:
            return
        pages = importlib.import_module(self._renderer).page_count(content)
        if pages > self._max_pages:
            words = f"{name} has {pages:,} pages; up to {self._max_pages:,} are read. Split it and attach the parts."
            raise ToolError("too_many_pages", words)

    def _tool(self, name: str) -> Tool:
        row = self._tools.get(name)
        if row is None:
            raise ToolError("unknown_tool", f"there is no tool {name!r}; the tools are {', '.join(self._tools)}")
        tool: Tool = named(row) if isinstance(row, str) else row
        return tool

    def _tell(self, done: int, total: int, note: str = "") -> None:
        """Pass progress on, not oftener than people can see; the last step always."""
        now_s = time.monotonic()
        if now_s - self._told_at_s >= _PROGRESS_EVERY_S or done >= total:
            self._told_at_s = now_s
            self._wire.send(
                pipe.pack({"kind": "progress", "done": int(done), "total": int(total), "note": str(note)[:200]})
            )


def named(path: str) -> Any:
    """What a `module:name` string stands for."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _arguments(tool: Tool, given: Mapping[str, Any]) -> Any:
    """The tool's typed arguments; refuses with the path and the fault of each that does not fit."""
    try:
        return tool.args.model_validate(given)
    except ValidationError as error:
        words = [f"{'.'.join(map(str, row['loc'])) or 'input'}: {row['msg']}" for row in error.errors()[:5]]
        raise ToolError("bad_arguments", "; ".join(words)) from None


def answer(work: Callable[[Mapping[str, Any]], Answer], call: Mapping[str, Any], worn: Callable[[], bool]) -> bytes:
    """The packed frame that answers a call, whatever happens while it is worked on."""
    try:
        return _packed(*work(call), worn())
    except ToolError as error:
        header = {"kind": "refused", "code": error.code, "text": error.text, "worn": worn()}
    except MemoryError:
        _reserve.clear()
        header = {"kind": "broke", "reason": "out_of_memory", "worn": True}
    except confinement.ForbiddenError as error:
        traceback.print_exc()
        header = {"kind": "broke", "reason": "forbidden", "worn": worn(), "deed": error.deed}
    except pipe.TooLargeError:
        header = {"kind": "broke", "reason": "too_large", "worn": worn()}
    except BaseException:  # a tool's SystemExit ends the call, not the worker
        traceback.print_exc()
        header = {"kind": "broke", "reason": "failed", "worn": worn()}
    return pipe.pack(header)


def _packed(header: dict[str, Any], body: bytes, worn: bool) -> bytes:
    packed = pipe.pack({**header, "worn": worn}, body)
    if len(packed) > _MAX_OUTCOME_BYTES and header["kind"] != "read":  # what is read goes to the disk, not to a reader
        raise pipe.TooLargeError("the outcome is too large")
    return packed


def _listen(incoming: BinaryIO, calls: queue.SimpleQueue[bytes]) -> None:
    """Hand frames to the main thread; end the process when there is nobody left to answer."""
    try:
        while (packed := pipe.read_frame(incoming)) is not None:
            calls.put(packed)
    finally:
        os._exit(0)


def _warm(names: Sequence[str]) -> None:
    """Import what calls will want anyway; what is not installed is not wanted."""
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise


def serve() -> NoReturn:
    """The life of a worker."""
    confinement.stand_back()
    walls = confinement.cut_network()
    confinement.die_with_parent()
    wire = Wire()
    first = pipe.read_frame(wire.incoming)
    if first is None:
        os._exit(0)
    setup = pipe.unpack(first).header
    walls += confinement.limit(setup["memory_bytes"])
    bench = Bench(setup, wire)
    mimetypes.init()  # reads the system's tables, for which openpyxl would look behind the walls
    _warm(setup["warm"])
    walls += confinement.seal([Path(path) for path in setup["readable"]])
    gc.collect()
    gc.freeze()  # what was imported stays for good; no collection need look at it again
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire.incoming, calls), daemon=True).start()
    wire.send(pipe.pack({"kind": "ready", "walls": walls}))
    _answer_calls(bench, wire, calls, setup["memory_bytes"] * _WORN_SHARE)


def _answer_calls(bench: Bench, wire: Wire, calls: queue.SimpleQueue[bytes], worn_bytes: float) -> NoReturn:
    while True:
        call = pipe.unpack(calls.get()).header
        wire.send(pipe.pack({"kind": "begun"}))
        confinement.allow_processor(call["processor_s"])
        wire.send(answer(bench.answer, call, lambda: confinement.peak_memory_bytes() > worn_bytes))


if __name__ == "__main__":
    serve()
