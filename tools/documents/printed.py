"""Tables that are laid out in cells, as they look: printed columns, a header over them, rows with their labels.

Filings lay out one printed column over three cells (`$`, `1,234`, `)`), and give a cell two of them where there is no `$`.
What stays the same from row to row is where figures end; so, as on a page, columns are the cells' right ends. Pages and
text documents share this; what a cell is, their readers know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.documents.document import Table
from tools.documents.headings import Frame, following
from tools.documents.layout import Block
from tools.documents.periods import read_period
from tools.documents.tables import Grid, Reading, read_block

_BEFORE = re.compile(r"(?:US\$|C\$|[$€£¥]|\(|\(\$|\$\()")
_AFTER = re.compile(r"(?:\)|%|\)%|%\)|x|bps|pts?)(?:\([a-z0-9]\))?")
_AMOUNT = re.compile(
    r"[(\[]*(?:US\$|[$€£¥])?\s*[(]?[-–−]?\s*(?:[$€£¥])?\s*(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\s*[)%x]*(?:\([a-z0-9]{1,2}\))?"
)
_DASH = re.compile(r"(?:[$€£¥]\s*)?\(?[-–—−]{1,3}\)?\s*%?")


@dataclass(slots=True)
class Piece:
    """A cell, or several put together: its text, the columns of the grid it spans (end inclusive), its elements."""

    text: str
    start: int
    end: int
    nodes: list[Any] = field(default_factory=list)

    @property
    def is_figure(self) -> bool:
        return bool(_AMOUNT.fullmatch(self.text) or _DASH.fullmatch(self.text))


@dataclass(slots=True)
class Sketch:
    """A table read off the page: header rows by column with the number of columns spanned, rows of texts, and for each
    filled cell the elements it came from. `titles`: rows above the header that stand alone.
    """

    titles: list[str] = field(default_factory=list)
    header: list[dict[int, tuple[str, int]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    nodes: dict[tuple[int, int], list[Any]] = field(default_factory=dict)
    width: int = 0


def joined(row: Sequence[Piece]) -> list[Piece]:
    """The pieces of a row with currency signs, brackets and percent signs put to their figures."""
    found: list[Piece] = []
    waiting: Piece | None = None
    for piece in row:
        last = found[-1] if found else None
        if last is not None and _AFTER.fullmatch(piece.text) and piece.start - last.end <= 2 and _takes_more(last):
            last.text += piece.text if piece.text[0] in ")%" else f" {piece.text}"
            last.nodes += piece.nodes
            continue
        if _BEFORE.fullmatch(piece.text):
            waiting = piece
            continue
        if waiting is not None and piece.is_figure:
            sign = waiting.text if waiting.text.endswith("(") else f"{waiting.text} "
            piece = Piece(sign + piece.text, waiting.start, piece.end, waiting.nodes + piece.nodes)
        waiting = None
        found.append(piece)
    return found


def _takes_more(piece: Piece) -> bool:
    return any(sign.isdigit() for sign in piece.text) or bool(_DASH.fullmatch(piece.text.strip("($ ")))


def sketch_rows(rows: Sequence[Sequence[Piece]]) -> Sketch | None:
    """The table as it looks; None where it is there for the layout: it has fewer than two figures, or one column."""
    rows = [joined(row) for row in rows]
    figures = [piece for row in rows for piece in row[1:] if piece.is_figure]
    filled = [row for row in rows if row]
    if len(figures) < 2 or len(filled) < 2:
        return None
    first = next((at for at, row in enumerate(rows) if _has_amount(row)), None)
    if first is None:
        return None
    ends = _columns(rows[first:])
    if not ends:
        return None
    return _fill(rows, first, ends)


def _has_amount(row: Sequence[Piece]) -> bool:
    """Whether a row has a figure that no header has: not a year, not a date."""
    figures = [piece for piece in row if piece.is_figure and piece.start > 0]
    return any(any(sign.isdigit() for sign in piece.text) and not _names_period(piece.text) for piece in figures)


def _names_period(text: str) -> bool:
    return read_period(text.strip("()")) is not None and not any(sign in "$€£%.," for sign in text)


def _columns(rows: Sequence[Sequence[Piece]]) -> list[int]:
    """The right ends at which figures stand, from left to right; words in the body make columns where no figure does."""
    ends = Counter(piece.end for row in rows for piece in row if piece.start > 0 and piece.is_figure)
    words = Counter(piece.end for row in rows for piece in row if piece.start > 0 and not piece.is_figure)
    starts = {piece.end: piece.start for row in rows for piece in row if not piece.is_figure and piece.start > 0}
    for end, count in words.items():
        free = not any(starts[end] <= other <= end for other in ends)
        if free and count >= 2:
            ends[end] = count
    return sorted(ends)


def _fill(rows: Sequence[Sequence[Piece]], first: int, ends: Sequence[int]) -> Sketch:
    sketch = Sketch(width=len(ends) + 1)
    labels_end = min(ends)
    top = first
    while top > 0 and rows[top - 1] and all(piece.end < labels_end and piece.start == 0 for piece in rows[top - 1]):
        if not any(any(piece.end >= labels_end for piece in row) for row in rows[: top - 1]):
            break  # nothing but words above: they are titles
        top -= 1
    for row in rows[:top]:
        _add_head(sketch, row, ends)
    for row in rows[top:]:
        if row:
            _add_row(sketch, row, ends)
    return sketch


def _add_head(sketch: Sketch, row: Sequence[Piece], ends: Sequence[int]) -> None:
    found: dict[int, tuple[str, int]] = {}
    for piece in row:
        under = [at for at, end in enumerate(ends) if piece.start <= end <= piece.end]
        if piece.start == 0 and (not under or len(row) == 1):
            if len(row) == 1 and not sketch.header:
                sketch.titles.append(piece.text)
                return
            found[0] = (piece.text, 1)
        elif under:
            found[under[0] + 1] = (piece.text, len(under))
        else:
            near = min(range(len(ends)), key=lambda at: abs(ends[at] - piece.end))
            found.setdefault(near + 1, (piece.text, 1))
    if found:
        sketch.header.append(found)


def _add_row(sketch: Sketch, row: Sequence[Piece], ends: Sequence[int]) -> None:
    index = len(sketch.rows)
    texts = [""] * sketch.width
    for piece in row:
        column = 0 if piece.start == 0 and not (piece.is_figure and piece.end in ends) else _column(piece, ends) + 1
        texts[column] = f"{texts[column]} {piece.text}".strip()
        sketch.nodes.setdefault((index, column), []).extend(piece.nodes)
    sketch.rows.append(texts)


def _column(piece: Piece, ends: Sequence[int]) -> int:
    under = [at for at, end in enumerate(ends) if piece.start <= end <= piece.end]
    return under[-1] if under else min(range(len(ends)), key=lambda at: abs(ends[at] - piece.end))


MAX_TITLES = 6
MAX_TITLE_CHARS = 240
_LONG = 160
_FURNITURE = re.compile(  # page numbers, running heads, footnotes of the table before
    r"\W*(?:[0-9]{1,4}|table of contents|\(?continued\)?)\W*$|.{0,80}\bform (?:10-[kq]|20-f)\b.{0,20}\b[0-9]{1,3}$"
    r"|[(\[][0-9a-z]{1,2}[)\]]\s*\S",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z])")


def titles_of(paragraphs: Sequence[str]) -> list[str]:
    """The short paragraphs right above a table, and of one that leads in its last sentence."""
    found: list[str] = []
    for words in reversed(paragraphs[-MAX_TITLES:]):
        if _FURNITURE.match(words):
            continue
        if len(words) > _LONG:
            if words.endswith((":", ")")) or not found:
                found.insert(0, _SENTENCE.split(words)[-1][-MAX_TITLE_CHARS:])
            break
        found.insert(0, words)
    return found


def read_sketch(
    sketch: Sketch, above: Sequence[str], name: str, reading: Reading, frame: Frame
) -> tuple[Frame, list[tuple[Table, int]]]:
    """Reads a sketched table into the reading. Gives the frame for what follows, and the tables made with the number of
    rows above their first one (so that row r of the sketch is line r plus that).
    """
    titles = [*titles_of(above), *sketch.titles]
    header = [[row.get(column, ("", 1))[0] for column in range(sketch.width)] for row in sketch.header]
    rows = [*([title] for title in titles), *header, *sketch.rows]
    first = len(titles) + len(header)
    spans = {len(titles) + at: {c: count for c, (_, count) in row.items()} for at, row in enumerate(sketch.header)}
    block = Block(list(range(len(titles))), list(range(len(titles), first)), list(range(first, len(rows))), [])
    known = len(reading.tables)
    frame = read_block(Grid(rows, range(len(rows)), name, spans=spans, lined=True), block, reading, frame)
    return following(frame), [(table, first) for table in reading.tables[known:]]
