"""Frames: what a query works on, whether it came from a document or from an earlier result.

A frame is columns of equal length and a selection of rows. Filtering and sorting change the selection only; a ledger of
100,000 rows is never copied. Cells are amounts until somebody is shown one: then the column's *origin* makes the value,
with its lineage, and the `Ledger` gives it an id. So a query over a million cells that answers with six figures makes
six values, and those they were computed from.

What we dislike: identity is by column object and row number, so a frame's columns must not be rebuilt between asking
for an id and settling the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from tools.finance.periods import bucket, moment
from tools.finance.words import for_model, listed, nearest, normal
from tools.refusals import ToolError
from tools.values import Period, Place, Value

LINES_IN_ALL = 20_000  # the lines of all aggregates of one wave of values together; 200 at most for each
Kind = Literal["text", "number", "period"]
_AGGREGATE = re.compile(r"^(sum|average|median|minimum|maximum|count) of ")


class Origin(Protocol):
    """Where a column's cells come from."""

    def place(self, row: int) -> Place | None:
        """Where the cell stands in a document; None where it does not stand in one."""

    def known(self, row: int) -> Value | None:
        """The value the cell already is; None where it must be made."""

    def period_of(self, row: int) -> Period | None:
        """The period the cell belongs to."""

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        """The cell as a value. Ids of the cells it was computed from are asked of the ledger."""


@dataclass(slots=True, eq=False)
class FrameColumn:
    """One column. `words` for text and periods, `amounts` for numbers (base units, None where empty).

    A column of periods has `periods` or, when it was read from a document, `dates`. `period` is the period of a whole
    column, as in a statement. `units` overrides `unit` for single rows.
    """

    key: str
    label: str
    kind: Kind
    words: Sequence[str | None] = ()
    amounts: Sequence[Decimal | None] = ()
    unit: str = ""
    units: Mapping[int, str] = field(default_factory=dict)
    period: Period | None = None
    periods: Sequence[Period | None] = ()
    dates: Sequence[date | None] = ()
    origin: Origin | None = None

    def word(self, row: int) -> str:
        """The cell as one line of words; empty where the cell is."""
        if self.dates and (day := self.dates[row]) is not None:
            return day.isoformat()
        return (self.words[row] or "").strip()

    def unit_at(self, row: int) -> str:
        return self.units.get(row, self.unit)

    def period_at(self, row: int) -> Period | None:
        """The period a row of a period column names."""
        if self.dates:
            day = self.dates[row]
            return bucket(day, "day") if day else None
        return self.periods[row] if self.periods else None

    def moment_at(self, row: int) -> tuple[date, date] | None:
        """What orders the row in time, (end, start); None where the cell is empty or cannot be dated."""
        if self.dates:
            day = self.dates[row]
            return (day, day) if day else None
        period = self.period_at(row)
        return moment(period) if period else None

    def units_of(self, rows: Sequence[int]) -> list[str]:
        """The units that occur among the filled cells of these rows, in order of appearance."""
        if not self.units:
            return [self.unit] if any(self.amounts[row] is not None for row in rows) else []
        return list(dict.fromkeys(self.unit_at(row) for row in rows if self.amounts[row] is not None))


