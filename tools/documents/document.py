"""What every reader makes of a file: tables of typed columns, passages of prose, and a place for each cell.

Tables are held by column, because a ledger of 100,000 rows as cell objects would cost hundreds of megabytes: a column
keeps the printed texts and, beside them, exact amounts in base units. A cell's identity (its `Value`) is made when
somebody asks (`Table.value`).

How a document is kept in the cache is the business of `tools.documents.kept`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from tools.units import show
from tools.values import Period, Place, Scale, Value

ColumnKind = Literal["text", "number", "date"]
Shape = Literal["tidy", "statement", "grid"]
StatementKind = Literal["", "income", "comprehensive_income", "balance", "cash_flow", "equity"]
At = tuple[tuple[str, Any], ...]
"""The fields of a place that are particular to its kind, in order: `(("page", 87), ("box", (0.52, 0.31, 0.6, 0.33)))`."""
Box = tuple[float, float, float, float]
"""left, top, right, bottom as fractions of the page, origin top left."""


@dataclass(slots=True)
class Column:
    """One column. For numbers: `amounts` in base units (None where the cell is empty or not a number), `unit`, `scale`.

    `units` and `scales` override the unit and the scale of single rows (a per-share line in a statement); `dates` is
    filled for kind `date`. `formulas`: what a sheet computes a row's cell with, as it is written there.

    `periods` override the column's period for single rows (the cash at the beginning of the year in a statement of cash
    flows). `ats`: where single cells stand, for formats in which line and column do not say so: the box on the page, the
    tagged fact, the JSON pointer.
    """

    key: str
    label: str
    kind: ColumnKind
    texts: list[str]
    amounts: list[Decimal | None] = field(default_factory=list)
    dates: list[date | None] = field(default_factory=list)
    unit: str = ""
    units: dict[int, str] = field(default_factory=dict)
    scale: Scale | None = None
    period: Period | None = None
    scales: dict[int, Scale | None] = field(default_factory=dict)
    formulas: dict[int, str] = field(default_factory=dict)
    periods: dict[int, Period] = field(default_factory=dict)
    ats: dict[int, At] = field(default_factory=dict)

    def unit_at(self, row: int) -> str:
        return self.units.get(row, self.unit)

    def scale_at(self, row: int) -> Scale | None:
        return self.scales.get(row, self.scale)

    def period_at(self, row: int) -> Period | None:
        return self.periods.get(row, self.period)


@dataclass(slots=True)
class Table:
    """A table: equal-length columns. `shape` `statement`: the first text column labels lines and numeric columns are
    periods; `tidy`: each row is a record (transactions, prices); `grid`: neither could be told.

    Row r and column c stand in `lines[r]` and the 1-based `fields[c]`: of the file for CSV, of the `sheet` in a workbook.
    Other formats say in `at` where the table stands (its page) and in `Column.ats` where each cell does.

    `statement`: which of the primary statements it is, `` for any other table. `tags` and `concepts` by row: the tag a
    filer gave a line (`us-gaap:Revenues`), and the standard name of what the line is (`revenue`).
    """

    table_id: str
    title: str
    columns: list[Column]
    shape: Shape = "grid"
    lines: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)
    note: str = ""
    sheet: str = ""
    at: At = ()
    statement: StatementKind = ""
    tags: dict[int, str] = field(default_factory=dict)
    concepts: dict[int, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        return len(self.columns[0].texts) if self.columns else 0

    def label_column(self) -> Column | None:
        """The column that names the rows: the first text column."""
        return next((column for column in self.columns if column.kind == "text"), None)

    def row_label(self, row: int) -> str:
        column = self.label_column()
        return column.texts[row].strip() if column else f"row {row + 1}"

    def place(self, document: Document, row: int, column: int) -> Place:
        """Where the cell stands in the file. Each reader's kind fills its own fields."""
        cell = self.columns[column]
        return Place(
            document_id=document.document_id,
            kind=document.kind,
            at=self._at(row, column),
            printed=cell.texts[row].strip(),
            row=self.row_label(row),
            column=cell.label,
            table=self.table_id,
        )

    def _at(self, row: int, column: int) -> At:
        own = self.columns[column].ats.get(row)
        line, number = self.lines[row], self.fields[column]
        if own is not None or self.at:
            return (*self.at, *(own if own is not None else (("line", line), ("field", number))))
        if not self.sheet:
            return (("line", line), ("column", number))
        at: At = (("sheet", self.sheet), ("cell", f"{column_letters(number)}{line}"))
        formula = self.columns[column].formulas.get(row)
        return (*at, ("cell_formula", formula)) if formula else at

    def value(self, document: Document, row: int, column: int, value_id: str) -> Value | None:
        """The cell as a tied value, or None where it holds no number."""
        cell = self.columns[column]
        amount = cell.amounts[row] if cell.amounts else None
        if amount is None:
            return None
        unit = cell.unit_at(row)
        label = self.row_label(row) if self.shape == "statement" else cell.label
        return Value(
            value_id=value_id,
            label=label,
            amount=amount,
            unit=unit,
            shown=show(amount, unit),
            state="tied",
            period=cell.period_at(row),
            place=self.place(document, row, column),
            scale=cell.scale_at(row),
        )


