"""The workbench: tools run, files are read and pages drawn in warm worker processes, so the event loop never computes.

A call waits for a free worker, first come first served, and has that worker to itself. Whatever happens in it (an
endless loop, all the memory, a crash) ends that one call: the worker is killed and replaced, and the next call works.
With two or more workers one of them is never given a file to read or to draw, so no file can starve the tools.

Workers are started with an environment of their own (no key, no address, no home) and confine themselves; see
`analysis.worker` and `analysis.confinement`. What we dislike: a replacement warms up for about a second, during which
one worker fewer is there. Forking a warm mother process would be instant, but not on every system.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from analysis.errors import CallerError
from analysis.pipe import Frame, GarbledError, TooLargeError
from analysis.signals import Artifact, ToolRaised, ToolReturned
from analysis.workbench_crew import Crew, DownError, Work
from analysis.workbench_words import PAGE_WORDS, READ_WORDS, TOOL_WORDS
from analysis.worker_process import DiedError, OverranError, Progress
from tools.values import Value

ReadProgress = Callable[[str, int, int], None]

_log = logging.getLogger("tickmark.workbench")
WARM: Sequence[str] = (
    "pandas",
    "plotly.graph_objects",
    "tools.outcome",
    "tools.documents.csv",
    "tools.documents.workbook",
    "tools.documents.pdf.reader",
    "tools.documents.rendering",
)
_VALUES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A validated call and all it may look at: documents as (alias, document id, name, sha256), and the values and
    result tables its input names (with the values inside those tables), in wire form by id."""

    tool_id: str
    tool_name: str
    input: Mapping[str, Any]
    documents: Sequence[tuple[str, str, str, str]] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Workbench:
    """The workers of one server process. `cache` holds `<sha256>/document.json`; documents to be read lie in `sources`
    (by default the folder `blobs` beside the cache). Workers read there, in the interpreter's folders, and nowhere else.

    `tools`, `reader` and `outcome` are `module:name` strings and `renderer` is a module, looked up in the workers only.
    """

    def __init__(
        self,
        cache: Path,
        *,
        sources: Path | None = None,
        workers: int = 2,
        memory_bytes: int = 1_500_000_000,
        tool_timeout_s: float = 30,
        read_timeout_s: float = 300,
        show_timeout_s: float = 20,
        max_pages: int = 3_000,
        tools: str = "tools:TOOLS",
        reader: str = "tools.documents:read",
        renderer: str = "tools.documents.rendering",
        outcome: str = "tools.outcome:outcome",
        warm: Sequence[str] = WARM,
    ) -> None:
        self.cache = cache.absolute()
        self.sources = (sources or cache.parent / "blobs").absolute()
        self._timeout_s: Mapping[Work, float] = {
            "tool": tool_timeout_s,
            "read": read_timeout_s,
            "show": show_timeout_s,
            "look": tool_timeout_s,
        }
        setup = {
            "kind": "setup",
            "tools": tools,
            "reader": reader,
            "renderer": renderer,
            "outcome": outcome,
            "warm": list(warm),
            "max_pages": max_pages,
            "memory_bytes": memory_bytes,
            "cache": str(self.cache),
            "readable": [str(self.cache), str(self.sources)],
        }
        self._crew = Crew(workers, setup, self.cache)

    async def start(self) -> None:
        """Begin to start the workers; calls that come before they are warm wait for them."""
        for folder in (self.cache, self.sources):
            await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        self._crew.start()

    async def close(self) -> None:
        """End all workers and refuse what waits. Afterwards no process and no task of ours is left."""
        await self._crew.close()

    @property
    def ready(self) -> bool:
        """Whether a call would find a warm worker, at work or not."""
        return bool(self._crew.pids)

    @property
    def pids(self) -> Sequence[int]:
        """The process ids of the warm workers."""
        return self._crew.pids

    @property
    def walls(self) -> Sequence[str]:
        """What confines the workers on this system (see analysis.confinement); empty until one is warm."""
        return self._crew.walls

    async def run_tool(self, call: ToolCall, on_progress: Progress | None = None) -> ToolReturned | ToolRaised:
        """Run a tool. Never raises for what a tool does; a call that is cancelled is killed."""
        header = {
            "tool_name": call.tool_name,
            "input": call.input,
            "documents": [list(card) for card in call.documents],
            "values": call.values,
            "results": call.results,
        }
        clock = asyncio.get_running_loop().time
        started_s = clock()

        def duration_ms() -> int:
            return round((clock() - started_s) * 1000)

        try:
            frame = await self._ask("tool", header, on_progress)
            if frame.kind == "returned":
                return await _returned(call.tool_id, frame, duration_ms())
            if frame.kind == "refused":
                return ToolRaised(call.tool_id, str(frame.header["code"]), str(frame.header["text"]), duration_ms())
            reason, deed = str(frame.header.get("reason")), str(frame.header.get("deed", ""))
        except (DiedError, OverranError, DownError, GarbledError) as error:
            reason, deed = _REASONS[type(error)], ""
        except (KeyError, TypeError, ValueError, ArithmeticError):  # an outcome that is not one
            _log.exception("tool %s: the outcome does not have its shape", call.tool_name)
            reason, deed = "failed", ""
        code, words = TOOL_WORDS.get(reason, TOOL_WORDS["failed"])
        text = words.format(name=call.tool_name, seconds=f"{self._timeout_s['tool']:g}", deed=deed)
        return ToolRaised(call.tool_id, code, text, duration_ms())

    async def read_document(
        self,
        source: Path,
        *,
        document_id: str,
        name: str,
        media_type: str,
        sha256: str,
        on_progress: ReadProgress | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Read the file at `source` (an absolute path below `sources`): its card, and the Document as JSON for the cache.

        CallerError in the reader's words, or `unreadable_document`; TickmarkError `workbench_down`.
        """
        header = {"source": str(source), "document_id": document_id, "name": name}
        header |= {"media_type": media_type, "sha256": sha256}
        progress = (lambda done, total, stage: on_progress(stage, done, total)) if on_progress else None
        frame, reason = await self._answered("read", header, progress)
        if frame is not None and isinstance(frame.header.get("card"), dict):
            return frame.header["card"], frame.body
        words = READ_WORDS.get(reason, READ_WORDS["failed"])
        raise CallerError("unreadable_document", words.format(name=name, seconds=f"{self._timeout_s['read']:g}"))

    async def render_page(self, source: Path, *, name: str, page: int, width_px: int) -> bytes:
        """A page (from 1) of the file at `source` as WebP, see tools.documents.rendering. CallerError in its words, or
        `unreadable_page`; TickmarkError `workbench_down`."""
        header = {"source": str(source), "name": name, "page": page, "width_px": width_px}
        return (await self._show(header, f"page {page}", name)).body

    async def page_sizes(self, source: Path, *, name: str) -> list[tuple[float, float]]:
        """The width and height of every page in points. Raises as `render_page`."""
        frame = await self._show({"source": str(source), "name": name}, "the pages", name)
        return [(float(width), float(height)) for width, height in frame.header["sizes"]]

    async def look_around(
        self, document: tuple[str, str, str], place: Mapping[str, Sequence[str]], rows: int
    ) -> dict[str, Any]:
        """What stands around a place of a document (id, name, sha256) that the cache holds, see
        tools.documents.surroundings. CallerError in its words, or `unreadable_document`; TickmarkError `workbench_down`."""
        header = {"place": dict(place), "rows": rows, "documents": [["d1", *document]], "values": {}, "results": {}}
        frame, reason = await self._answered("look", header)
        if frame is None:
            words = READ_WORDS.get(reason, READ_WORDS["failed"])
            raise CallerError(
                "unreadable_document", words.format(name=document[1], seconds=f"{self._timeout_s['look']:g}")
            )
        around: dict[str, Any] = frame.header["around"]
        return around

    async def _show(self, header: dict[str, Any], what: str, name: str) -> Frame:
        frame, reason = await self._answered("show", header)
        if frame is not None:
            return frame
        words = PAGE_WORDS.get(reason, PAGE_WORDS["failed"])
        text = words.format(what=what, name=name, seconds=f"{self._timeout_s['show']:g}")
        raise CallerError("unreadable_page", text[:1].upper() + text[1:])

    async def _answered(
        self, work: Work, header: dict[str, Any], on_progress: Progress | None = None
    ) -> tuple[Frame | None, str]:
        """The worker's answer, or the reason why there is none. CallerError in the words of who refused."""
        try:
            frame = await self._ask(work, header, on_progress)
        except (DiedError, OverranError, GarbledError) as error:
            return None, _REASONS[type(error)]
        if frame.kind == "refused":
            raise CallerError(str(frame.header.get("code")), str(frame.header.get("text")))
        return (None, str(frame.header.get("reason"))) if frame.kind == "broke" else (frame, "")

    async def _ask(self, work: Work, call: dict[str, Any], on_progress: Progress | None) -> Frame:
        """Have the next free worker answer; where one died before it took up the call, another one."""
        timeout_s = self._timeout_s[work]
        call = {"kind": work, "processor_s": 2 * timeout_s + 10, **call}
        for attempts_left in (2, 1, 0):
            async with self._crew.worker(work) as worker:
                try:
                    return await worker.ask(call, timeout_s, on_progress)
                except DiedError as death:
                    if death.begun or not attempts_left:
                        raise
        raise AssertionError("unreachable")


_REASONS: Mapping[type[Exception], str] = {
    DiedError: "died",
    OverranError: "overran",
    DownError: "down",
    GarbledError: "failed",
    TooLargeError: "too_large",
}


async def _returned(tool_id: str, frame: Frame, duration_ms: int) -> ToolReturned:
    """The outcome as a signal. Many values are made in portions, so that other conversations are not held up."""
    outcome, lines = frame.header, frame.body.split(b"\n") if frame.body else []
    values: list[Value] = []
    for start in range(0, len(lines), _VALUES_AT_ONCE):
        values += [Value.from_wire(orjson.loads(line)) for line in lines[start : start + _VALUES_AT_ONCE]]
        await asyncio.sleep(0)
    return ToolReturned(
        tool_id=tool_id,
        summary=outcome["summary"],
        content=outcome["content"],
        artifacts=[Artifact(row["kind"], row["payload"], row["full_rows"]) for row in outcome["artifacts"]],
        values=values,
        tables=outcome["tables"],
        data=outcome["data"],
        duration_ms=duration_ms,
    )