@dataclass(slots=True)
class Frame:
    """Columns and the rows that are selected, in order. `statement`: rows are lines, number columns are periods.

    `keys` are the columns that name a row after grouping; `conditions` are the filters so far, in words; `notes` are
    for the model and the reader. `address` is how the model named it.
    """

    address: str
    title: str
    source_note: str
    columns: list[FrameColumn]
    rows: Sequence[int]
    statement: bool = False
    keys: list[FrameColumn] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def column(self, wanted: str) -> FrameColumn:
        """The column of that name. Refuses with a suggestion.

        Tried in turn: the label, the key, the label in any case, in any punctuation, and `Total` for `Sum of Total`.
        """
        name = wanted.strip()
        for matches in (
            lambda column: column.label == name,
            lambda column: column.key == name,
            lambda column: column.label.strip().casefold() == name.casefold(),
            lambda column: normal(name) and normal(column.label) == normal(name),
            lambda column: _AGGREGATE.sub("", normal(column.label)) == normal(name),
        ):
            found = [column for column in self.columns if matches(column)]
            if len(found) == 1:
                return found[0]
            if found:
                keys = ", ".join(column.key for column in found)
                raise ToolError(
                    "ambiguous_column", f'"{for_model(name, 60)}" names {len(found)} columns; use a key: {keys}'
                )
        raise self.unknown_column(name)

    def unknown_column(self, name: str) -> ToolError:
        """The refusal that lists what is there."""
        labels = [column.label or column.key for column in self.columns]
        like = nearest(name, labels)
        hint = f'; did you mean "{for_model(like, 60)}"?' if like else ";"
        return ToolError(
            "unknown_column",
            f'there is no column "{for_model(name, 60)}" in {self.address}{hint} columns: {listed(labels)}',
        )

    def number(self, wanted: str) -> FrameColumn:
        """The column of that name, which must hold numbers."""
        column = self.column(wanted)
        if column.kind != "number":
            there = listed([each.label for each in self.numbers()])
            raise ToolError(
                "not_numbers", f'column "{for_model(column.label, 60)}" holds no numbers; numeric columns: {there}'
            )
        return column

    def size(self) -> int:
        """How many rows the columns have, selected or not."""
        return max(len(self.columns[0].words), len(self.columns[0].amounts))

    def numbers(self) -> list[FrameColumn]:
        return [column for column in self.columns if column.kind == "number"]

    def texts(self) -> list[FrameColumn]:
        return [column for column in self.columns if column.kind == "text"]

    def time(self) -> FrameColumn | None:
        """The column that says when a row is."""
        return next((column for column in self.columns if column.kind == "period"), None)

    def row_words(self, row: int) -> str:
        """What names the row beside its period: its keys, or the label that opens the row."""
        named = self.keys or leading_label(self.columns)
        return ", ".join(filter(None, (column.word(row) for column in named if column.kind == "text")))


def leading_label(columns: Sequence[FrameColumn]) -> list[FrameColumn]:
    """The text column before all numbers: it names the rows. A text column further right is only a remark."""
    first = next((column for column in columns if column.kind != "period"), None)
    return [first] if first is not None and first.kind == "text" else []


def period_columns(frame: Frame) -> list[FrameColumn]:
    """A statement's period columns, earliest first; in the order of the document where the periods cannot be dated.

    The first column of a period is the one that counts: in a result, growth up to FY2024 stands right of FY2024 itself.
    """
    first: dict[Period, FrameColumn] = {}
    for column in frame.numbers():
        if column.period:
            first.setdefault(column.period, column)
    return in_time(list(first.values()))


def in_time(columns: list[FrameColumn]) -> list[FrameColumn]:
    """Columns ordered by their periods; unchanged when one cannot be dated."""
    moments = [moment(column.period) if column.period else None for column in columns]
    if any(found is None for found in moments):
        return columns
    order = sorted(range(len(columns)), key=lambda number: (moments[number], number))
    return [columns[number] for number in order]


class Ledger:
    """Gives each cell its value, once, and keeps those that were needed only as inputs of others."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._ids: dict[tuple[int, int], str] = {}
        self._cells: dict[tuple[int, int], FrameColumn] = {}
        self._values: dict[tuple[int, int], Value] = {}
        self._waiting: list[tuple[int, int]] = []
        self.line_cap = 200

    def has(self, column: FrameColumn, row: int) -> bool:
        """Whether somebody asked for this cell already."""
        return (id(column), row) in self._ids

    def id_of(self, column: FrameColumn, row: int) -> str:
        """The id of a filled cell; its value is made by `settle`."""
        cell = (id(column), row)
        if cell not in self._ids:
            known = column.origin.known(row) if column.origin else None
            self._cells[cell] = column  # also keeps the column alive, because its address is the key
            self._ids[cell] = known.value_id if known else self._new_id()
            if known:
                self._values[cell] = known
            else:
                self._waiting.append(cell)
        return self._ids[cell]

    def count(self) -> int:
        """How many cells were asked for."""
        return len(self._ids)

    def settle(self) -> None:
        """Make every value that was asked for, and those they name as inputs in turn, wave by wave.

        The more values a wave has, the fewer lines each of them lists, so that the lines stay below `LINES_IN_ALL`.
        """
        while self._waiting:
            wave, self._waiting = self._waiting, []
            self.line_cap = max(5, min(self.line_cap, LINES_IN_ALL // len(wave)))
            for cell in wave:
                origin = self._cells[cell].origin
                if origin is None:
                    raise ValueError("a number column needs an origin")
                self._values[cell] = origin.make(cell[1], self._ids[cell], self)

    def value(self, column: FrameColumn, row: int) -> Value:
        """A settled cell."""
        return self._values[id(column), row]

    def values(self) -> list[Value]:
        """All values, in the order in which they were asked for."""
        return [self._values[cell] for cell in self._ids]
