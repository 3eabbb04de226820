"""An answer on standard output: prose block by block, tables and headline figures among it, charts as files.

On a terminal, prose is laid out as Markdown and coloured (NO_COLOR and TERM=dumb are honoured); elsewhere it is the
Markdown as it was written, a paragraph a line, so that `> answer.md` and `| grep` work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Heading, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from api.terminal import tables
from api.terminal.blocks import Item, Prose, Shown
from api.terminal.charts import Charts
from api.terminal.footnotes import Footnote, Footnotes
from api.terminal.lines import SPELLING, printable, printable_block
from api.terminal.ticks import FIRST, LAST, STYLES, Glyphs, Tick, revealed, with_ticks

Json = dict[str, Any]

READABLE_WIDTH = 100  # prose in longer lines is hard to read
PLAIN_WIDTH = 100_000  # a file has no edge
FOOTNOTED_FIGURES = 60  # of one table, at most; more footnotes than that help nobody
_TICK = re.compile(f"([{FIRST}-{LAST}]+)")
_ARROWS = {"up": ("▲", "+"), "down": ("▼", "-")}
_BARS = "▁▂▃▄▅▆▇█"
_STYLES = {state: Style.parse(style) for state, style in STYLES.items()}


class _LeftHeading(Heading):
    """A heading where reading begins."""

    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _Markdown(Markdown):
    """Markdown that begins at the left."""

    elements: ClassVar = {**Markdown.elements, "heading_open": _LeftHeading}


class _Ticked:
    """A block of Markdown whose ticks come into sight, in their colours, when its lines are broken."""

    def __init__(self, text: str, glyphs: Glyphs) -> None:
        self._markdown = _Markdown(text, hyperlinks=False)  # an address is shown, not hidden behind words
        self._glyphs = glyphs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._markdown, options):
            if segment.control or not _TICK.search(segment.text):
                yield segment
            else:
                yield from self._revealed(segment)

    def _revealed(self, segment: Segment) -> Iterator[Segment]:
        for piece in filter(None, _TICK.split(segment.text)):
            shown = revealed(piece)
            style = _STYLES.get(self._glyphs.state_of(shown)) if shown != piece else None
            yield Segment(shown, (segment.style or Style()) + style if style else segment.style)


class Page:
    """Standard output. `footnotes` numbers what it shows where the reader asked for sources; `charts` writes files."""

    def __init__(self, stream: TextIO, charts: Charts, footnotes: Footnotes | None = None) -> None:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=SPELLING)
        self.glyphs = Glyphs.for_encoding(getattr(stream, "encoding", None))
        self.console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False)
        self.pretty = self.console.is_terminal and not self.console.is_dumb_terminal
        if not self.console.is_terminal:
            self.console.width = PLAIN_WIDTH
        self._stream = stream
        self.charts = charts
        self._footnotes = footnotes
        self._empty = True
        self._last_was_metric = False

    def show(self, items: Iterable[Item]) -> None:
        """Print what is finished, and let it be seen at once. OSError where a chart cannot be written."""
        for item in items:
            is_metric = isinstance(item, Shown) and item.kind == "metric"
            if not self._empty and not (is_metric and self._last_was_metric):
                self._write("\n")
            self._empty, self._last_was_metric = False, is_metric
            self._prose(item) if isinstance(item, Prose) else self._shown(item)
            self._stream.flush()

    def lines(self, *lines: RenderableType) -> None:
        """Lines of our own."""
        for line in lines:
            self._print(line)
        self._stream.flush()

    def raw(self, wire: bytes) -> None:
        """A line of JSON, as it came, at once."""
        out = getattr(self._stream, "buffer", None)
        if out is None:
            self._stream.write(f"{wire.decode()}\n")
        else:
            out.write(wire + b"\n")
            out.flush()

    def footnotes(self, notes: Sequence[Footnote]) -> None:
        """Where the figures come from."""
        if not notes:
            return
        self.gap()
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column()
        for note in notes:
            head = Text.assemble(note.name, "  " if note.name else "", (note.shown, "bold"))
            head.append(f" {self.glyphs.tick(note.state)}", STYLES.get(note.state, ""))
            grid.add_row(Text(f"[{note.number}]", "dim"), head)
            for line in note.lines:
                grid.add_row("", Text(line, "dim"))
        self.lines(Text("Sources", "bold"), grid)

    def gap(self) -> None:
        """An empty line, where something stands above."""
        if not self._empty:
            self._write("\n")
        self._empty = True

    def _prose(self, block: Prose) -> None:
        text = printable_block(block.text)
        ticked = with_ticks(text, [(tick.end - block.start, self._tick(tick)) for tick in block.ticks])
        if not self.pretty:
            self._write(f"{revealed(ticked)}\n")
            return
        self.console.print(_Ticked(ticked, self.glyphs), width=min(self.console.width, READABLE_WIDTH))

    def _shown(self, item: Shown) -> None:
        if item.kind == "metric":
            self._print(self._metric(item.payload))
        elif item.kind == "table":
            figures = sum(isinstance(cell, dict) for row in item.payload["rows"] for cell in row)
            few = figures <= FOOTNOTED_FIGURES
            for line in tables.drawn(
                item.payload, self.console, self.glyphs.fancy, lambda state, value_id: self._sign(state, value_id, few)
            ):
                self._print(line, whole=True)
        else:
            self._chart(item.payload)

    def _chart(self, data: Json) -> None:
        path = self.charts.write(data)
        self._print(Text(printable(data["title"]), "bold"))
        if data.get("summary"):
            self._print(Text(printable(data["summary"])))
        self._print(Text(str(path), "cyan"), whole=True)

    def _metric(self, data: Json) -> Text:
        value, change = data["value"], data.get("change")
        text = Text.assemble((f"{printable(data['label'])}  ", ""), (printable(value["shown"]), "bold"))
        self._append_tick(text, value)
        if change:
            arrow, sign = _ARROWS.get(change["direction"], ("", ""))
            shown = printable(change["shown"])
            if arrow and self.glyphs.fancy:
                shown = f"{arrow} {shown.lstrip('+-−')}"
            elif sign and shown[:1] not in "+-−":
                shown = sign + shown
            text.append(f"   {shown}")
            self._append_tick(text, change.get("value") or {})
            if change.get("against"):
                text.append(f" on {printable(change['against'])}", "dim")
        course = bars((data.get("sparkline") or {}).get("values") or ())
        if course and self.glyphs.fancy:
            text.append(f"   {course}", "dim")
        return text

    def _append_tick(self, text: Text, value: Json) -> None:
        sign = self._sign(value.get("state", ""), value.get("value_id", ""))
        if sign:
            text.append(f" {sign}", STYLES.get(value["state"], ""))

    def _tick(self, tick: Tick) -> str:
        number = self._footnotes.number_of(tick) if self._footnotes else None
        return self.glyphs.tick(tick.state, number)

    def _sign(self, state: str, value_id: str, footnoted: bool = True) -> str:
        if not state:
            return ""
        wanted = self._footnotes is not None and footnoted and value_id
        return self._tick(Tick(0, 0, state, value_id=value_id)) if wanted else self.glyphs.tick(state)

    def _print(self, line: RenderableType, whole: bool = False) -> None:
        """Print it; what is `whole` is not broken, so that it can be copied and clicked."""
        if self.pretty:
            self.console.print(line, soft_wrap=whole)
            return
        with self.console.capture() as captured:
            self.console.print(line)
        self._write("".join(f"{one.rstrip()}\n" for one in captured.get().splitlines()))

    def _write(self, text: str) -> None:
        self._stream.write(text)


def bars(values: Iterable[float | None]) -> str:
    """A course in eight heights; nothing for fewer than two points.

    >>> bars([48.3, 52.8, None, 61.9]), bars([1])
    ('▁▃ █', '')
    """
    points = list(values)
    known = [value for value in points if value is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1
    steps = len(_BARS) - 1
    return "".join(" " if value is None else _BARS[round((value - low) / spread * steps)] for value in points)
