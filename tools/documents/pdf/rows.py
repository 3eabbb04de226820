"""The rows of a table: what of each line is its label, and which figure stands in which column.

Columns are known by their right edges. What does not end at one stays where it is: a number in a label is part of the
label, however far right it stands. A label that did not fit is printed on several lines; they are put together where the
next word would not have fitted and the words go on, or the lines stand closer than rows do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tools.documents.pdf.cells import CLEAR, Cell, cells_of, chunks_of
from tools.documents.pdf.regions import Region, column_at
from tools.documents.pdf.words import Line, Word, joined

_OPEN_END = re.compile(
    r"(?:[,;(/–—]|\b(?:of|and|to|the|in|for|from|by|with|net|or|at|on|per|as|a|an|than|before|after|than|its|their|less|"
    r"including|excluding|against|under|over|between|that|which|[a-z]+-))$",
    re.I,
)
_GOES_ON = re.compile(r"[a-z(&]|[0-9$]")
_CLOSED = re.compile(r"[:.]$")


@dataclass(slots=True)
class Row:
    """One row: the words of its label, its figures by column, and words that stand in columns (`n/a`, `Various`)."""

    label: list[Word]
    cells: dict[int, list[Word]]
    top: float
    bottom: float
    lines: int = 1
    breaks: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return joined([word for word in self.label if not word.raised])

    @property
    def height(self) -> float:
        return self.bottom - self.top


class Columns:
    """The columns of a region: `edges` are their right edges, `lefts` and `rights` how far their figures reach, and
    `label_right` how far labels do; `margin` is where they begin.
    """

    def __init__(self, region: Region, lines: Sequence[Line]) -> None:
        self.edges, self.zone = region.edges, region.zone
        rows = lines[region.first : region.last + 1]
        self.margin = min(line.left for line in rows)
        self.height = sorted(line.height for line in rows)[len(rows) // 2]
        self.lefts = [edge - 2.2 * self.height for edge in self.edges]
        self.rights = list(self.edges)
        for line in rows:
            for cell in cells_of(line.words):
                column = column_at(cell.edge, self.edges, self.height)
                if column is not None and cell.left >= self.zone - 0.1:
                    self.lefts[column] = min(self.lefts[column], cell.left)
                    self.rights[column] = max(self.rights[column], cell.right)
        for column in range(1, len(self.edges)):
            self.lefts[column] = max(self.lefts[column], self.edges[column - 1])
        self.zone = min(self.zone, self.lefts[0])
        labels = [row.label[-1].right for line in rows if (row := self.row(line)).cells and row.label]
        self.label_right = max((right for right in labels if right < self.zone), default=self.zone)

    def row(self, line: Line) -> Row:
        """What a line says, column by column."""
        cells: dict[int, list[Word]] = {}
        used: set[int] = set()
        for cell in cells_of(line.words):
            column = self._column(cell)
            if column is not None and column not in cells and self._is_set_apart(cell, line):
                cells[column] = cell.words
                used.update(map(id, cell.words))
        rest = [word for word in line.words if id(word) not in used]
        label = self._label(rest, min((words[0].left for words in cells.values()), default=1e9), line)
        for word in rest[len(label) :]:
            cells.setdefault(self._nearest((word.left + word.right) / 2), []).append(word)
        for words in cells.values():
            words.sort(key=lambda word: word.left)
        return Row(label, cells, line.top, line.bottom)

    def _column(self, cell: Cell) -> int | None:
        if cell.left < self.zone - 0.1:
            return None
        column = column_at(cell.edge, self.edges, self.height)
        if column is None and not cell.is_figure:
            middle = (cell.left + cell.right) / 2
            spans = zip(self.lefts, self.rights, strict=True)
            column = next((at for at, (left, right) in enumerate(spans) if left <= middle <= right), None)
        return column

    def _is_set_apart(self, cell: Cell, line: Line) -> bool:
        """A number right behind a word, as numbers in labels are, is no figure of the column above which it happens to end."""
        before = [word for word in line.words if word.right <= cell.left + 0.1 and not word.raised]
        if not before or before[-1].left >= self.zone:
            return True
        return cell.left - before[-1].right >= 0.45 * line.height

    def _label(self, words: Sequence[Word], first_cell: float, line: Line) -> list[Word]:
        """The words at the beginning: all that stand before the columns, and what runs on from them without a gap."""
        label: list[Word] = []
        for word in words:
            if word.left >= first_cell:
                break
            apart = bool(label) and word.left - label[-1].right >= CLEAR * line.height
            if word.left >= self.zone and (apart or not label):
                break
            label.append(word)
        return label

    def _nearest(self, middle: float) -> int:
        centres = [(left + right) / 2 for left, right in zip(self.lefts, self.rights, strict=True)]
        return min(range(len(centres)), key=lambda column: abs(centres[column] - middle))


def body_rows(rows: Sequence[Row], zone: float) -> list[Row]:
    """The rows with labels that were wrapped put together."""
    width = max((_right(row) for row in rows if row.label), default=zone)
    pitch = _pitch(rows)
    made: list[Row] = []
    for row in rows:
        before = made[-1] if made else None
        if before is not None and _continues(before, row, width, pitch):
            _join(before, row)
        else:
            made.append(row)
    return made


def _pitch(rows: Sequence[Row]) -> float:
    """How far apart rows that have both label and figures stand, at least."""
    full = [row for row in rows if row.label and row.cells]
    gaps = sorted(after.top - row.top for row, after in pairwise(full) if after.top > row.top)
    return gaps[len(gaps) // 5] if gaps else 0.0


def _right(row: Row) -> float:
    return max(word.right for word in row.label)


def _continues(before: Row, row: Row, width: float, pitch: float) -> bool:
    """Whether a line goes on with the label of the one before. At most one of the two has figures."""
    if before.cells and row.cells:
        return False
    if not row.label:  # figures set between the lines of their label
        return bool(row.cells and before.label) and row.top - before.bottom < -0.2 * row.height
    if not before.label:
        return bool(before.cells) and row.top - before.bottom < -0.2 * row.height
    last = before.label[before.breaks[-1] if before.breaks else 0 :]
    step = row.top - last[0].top
    if step > max(1.6 * row.height, 0.0) or (pitch and step > 1.12 * pitch):
        return False
    ends = joined([word for word in last if not word.raised])
    if ends.endswith(":"):
        return False
    starts = row.label[0]
    no_room = max(word.right for word in last) + 0.25 * row.height + (starts.right - starts.left) > width - row.height
    unclosed = before.text.count("(") > before.text.count(")")
    if unclosed and no_room:
        return True
    goes_on = bool(_OPEN_END.search(ends)) or bool(_GOES_ON.match(starts.text))
    closer = bool(pitch) and step < 0.93 * pitch
    hangs = starts.left > last[0].left + 0.5 * row.height and not (before.breaks and starts.left > last[0].left + 1)
    if before.cells:
        return no_room and (goes_on or (closer and hangs))
    return (no_room and (goes_on or closer)) or (goes_on and closer and not _CLOSED.search(ends))


def _join(before: Row, row: Row) -> None:
    if row.label:
        before.breaks.append(len(before.label))
        before.label += row.label
    before.cells |= row.cells
    before.top, before.bottom = min(before.top, row.top), max(before.bottom, row.bottom)
    before.lines += 1


__all__ = ["Columns", "Row", "body_rows", "chunks_of"]
