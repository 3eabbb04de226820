"""Tables in a terminal: numbers under each other, ticks in a column of their own width, never a digit cut off.

A table wider than the terminal is printed in parts, each with the first column again; only words are ever wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from api.terminal.lines import ASCII_LINES, LINES, printable
from api.terminal.ticks import STYLES

Json = dict[str, Any]
TickOf = Callable[[str, str], str]  # (state, value id) -> what stands after the figure

ROWS_ON_SCREEN = 50
LABEL_SHARE = 0.4  # of the width, at most, for the first column where parts are needed
_GAP = 2  # between columns: one of padding, one of the line
_LEAST = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the tick after it."""

    words: str
    tick: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its cells, and how wide figures and ticks are."""

    label: str
    right: bool
    cells: Sequence[Cell]

    @property
    def tick_width(self) -> int:
        return max((cell_len(cell.tick) for cell in self.cells), default=0)

    @property
    def width(self) -> int:
        room = self.tick_width + 1 if self.tick_width else 0
        return max(cell_len(self.label), *(cell_len(cell.words) + room for cell in self.cells), 1)


def columns_of(data: Json, tick_of: TickOf, rows: int | None = None) -> list[Column]:
    """The columns of a `table_data`, its first rows only where `rows` says how many."""
    body = data["rows"][:rows]
    return [
        Column(
            printable(column.get("label", "")),
            column.get("align") == "right",
            [_cell(row[at] if at < len(row) else "", tick_of) for row in body],
        )
        for at, column in enumerate(data["columns"])
    ]


def parts(columns: Sequence[Column], width: int) -> list[list[Column]]:
    """The columns, packed into as few tables of at most `width` as it takes, the first column in front of each."""
    if not columns:
        return []
    label, *others = columns
    if _needed(columns) <= width or not others:
        return [list(columns)]
    room = width - min(label.width, max(_LEAST, int(width * LABEL_SHARE)))
    packed: list[list[Column]] = [[]]
    for column in others:
        if packed[-1] and _needed([*packed[-1], column]) + _GAP > room:
            packed.append([])
        packed[-1].append(column)
    return [[label, *group] for group in packed]


def rendered(data: Json, console: Console, tick_of: TickOf) -> Iterator[RenderableType]:
    """A `table_data`, ready to print: a heading, then its parts."""
    on_screen = console.is_terminal
    columns = columns_of(data, tick_of, ROWS_ON_SCREEN if on_screen else None)
    unit = printable(data.get("unit") or "")
    yield Text.assemble((printable(data["title"]), "bold"), (f"  {unit}" if unit else "", "dim"))
    for group in parts(columns, console.width):
        yield _drawn(group, console)
    shown, total = len(columns[0].cells) if columns else 0, data.get("rows_total", len(data["rows"]))
    if shown < total:
        yield Text(f"{shown:,} of {total:,} rows", "dim")


def _drawn(columns: Sequence[Column], console: Console) -> Table:
    fancy = console.encoding.startswith("utf")
    table = Table(
        box=LINES if fancy else ASCII_LINES,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - 1, 0, 0),
        header_style="",
    )
    spare = console.width - sum(column.width + _GAP for column in columns[1:])
    for at, column in enumerate(columns):
        table.add_column(
            Text(column.label, "dim"),
            justify="right" if column.right else "left",
            no_wrap=at > 0,
            overflow="fold",
            max_width=max(_LEAST, spare) if at == 0 and len(columns) > 1 else None,
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*(_words(cell, column) for cell, column in zip(row, columns, strict=True)))
    return table


def _words(cell: Cell, column: Column) -> Text:
    """The figure, and its tick in room as wide as the widest of its column, so that figures stay under each other."""
    text = Text(cell.words)
    if column.tick_width and (cell.tick or column.right):
        text.append(" ")
        text.append(cell.tick, Style.parse(STYLES.get(cell.state, "none")))
        text.append(" " * (column.tick_width - cell_len(cell.tick)))
    return text


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width + _GAP for column in columns) - _GAP


def _cell(cell: Any, tick_of: TickOf) -> Cell:
    if isinstance(cell, dict):
        state = cell.get("state", "")
        return Cell(printable(str(cell.get("shown", ""))), tick_of(state, cell.get("value_id", "")), state)
    return Cell(printable("" if cell is None else str(cell)))
