"""A sheet's stored cells to a grid: numbers and days as `Typed` cells, words as they stand, merged cells where they say.

A sheet begins where its first cell stands, so that an empty column at the left (most models have one) is no column of
a table; `Grid.first_column` and `Grid.numbers` keep the way back to A1. What is merged over columns spans them; what is
merged over rows stands, in a header, over the row that has the columns' own words, and in the body in every row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tools.documents.document import Passage, Table, column_letters
from tools.documents.formats import typed_day, typed_number
from tools.documents.stored import Cell, Typed
from tools.documents.tables import Grid
from tools.documents.written import Written

MAX_TEXT = 32_767
MAX_PASSAGE = 2_000
PARAGRAPH = 300
Merged = tuple[Cell, Cell]


def make_grid(
    name: str, rows: Sequence[Sequence[Any]], start: Cell, said: Written, merged: Sequence[Merged] | None
) -> Grid:
    """The grid of a sheet whose stored `rows` begin at `start`. `said`: number formats and errors by cell, as far as they
    are known; `merged`: the merged ranges, None where the file does not say.
    """
    top, left = start
    formats, errors = said.formats, said.errors
    texts: dict[str, str] = {}
    grid: list[list[str]] = []
    for row, cells in enumerate(rows, top):
        made: list[str] = []
        for column, stored in enumerate(cells, left):
            if stored == "" and isinstance(stored, str):
                made.append(errors.get((row, column), "") if errors else "")
            elif isinstance(stored, str):
                text = _text(stored)
                made.append(texts.setdefault(text, text))
            else:
                made.append(_typed(stored, formats.get((row, column), "") if formats else ""))
        grid.append(made)
    numbers = range(top + 1, top + 1 + len(grid))
    spans = _lay_merged(grid, merged, start) if merged else None  # who merges nothing may centre over columns
    return Grid(grid, numbers, name, sheet=name, first_column=left + 1, spans=spans)


def _text(stored: str) -> str:
    """Words as a table wants them: what holds nothing but spaces that do not break is empty."""
    return "" if stored.isspace() else stored[:MAX_TEXT]


def _typed(stored: Any, code: str) -> str:
    if isinstance(stored, bool):
        return "TRUE" if stored else "FALSE"
    if isinstance(stored, int | float):
        return typed_number(stored, code) or str(stored)
    if isinstance(stored, datetime | date):
        return typed_day(stored, code)
    if isinstance(stored, time):
        return Typed(stored.isoformat())
    if isinstance(stored, timedelta):
        return Typed(f"{stored.total_seconds() / 3600:.2f} hours")
    return str(stored)


def _lay_merged(grid: list[list[str]], merged: Sequence[Merged], start: Cell) -> Mapping[int, Mapping[int, int]]:
    """Spreads what is merged over rows, and says what is merged over columns."""
    top, left = start
    spans: dict[int, dict[int, int]] = defaultdict(dict)
    for (first_row, first_column), (last_row, last_column) in merged:
        row, column = first_row - top, first_column - left
        if not (0 <= row < len(grid) and 0 <= column < len(grid[row])) or not grid[row][column]:
            continue
        last = min(last_row - top, len(grid) - 1)
        if last > row:
            row = _lay_down(grid, row, last, column)
        if last_column > first_column:
            for each in {row, last}:
                spans[each][column] = last_column - first_column + 1
    return spans


def _lay_down(grid: list[list[str]], row: int, last: int, column: int) -> int:
    """A cell merged over rows: among rows of numbers it holds for each, in a header it belongs to the lowest row."""
    said = grid[row][column]
    if any(isinstance(cell, Typed) and cell.number for cell in grid[row][column + 1 :]):
        for each in range(row + 1, last + 1):
            if column < len(grid[each]):
                grid[each][column] = said
        return row
    grid[row][column], grid[last][column] = "", said
    return last


def is_prose(table: Table) -> bool:
    """Whether a table is the notes of a report: no number, no date, and paragraphs in its cells."""
    if any(column.kind != "text" for column in table.columns):
        return False
    return any(len(text) > PARAGRAPH for column in table.columns for text in column.texts)


def passages_of(table: Table) -> list[Passage]:
    """The texts of a table of prose, cell by cell, long ones in parts that end with a sentence where they can."""
    made: list[Passage] = []
    for number, column in zip(table.fields, table.columns, strict=True):
        for line, text in zip(table.lines, column.texts, strict=True):
            at = (("sheet", table.sheet), ("cell", f"{column_letters(number)}{line}"))
            made += [Passage(part, at) for part in _parts(str(text).strip())]
    return made


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    while len(text) > MAX_PASSAGE:
        cut = max(
            text.rfind(". ", 0, MAX_PASSAGE) + 1,
            text.rfind(" ", 0, MAX_PASSAGE) if ". " not in text[:MAX_PASSAGE] else 0,
        )
        cut = cut if cut > MAX_PASSAGE // 4 else MAX_PASSAGE
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text] if text else parts