def column_letters(number: int) -> str:
    """A sheet's column by its number from 1.

    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class Passage:
    """A run of prose with its place. `heading`: the words it stands under. `boxes`, for pages: where each printed line of
    the text begins in it (an offset in code points), and the line's box, so that a sentence can be shown.
    """

    text: str
    at: At = ()
    heading: str = ""
    boxes: tuple[tuple[int, Box], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a document that whoever relies on it should know, as in docs/wire.md: `severity` is `ok`, `info` or
    `warning`; `cells` are where it was found (`Income!E4`), the first few where there are many.
    """

    kind: str
    severity: Literal["ok", "info", "warning"]
    text: str
    cells: tuple[str, ...] = ()

    def to_wire(self, finding_id: str) -> dict[str, Any]:
        wire = {"finding_id": finding_id, "kind": self.kind, "severity": self.severity, "text": self.text}
        return {**wire, "value_ids": [], **({"cells": list(self.cells)} if self.cells else {})}

    @staticmethod
    def from_wire(wire: Mapping[str, Any]) -> Finding:
        return Finding(wire["kind"], wire["severity"], wire["text"], tuple(wire.get("cells", ())))


@dataclass(slots=True)
class Document:
    """A file, read. `kind` is the place kind (`csv`, `sheet`, `pdf`, ...). `notes` are the reader's remarks for people,
    `findings` what is odd about the file itself. `pages`: how many it has, where it has pages.
    """

    document_id: str
    name: str
    media_type: str
    kind: str
    sha256: str
    bytes: int
    tables: list[Table] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    pages: int = 0

    def card(self) -> dict[str, Any]:
        """The `document` of a document_added event."""
        told = [table for table in self.tables if table.statement] or self.tables
        labels: dict[str, Period] = {c.period.label: c.period for t in told for c in t.columns if c.period}
        periods = sorted(labels.values(), key=lambda period: (period.end or date.min, period.label))
        card: dict[str, Any] = {
            "document_id": self.document_id,
            "name": self.name,
            "media_type": self.media_type,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "tables": len(self.tables),
            "statements": list(dict.fromkeys(table.statement for table in self.tables if table.statement)),
            "periods": [periods[0].label, periods[-1].label] if len(periods) > 1 else [p.label for p in periods],
            "findings": self._findings(),
        }
        if self.pages:
            card["pages"] = self.pages
        if self.notes:
            card["notes"] = self.notes
        return card

    def _findings(self) -> list[dict[str, Any]]:
        return [finding.to_wire(f"f{number}") for number, finding in enumerate(self.findings, 1)]
