"""Documents made by hand, for tests, examples and notebooks: the shape a reader gives, without a file behind it.

Lines and fields are numbered as in a CSV file whose first line is the header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from tools.documents.document import Column, Document, Table
from tools.documents.periods import read_period
from tools.values import Scale, plain

Amount = str | int | Decimal | None
Record = str | int | Decimal | date | None


def statement(
    periods: Sequence[str],
    lines: Mapping[str, Sequence[Amount]],
    unit: str = "GBP",
    units: Mapping[str, str] | None = None,
    power: int = 0,
    title: str = "Income statement",
    name: str = "accounts.csv",
) -> Document:
    """A statement: a labelled line for each key, an amount in base units for each period. `units` overrides single lines."""
    labels = list(lines)
    overrides = {labels.index(label): other for label, other in (units or {}).items()}
    columns = [Column("c0", "", "text", labels)]
    for number, label in enumerate(periods):
        amounts = [_amount(row[number]) for row in lines.values()]
        columns.append(
            Column(
                key=f"c{number + 1}",
                label=label,
                kind="number",
                texts=["" if amount is None else plain(amount.scaleb(-power)) for amount in amounts],
                amounts=amounts,
                unit=unit,
                units=overrides,
                scale=Scale(power, "table title") if power else None,
                period=read_period(label),
            )
        )
    return _document(name, title, columns, "statement")


def records(
    columns: Mapping[str, Sequence[Record]], units: Mapping[str, str] | None = None, name: str = "ledger.csv"
) -> Document:
    """A tidy table: a row for each record. What a column holds decides its kind: words, numbers or dates."""
    made = [
        _column(f"c{number}", label, cells, (units or {}).get(label, "count"))
        for number, (label, cells) in enumerate(columns.items())
    ]
    return _document(name, "", made, "tidy")


def _column(key: str, label: str, cells: Sequence[Record], unit: str) -> Column:
    texts = ["" if cell is None else str(cell) for cell in cells]
    filled = [cell for cell in cells if cell is not None]
    if filled and all(isinstance(cell, date) for cell in filled):
        return Column(key, label, "date", texts, dates=[cell if isinstance(cell, date) else None for cell in cells])
    if filled and all(isinstance(cell, int | Decimal) for cell in filled):
        amounts = [None if cell is None or isinstance(cell, date) else _amount(cell) for cell in cells]
        return Column(key, label, "number", texts, amounts, unit=unit)
    return Column(key, label, "text", texts)


def _amount(cell: Amount) -> Decimal | None:
    return None if cell is None else Decimal(cell)


def _document(name: str, title: str, columns: list[Column], shape: str) -> Document:
    rows = len(columns[0].texts)
    table = Table("t1", title, columns, "statement" if shape == "statement" else "tidy")
    table.lines, table.fields = list(range(2, rows + 2)), list(range(1, len(columns) + 1))
    return Document(f"doc_{name}", name, "text/csv", "csv", "0" * 64, 0, [table])
