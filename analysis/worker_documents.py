"""The documents a worker has at hand: read from the cache when a tool asks for them, kept while there is room.

The same bytes may be several documents (two owners, two names), so what is kept belongs to the bytes, and a call's own
id and name are put on it when it is handed out. The tables inside are shared: tools read, they never write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from tools.dataroom import Room
from tools.documents import kept
from tools.documents.document import Document
from tools.refusals import ToolError
from tools.results import ResultTable
from tools.values import Value

CONTENT = "document.json"
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class WatchedRoom(Room):
    """A room that also passes on how far a tool is; tools of long calls look for `progress(done, total, note)`."""

    progress: Progress = lambda done, total, note: None


class Documents:
    """Documents by the hash of their bytes, at most `room_bytes` of cached JSON, the longest unused leaving first."""

    def __init__(self, cache: Path, room_bytes: int = 48 * 1024 * 1024) -> None:
        self._cache = cache
        self._room_bytes = room_bytes
        self._kept: dict[str, tuple[Document, int]] = {}  # in order of use
        self._made: dict[str, dict[str, Any]] = {}  # what tools made of those that are kept

    def room(self, call: Mapping[str, Any], progress: Progress) -> WatchedRoom:
        """The data room of one call, which opens its documents only when they are looked at."""
        values = {name: Value.from_wire(wire) for name, wire in call["values"].items()}
        results = {name: ResultTable.from_wire(wire, values) for name, wire in call["results"].items()}
        cards = [(alias, document_id, name) for alias, document_id, name, _ in call["documents"]]
        hashes = {document_id: (sha256, name) for _, document_id, name, sha256 in call["documents"]}
        opened: dict[str, Document] = {}

        def load(document_id: str) -> Document:
            if document_id not in opened:
                sha256, name = hashes[document_id]
                opened[document_id] = replace(self.content(sha256, name), document_id=document_id, name=name)
            return opened[document_id]

        return WatchedRoom(cards, load, values, results, memory=self._memory, progress=progress)

    def _memory(self, document: Document) -> dict[str, Any]:
        """What was made of a document's content, forgotten with it."""
        return self._made.setdefault(document.sha256, {}) if document.sha256 in self._kept else {}

    def content(self, sha256: str, name: str) -> Document:
        """The document with these bytes. Refuses with ToolError `document_unavailable` when the cache has lost it."""
        kept = self._kept.pop(sha256, None)
        if kept is None:
            kept = self._load(self._cache / sha256 / CONTENT, name)
        self._kept[sha256] = kept
        return kept[0]

    def _load(self, path: Path, name: str) -> tuple[Document, int]:
        """Make room first, then read: two large documents may not fit beside each other."""
        try:
            size = path.stat().st_size
            while self._kept and sum(bytes_ for _, bytes_ in self._kept.values()) + size > self._room_bytes:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._made.pop(oldest, None)
            return kept.from_json(orjson.loads(path.read_bytes())), size
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ToolError(
                "document_unavailable",
                f"the content of {name} is not at hand; ask the user to attach the document again",
            ) from error
