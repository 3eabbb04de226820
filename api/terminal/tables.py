"""Tables in a terminal: numbers under each other, ticks in a column of their own width, never a digit cut off.

A table wider than the terminal is printed in parts, each with the first column again; only words are ever wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from api.terminal.lines import printable
from api.terminal.ticks import STYLES

Json = dict[str, Any]
TickOf = Callable[[str, str], str]  # (state, value id) -> what stands after the figure

ROWS_ON_SCREEN = 50
WORDS_SHARE = 0.4  # of the width, at most, for a column of words where not everything fits
LEAST_WORDS = 8
GAP = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the tick after it."""

    words: str
    tick: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its cells, and how wide it may be; its figures and its ticks have widths of their own."""

    label: str
    right: bool
    cells: Sequence[Cell]
    width: int = 0
    tick_width: int = 0

    @staticmethod
    def of(label: str, right: bool, cells: Sequence[Cell]) -> Column:
        """A column as wide as its widest cell."""
        tick_width = max((cell_len(cell.tick) for cell in cells), default=0)
        room = tick_width + 1 if tick_width else 0
        widest = max((cell_len(cell.words) for cell in cells), default=0)
        headed = cell_len(label) + (room if right else 0)  # a heading ends where its figures end
        return Column(label, right, cells, max(headed, widest + room, 1), tick_width)

    @property
    def wraps(self) -> bool:
        """Whether it holds words only, which may be broken."""
        return not self.right and not self.tick_width

    def lines(self, cell: Cell, console: Console) -> list[Text]:
        """The lines of one cell, each exactly as wide as the column."""
        if self.wraps:
            found = list(Text(cell.words).wrap(console, self.width, overflow="fold")) or [Text()]
            for line in found:
                line.rstrip()
                line.pad_right(max(0, self.width - line.cell_len))
            return found
        text = Text(cell.words)
        if self.tick_width:
            text.append(f" {cell.tick}", STYLES.get(cell.state, ""))
            text.append(" " * (self.tick_width - cell_len(cell.tick)))
        missing = max(0, self.width - text.cell_len)
        text.pad_left(missing) if self.right else text.pad_right(missing)
        return [text]


def columns_of(data: Json, tick_of: TickOf, rows: int | None = None) -> list[Column]:
    """The columns of a `table_data`, its first rows only where `rows` says how many."""
    body = data["rows"][:rows]
    return [
        Column.of(
            printable(column.get("label", "")),
            column.get("align") == "right",
            [_cell(row[at] if at < len(row) else "", tick_of) for row in body],
        )
        for at, column in enumerate(data["columns"])
    ]


def parts(columns: Sequence[Column], width: int) -> list[list[Column]]:
    """The columns, packed into as few tables of at most `width` as it takes, the first column in front of each. Columns
    of words are made narrower first; a figure is wider than the terminal only if it alone is."""
    if not columns:
        return []
    spare = width - needed(columns)
    if spare >= 0:
        return [list(columns)]
    most = max(LEAST_WORDS, int(width * WORDS_SHARE))
    label, *others = (replace(one, width=min(one.width, most)) if one.wraps else one for one in columns)
    packed: list[list[Column]] = [[label]]
    for column in others:
        if len(packed[-1]) > 1 and needed([*packed[-1], column]) > width:
            packed.append([label])
        packed[-1].append(column)
    return [_spread(group, columns[0].width, width) for group in packed]


def needed(columns: Sequence[Column]) -> int:
    """How wide a table of these columns is."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def drawn(data: Json, console: Console, fancy: bool, tick_of: TickOf) -> Iterator[Text]:
    """The lines of a `table_data`: a heading, then its parts."""
    columns = columns_of(data, tick_of, ROWS_ON_SCREEN if console.is_terminal else None)
    unit = printable(data.get("unit") or "")
    heading = Text.assemble((printable(data["title"]), "bold"), (f"  {unit}" if unit else "", "dim"))
    yield from heading.wrap(console, console.width)
    for number, group in enumerate(parts(columns, console.width)):
        if number:
            yield Text()
        yield from _part(group, console, fancy)
    shown, total = len(columns[0].cells) if columns else 0, data.get("rows_total", len(data["rows"]))
    if shown < total:
        yield Text(f"{shown:,} of {total:,} rows", "dim")


def _part(columns: Sequence[Column], console: Console, fancy: bool) -> Iterator[Text]:
    if any(column.label for column in columns):
        for line in _joined([column.lines(Cell(column.label), console) for column in columns], columns):
            line.stylize("dim")
            yield line
    yield Text(("─" if fancy else "-") * needed(columns), "dim")
    for row in zip(*(column.cells for column in columns), strict=True):
        yield from _joined([column.lines(cell, console) for cell, column in zip(row, columns, strict=True)], columns)


def _joined(cells: Sequence[list[Text]], columns: Sequence[Column]) -> Iterator[Text]:
    """The lines of a row: its cells beside each other, shorter ones filled up."""
    for at in range(max(map(len, cells))):
        line = Text(end="\n")
        for number, (cell, column) in enumerate(zip(cells, columns, strict=True)):
            line.append(" " * GAP if number else "")
            line.append_text(cell[at] if at < len(cell) else Text(" " * column.width))
        line.rstrip()
        yield line


def _spread(group: list[Column], wanted: int, width: int) -> list[Column]:
    """The group, its first column as wide as it wants to be, as far as there is room; words give way to a wide figure."""
    label, *others = group
    if not label.wraps:
        return group
    room = width - needed(others) - GAP if others else width
    return [replace(label, width=min(wanted, max(room, LEAST_WORDS))), *others]


def _cell(cell: Any, tick_of: TickOf) -> Cell:
    if isinstance(cell, dict):
        state = cell.get("state", "")
        return Cell(printable(str(cell.get("shown", ""))), tick_of(state, cell.get("value_id", "")), state)
    return Cell(printable("" if cell is None else str(cell)))
