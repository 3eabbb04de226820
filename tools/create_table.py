"""Show a table: a result's rows, or rows the model lays out from value ids. Scale, decimals and signs are ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from tools.dataroom import DataRoom
from tools.finance.answers import MOST_COLUMNS, MOST_ROWS, answer
from tools.finance.frames import FrameColumn
from tools.finance.sources import open_frame
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, MAX_TABLE_ROWS, Result, ShownTable
from tools.tieout.references import is_reference, opened, rendered, titled, worded
from tools.tool import Tool, ToolArgs
from tools.units import cell_scale, is_money, show_cell, unit_words
from tools.values import Value

_ROOM_FOR_ROWS = MAX_PAYLOAD_BYTES * 8 // 10
_MOST_CELLS = 4_000

Number = Annotated[
    int | float, Field(ge=-1e15, le=1e15), WithJsonSchema({"type": "number", "minimum": -1e15, "maximum": 1e15})
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Header = Annotated[str, Field(max_length=200)]
Written = Annotated[str, Field(max_length=300)] | Number | None


class Args(ToolArgs):
    """Either table, or rows."""

    title: Name = Field(description="May hold references such as [[v12]].")
    table: Name | None = Field(None, description="An earlier result (r1) or a document's table (d1.t1).")
    columns: list[Header] | None = Field(
        None,
        min_length=1,
        max_length=MOST_COLUMNS,
        description="With table: the columns to show. With rows: the headers.",
    )
    rows: list[Annotated[list[Written], Field(min_length=1, max_length=MOST_COLUMNS)]] | None = Field(
        None,
        min_length=1,
        max_length=MOST_ROWS,
        description="Cells: a value id (v12) for a figure, other text for words, null for nothing. A plain number is "
        "allowed but is shown as having no source.",
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell before it is worded: words, or a value with the words its reference asked for."""

    words: str = ""
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before it is worded."""

    labels: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    rows_total: int
    note: str = ""


def run(room: DataRoom, args: Args) -> list[Result]:
    """One table. Refuses rows of unequal length and ids that no result showed."""
    title = titled(room, args.title, "title")
    if (args.table is None) == (args.rows is None):
        raise ToolError("arguments", "give either table, or rows (with columns as their headers)")
    grid = _from_table(room, args) if args.table is not None else _from_rows(room, args)
    return [_shown(title, grid)]


def _from_table(room: DataRoom, args: Args) -> Grid:
    frame = open_frame(room, args.table or "")
    named: list[FrameColumn] = [frame.column(name) for name in args.columns or ()]
    first = frame.texts()[:1] if frame.statement else []
    columns = list(dict.fromkeys([*first, *named])) if named else frame.columns
    table, _ = answer(frame, columns, MOST_ROWS, room.new_id)
    cells = [[_cell(cell) for cell in row] for row in table.rows]
    return Grid([head.label for head in table.columns], cells, table.rows_total, table.note)


def _cell(cell: str | Value | None) -> Cell:
    return Cell(value=cell) if isinstance(cell, Value) else Cell(cell or "")


def _from_rows(room: DataRoom, args: Args) -> Grid:
    rows = args.rows or []
    labels = [rendered(room, label, 120) for label in args.columns or [""] * len(rows[0])]
    if len(rows) * len(labels) > _MOST_CELLS:
        raise ToolError(
            "too_many_cells", f"{len(rows)} rows of {len(labels)} cells; at most {_MOST_CELLS:,} cells, or pass table"
        )
    for number, row in enumerate(rows):
        if len(row) != len(labels):
            raise ToolError(
                "lengths",
                f"rows[{number}]: {counted(len(row), 'cell')}, but there {'is' if len(labels) == 1 else 'are'} "
                f"{counted(len(labels), 'column')}",
            )
    cells = [[_written(room, item, labels[at], row) for at, item in enumerate(row)] for row in rows]
    values = [cell.value for row in cells for cell in row if cell.value]
    loose = sum(value.state == "open" for value in values)
    note = f"{counted(loose, 'figure')} typed by hand, without a source" if loose else ""
    return Grid(labels, cells, len(rows), note)


def _written(room: DataRoom, item: str | int | float | None, label: str, row: Sequence[Any]) -> Cell:
    if item is None:
        return Cell()
    if not isinstance(item, str):
        head = next((words for words in row if isinstance(words, str) and not is_reference(words)), "")
        name = ", ".join(filter(None, (tame(head, 80), label))) or "figure"
        return Cell(value=opened(room, name, Decimal(str(item)), "count"))
    if is_reference(item):
        value, words = worded(room, item)
        return Cell(words if "|" in item else "", value)
    return Cell(rendered(room, item, 300))


# -- wording -------------------------------------------------------------------------------------------------------------


def _shown(title: str, grid: Grid) -> ShownTable:
    values = [cell.value for row in grid.rows for cell in row if cell.value]
    money = list(dict.fromkeys(value.unit for value in values if is_money(value.unit)))
    currency = money[0] if len(money) == 1 else ""
    power = cell_scale([value.amount for value in values if value.unit == currency])
    columns = [
        _Column.of(label, [row[at] for row in grid.rows], currency, power) for at, label in enumerate(grid.labels)
    ]
    rows = [[column.worded(cell) for column, cell in zip(columns, row, strict=True)] for row in grid.rows]
    units = list(dict.fromkeys(value.unit for value in values))
    unit = unit_words(currency, power) if currency else unit_words(units[0]) if len(units) == 1 else ""
    sent = _fitting(rows)
    payload = {
        "title": title,
        "unit": unit,
        "columns": [column.wire(number, currency) for number, column in enumerate(columns)],
        "rows": sent,
        "rows_total": grid.rows_total,
    }
    said = "; ".join(filter(None, (f"Table “{for_model(title, 120)}”, {counted(grid.rows_total, 'row')}", grid.note)))
    unique = list({value.value_id: value for value in values}.values())
    return ShownTable(payload, unique, said, rows if len(sent) < len(rows) else ())


def _fitting(rows: list[list[Any]]) -> list[list[Any]]:
    """The first rows: 500 at most, and no more than an event holds."""
    room, kept = _ROOM_FOR_ROWS, 0
    for row in rows[:MAX_TABLE_ROWS]:
        room -= len(json.dumps(row, ensure_ascii=False).encode())
        if room < 0:
            break
        kept += 1
    return rows[:kept]


@dataclass(frozen=True, slots=True)
class _Column:
    """How a column's figures are worded: one unit in its header, one number of decimals, the table's scale for money."""

    label: str
    figures: bool
    unit: str
    currency: str
    power: int
    decimals: int

    @staticmethod
    def of(label: str, cells: Sequence[Cell], currency: str, power: int) -> _Column:
        values = [cell.value for cell in cells if cell.value]
        units = list(dict.fromkeys(value.unit for value in values))
        digits = [
            value.amount.scaleb(-power if value.unit == currency else 0)
            for value in values
            if value.unit == currency or len(units) == 1
        ]
        finest = max((_places(amount) for amount in digits), default=0)
        small = bool(digits) and max(abs(amount) for amount in digits) < 1 and (units[0] if units else "") == "count"
        return _Column(
            label, bool(values), units[0] if len(units) == 1 else "", currency, power, min(finest, 4 if small else 2)
        )

    def worded(self, cell: Cell) -> Any:
        value = cell.value
        if value is None:
            return cell.words
        return {
            "shown": cell.words or self._words(value),
            "amount": value.to_wire()["amount"],
            "value_id": value.value_id,
            "state": value.state,
        }

    def _words(self, value: Value) -> str:
        if value.unit in ("ratio", "multiple"):
            return value.shown
        if value.unit == self.currency:
            return show_cell(value.amount, value.unit, self.power, self.decimals)
        if self.unit:
            return show_cell(value.amount, value.unit, 0, self.decimals)
        return value.shown

    def wire(self, number: int, currency: str) -> dict[str, Any]:
        apart = self.unit not in ("", "count", "ratio", "multiple", currency)
        words = f" ({unit_words(self.unit)})" if apart and unit_words(self.unit) not in self.label else ""
        wire = {"key": f"c{number}", "label": self.label + words, "align": "right" if self.figures else "left"}
        return {**wire, "unit": self.unit} if self.unit else wire


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


TOOL = Tool(
    "create_table",
    "Show the user a table: the rows of a result (r1), or rows you lay out from value ids. Figures are scaled and aligned "
    "for you.",
    Args,
    run,
)
