"""A page's lines to its tables: regions, their columns, heads and rows, as grids that the readers of rows can read.

The grid keeps, cell by cell, where on the page the words stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tools.documents.document import Box
from tools.documents.pdf.heads import read_head
from tools.documents.pdf.prose import paragraphs
from tools.documents.pdf.regions import Region, find_regions
from tools.documents.pdf.rows import Columns, Row, body_rows
from tools.documents.pdf.words import Line, Word, joined
from tools.documents.periods import read_period

MAX_TITLES = 8
MAX_TITLE_CHARS = 240
_TITLE_GAP = 4.0  # line heights of white between a table and the words that are its title
_DASH = re.compile(r"\(?(?:[$€£¥] ?)?[-–—−]\)?")
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z])")
_RUNNING = re.compile(r"(?:back to )?table of contents\b|index to\b", re.I)  # the link over every page


@dataclass(slots=True)
class Sketch:
    """A table as it is printed: `titles` above it, header rows as text by column and number of columns spanned, rows of
    texts with the label first, and the box in points of every filled cell by (row, column). `lines`: the indexes of the
    page's lines that it took.
    """

    titles: list[str]
    header: list[Mapping[int, tuple[str, int]]]
    rows: list[list[str]]
    boxes: dict[tuple[int, int], Box] = field(default_factory=dict)
    lines: range = range(0)
    width: int = 0


def sketch_tables(lines: Sequence[Line]) -> list[Sketch]:
    """The tables of a page from top to bottom."""
    found: list[Sketch] = []
    floor = 0
    for region in find_regions(lines):
        sketch = _sketch(lines, region, floor)
        if sketch is not None and not _is_contents(sketch):
            found.append(sketch)
            floor = sketch.lines.stop
    return found


def _sketch(lines: Sequence[Line], region: Region, floor: int) -> Sketch | None:
    columns = Columns(region, lines)
    rows = [columns.row(line) for line in lines[region.first : region.last + 1]]
    start = _first_of_body(rows)
    if start == len(rows):
        return None
    head = read_head(lines, region.first + start, floor, columns)
    labels = [columns.row(lines[index]) for index in head.labels]
    body = body_rows([*labels, *rows[start:]], columns.zone)
    last = region.last
    sketch = Sketch(
        titles=titles_of(lines[floor : head.first]),
        header=[row for row in head.rows if any(text for text, _ in row.values())],
        rows=[],
        lines=range(head.first, last + 1),
        width=len(columns.edges) + 1,
    )
    for row in body:
        _add(sketch, row)
    return sketch


def titles_of(lines: Sequence[Line]) -> list[str]:
    """What the lines above a table call it, the nearest last: headings, and of a paragraph that leads in its last sentence."""
    found: list[str] = []
    below = lines[-1].bottom if lines else 0.0
    for paragraph in reversed(paragraphs(lines)[-MAX_TITLES:]):
        bottom = paragraph.boxes[-1][1][3]
        if below - bottom > _TITLE_GAP * paragraph.height:
            break
        below = paragraph.boxes[0][1][1]
        if _RUNNING.match(paragraph.text):
            break
        if len(paragraph.boxes) > 2 or len(paragraph.text) > MAX_TITLE_CHARS:
            if paragraph.text.endswith((":", ")")) or not found:
                found.insert(0, _SENTENCE.split(paragraph.text)[-1][-MAX_TITLE_CHARS:])
            break
        found.insert(0, paragraph.text)
    return found


def _is_contents(sketch: Sketch) -> bool:
    """Whether a table lists what stands on which page: one column of small whole numbers that hardly ever falls."""
    if sketch.width != 2 or any(
        any(sign.isdigit() for sign in text) for row in sketch.header for text, _ in row.values()
    ):
        return False
    numbers = [row[1].strip() for row in sketch.rows if row[1].strip()]
    pages = [int(number) for number in numbers if number.isdecimal() and len(number) < 4]
    if len(pages) < 4 or len(pages) < 0.9 * len(numbers):
        return False
    return sum(1 for page, after in pairwise(pages) if after >= page) >= 0.85 * (len(pages) - 1)


def _first_of_body(rows: Sequence[Row]) -> int:
    """The first row that is not header: one with a label and figures, or with figures other than years."""
    for index, row in enumerate(rows):
        texts = [joined(words) for words in row.cells.values()]
        figures = [text for text in texts if any("0" <= sign <= "9" for sign in text)]
        if figures and not all(_is_heading(text) for text in figures):
            return index
        if row.label and texts and all(_DASH.fullmatch(text) for text in texts):
            return index
    return len(rows)


def _is_heading(text: str) -> bool:
    """Whether a text names a period, as headings do: `2022`, `2Q23`, `June 30, 2023`."""
    return read_period(text.strip("()")) is not None and not any(sign in "$€£%." for sign in text)


def _add(sketch: Sketch, row: Row) -> None:
    index = len(sketch.rows)
    texts = [row.text, *("" for _ in range(sketch.width - 1))]
    if row.label:
        sketch.boxes[index, 0] = _box(row.label)
    for column, words in row.cells.items():
        texts[column + 1] = joined([word for word in words if not word.raised])
        sketch.boxes[index, column + 1] = _box(words)
    sketch.rows.append(texts)


def _box(words: Sequence[Word]) -> Box:
    return (
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )
