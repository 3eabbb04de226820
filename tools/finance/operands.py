"""Operands of a calculation: cells by table, row and column; figures printed in a sentence; numbers the reader gave.

Each becomes a value with its source. A figure that is said to stand in a sentence is looked for there, digit for digit,
and refused where it does not stand; a given number is taken at its word and marked `given`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from tools.dataroom import DataRoom
from tools.documents.document import Document, Passage, Table
from tools.documents.numbers import read_number
from tools.finance.words import for_model, listed, nearest, normal, tame
from tools.refusals import ToolError
from tools.units import is_unit, show
from tools.values import Place, Value


def cells(room: DataRoom, address: str, row: str | None, column: str | None) -> list[Value]:
    """The cell at a row and a column by their labels; a whole row or column where one of them is left out."""
    document, table = room.table(address)
    if row is None and column is None:
        raise ToolError("arguments", "name a row, a column, or both, of the table")
    rows = [_row(table, row)] if row is not None else range(table.row_count)
    columns = [_column(table, column)] if column is not None else range(len(table.columns))
    found = [table.value(document, r, c, "~0") for r in rows for c in columns]
    values = [replace(value, value_id=room.new_id()) for value in found if value is not None]
    if not values:
        place = " and ".join(repr(for_model(each, 60)) for each in (row, column) if each is not None)
        raise ToolError("no_figure", f"{address} holds no figure at {place}")
    return values


def _row(table: Table, wanted: str) -> int:
    labels = [table.row_label(row) for row in range(table.row_count)]
    numbered = re.fullmatch(r"row (\d{1,7})", wanted.strip(), re.IGNORECASE)
    found = [number for number, label in enumerate(labels) if normal(label) == normal(wanted)]
    if len(found) == 1:
        return found[0]
    if numbered and 1 <= int(numbered[1]) <= len(labels):
        return int(numbered[1]) - 1
    if found:
        rows = listed([f"row {number + 1}" for number in found], 10)
        raise ToolError("ambiguous_row", f"{for_model(wanted, 60)!r} names {len(found)} rows; write {rows}")
    raise ToolError("unknown_row", f"there is no row {for_model(wanted, 60)!r}; {_offer(wanted, labels)}")


def _column(table: Table, wanted: str) -> int:
    said = normal(wanted)
    for names in (_labels, _periods, _keys):
        found = [number for number, name in enumerate(names(table)) if name and normal(name) == said]
        if len(found) == 1:
            return found[0]
        if found:
            keys = listed([table.columns[number].key for number in found], 10)
            raise ToolError(
                "ambiguous_column", f"{for_model(wanted, 60)!r} names {len(found)} columns; write a key: {keys}"
            )
    raise ToolError("unknown_column", f"there is no column {for_model(wanted, 60)!r}; {_offer(wanted, _labels(table))}")


def _labels(table: Table) -> list[str]:
    return [column.label for column in table.columns]


def _periods(table: Table) -> list[str]:
    return [column.period.label if column.period else "" for column in table.columns]


def _keys(table: Table) -> list[str]:
    return [column.key for column in table.columns]


def _offer(wanted: str, names: Sequence[str]) -> str:
    close = nearest(wanted, names)
    return (
        f"the nearest is {for_model(close, 80)!r}"
        if close
        else f"there are {listed([for_model(n, 40) for n in names], 12)}"
    )


def quoted(room: DataRoom, document_name: str, sentence: str, figure: str, label: str, unit: str | None) -> Value:
    """A figure as printed in a sentence of a document. Refuses where it does not stand there."""
    _, document = room.document(document_name)
    passage = _passage(document, sentence)
    if not _stands_in(figure, passage.text):
        raise ToolError(
            "no_figure", f"{for_model(figure, 40)!r} does not stand in that sentence of {for_model(document.name, 60)}"
        )
    printed = read_number(_spoken(figure))
    if printed is None:
        raise ToolError("no_figure", f"{for_model(figure, 40)!r} cannot be read as a number")
    measured = unit or printed.unit or "count"
    place = Place(document.document_id, document.kind, passage.at, printed=figure.strip(), row=tame(passage.text, 200))
    return Value(
        room.new_id(), tame(label, 160), printed.amount, measured, show(printed.amount, measured), "tied", place=place
    )


def _passage(document: Document, sentence: str) -> Passage:
    wanted = normal(sentence)
    found = [passage for passage in document.passages if wanted in normal(passage.text)]
    if not found:
        raise ToolError(
            "unknown_sentence", f"{for_model(document.name, 60)} has no such sentence; quote it word for word"
        )
    return found[0]


def _stands_in(figure: str, text: str) -> bool:
    """Whether the figure is printed there as a whole number, not as a part of a longer one."""
    digits = re.sub(r"\s+", " ", figure.strip())
    return re.search(rf"(?<![\d.,]){re.escape(digits)}(?![\d]|[.,]\d)", re.sub(r"\s+", " ", text)) is not None


def _spoken(figure: str) -> str:
    return re.sub(r"\s+", " ", figure.strip()).replace("$ ", "$").replace("per cent", "%")


def given(room: DataRoom, amount: str, unit: str, label: str, note: str) -> Value:
    """A number from the reader's question or of common knowledge: taken at its word, and marked as given."""
    try:
        number = Decimal(amount.replace(",", "").strip())
    except InvalidOperation:
        raise ToolError("arguments", f"{for_model(amount, 40)!r} is not a number; write 0.08 or 1250000") from None
    if not number.is_finite() or abs(number.adjusted()) > 30 or len(number.as_tuple().digits) > 40:
        raise ToolError("out_of_range", f"{for_model(amount, 40)!r} is out of range")
    if not is_unit(unit):
        raise ToolError(
            "arguments",
            f"{for_model(unit, 40)!r} is no unit; use GBP, GBP/share, shares, ratio, multiple, days, count",
        )
    return Value(
        room.new_id(),
        tame(label, 160),
        number,
        unit,
        show(number, unit),
        "given",
        note=tame(note, 200) or "given by the reader",
    )
