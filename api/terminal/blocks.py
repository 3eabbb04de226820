"""A streamed answer, cut into what can be printed for good: paragraphs, lists, code, and what is shown beside them.

A terminal cannot go back, so a block is given out when it is finished (an empty line, a tool call, the end) and its
ticks have come. Nothing on the wire says that they have, so: ticks of cited values follow their words at once, and the
next event of another kind shows that they are through; ticks of figures that the answer wrote by hand come a moment
later, and a block that holds such figures is given `PATIENCE_S` before it is printed without.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.terminal.ticks import Tick

Json = dict[str, Any]

PATIENCE_S = 0.4
SETTLE_S = 0.05
_ARTIFACTS = {"chart_ready": "chart_data", "table_ready": "table_data", "metric_ready": "metric_data"}
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_MAYBE_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)]?)?")
_BARE = re.compile(
    r"[£$€¥₹]\s?\d|\d[\d.,]*\s?(?:%|[kmb]n?\b|tn\b|pp\b|bps?\b|thousand|million|billion)|\d{1,3}(?:,\d{3})+|\d+\.\d+"
)


@dataclass(slots=True)
class Prose:
    """A block of Markdown: text[start:] of its message as far as `text` goes, and the ticks of its figures."""

    message_id: str
    start: int
    text: str
    finished_s: float
    ticks: list[Tick] = field(default_factory=list)
    settled: bool = False  # something that is no tick has followed

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def ready_at_s(self) -> float:
        """When it can be printed at the latest."""
        bare = [found for found in _BARE.finditer(self.text) if not self._ticked(found.start() + self.start)]
        if bare:
            return self.finished_s + PATIENCE_S
        return self.finished_s + (0 if self.settled else SETTLE_S)

    def _ticked(self, at: int) -> bool:
        return any(tick.start <= at < tick.end for tick in self.ticks)


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart, a table or a metric: its kind and its payload."""

    kind: str
    payload: Json


Item = Prose | Shown


class Blocks:
    """Hears the events of one answer and gives out what can be printed, in order. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._waiting: deque[Item] = deque()
        self._cutter = _Cutter()
        self._message_id = ""
        self._early: list[Tick] = []  # ticks of the block that is still being written
        self._over = False

    def hear(self, event: Json, now_s: float) -> None:
        """Take in the next event."""
        kind = event["type"]
        if kind == "tickmark":
            self._tick(event)
            return
        self._settle()
        if kind == "message_start":
            self._message_id, self._cutter, self._over = event["message_id"], _Cutter(), False
        elif kind == "text_delta":
            self._finish(self._cutter.feed(event["text"]), now_s)
        elif kind == "tool_start":
            self._finish(self._cutter.end(), now_s)
        elif kind in _ARTIFACTS:
            if event["text_offset"] >= self._cutter.length:
                self._finish(self._cutter.end(), now_s)
            self._waiting.append(Shown(kind.removesuffix("_ready"), event[_ARTIFACTS[kind]]))
        elif kind == "message_complete":
            self._finish(self._cutter.end(), now_s)
            self._over = True

    def wait_s(self, now_s: float) -> float | None:
        """In how many seconds something can be printed; None when only an event can change that."""
        if not self._waiting:
            return None
        first = self._waiting[0]
        return 0 if self._over or isinstance(first, Shown) else max(0.0, first.ready_at_s() - now_s)

    def take(self, now_s: float) -> Iterator[Item]:
        """What can be printed now."""
        while self.wait_s(now_s) == 0:
            yield self._waiting.popleft()

    def _finish(self, pieces: list[tuple[int, str]], now_s: float) -> None:
        for start, text in pieces:
            block = Prose(self._message_id, start, text, now_s)
            block.ticks = [tick for tick in self._early if start <= tick.start < block.end]
            self._waiting.append(block)

    def _settle(self) -> None:
        for item in self._waiting:
            if isinstance(item, Prose):
                item.settled = True

    def _tick(self, event: Json) -> None:
        tick = Tick(
            event["start"],
            event["end"],
            event["state"],
            event["shown"],
            event.get("value_id", ""),
            event.get("note", ""),
        )
        for item in self._waiting:
            if isinstance(item, Prose) and item.message_id == self._message_id and item.start <= tick.start < item.end:
                item.ticks.append(tick)
                return
        self._early.append(tick)


class _Cutter:
    """Cuts one message's growing Markdown into blocks, each (where it starts, its text)."""

    def __init__(self) -> None:
        self.length = 0
        self._line = ""  # the line being written
        self._lines: list[str] = []  # whole lines of the block being written, with their ends
        self._start = 0
        self._fence = ""
        self._loose = False  # an empty line after a list: the next line decides whether the list goes on

    def feed(self, text: str) -> list[tuple[int, str]]:
        self.length += len(text)
        done: list[tuple[int, str]] = []
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            done += self._take(f"{line}\n")
        if self._loose and not _MAYBE_ITEM.fullmatch(self._line) and not self._continues(self._line):
            done += self._close()
        return done

    def end(self) -> list[tuple[int, str]]:
        """The text is over, or something is shown here."""
        line, self._line = self._line, ""
        return [*(self._take(line) if line else []), *self._close()]

    def _take(self, line: str) -> list[tuple[int, str]]:
        done: list[tuple[int, str]] = []
        empty = not line.strip()
        if self._loose and not empty and not self._continues(line):
            done = self._close()
        if empty and not self._fence and not self._lines:
            self._start += len(line)
            return done
        self._loose = self._loose and empty
        self._lines.append(line)
        self._mind_fence(line)
        if empty and not self._fence:
            if _ITEM.match(self._lines[0]):
                self._loose = True
            else:
                done += self._close()
        return done

    def _continues(self, line: str) -> bool:
        """Whether a line after an empty one goes on with the list: another item, or indented."""
        return bool(_ITEM.match(line)) or line.startswith(("  ", "\t"))

    def _mind_fence(self, line: str) -> None:
        found = _FENCE.match(line)
        if not found:
            return
        if not self._fence:
            self._fence = found[1]
        elif found[1].startswith(self._fence) and not line.strip().strip(self._fence[0]):
            self._fence = ""

    def _close(self) -> list[tuple[int, str]]:
        text = "".join(self._lines)
        start = self._start
        self._start += len(text)
        self._lines, self._fence, self._loose = [], "", False
        return [(start, text.rstrip())] if text.strip() else []
