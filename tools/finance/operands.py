"""Operands of a calculation: cells by table, row and column; figures printed in a sentence; numbers the reader gave.

Each becomes a value with its source. A figure that is said to stand in a sentence is looked for there, digit for digit,
and refused where it does not stand; a given number is taken at its word and marked `given`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tools.dataroom import DataRoom
from tools.documents.document import Document, Passage, Table
from tools.documents.numbers import read_number
from tools.finance.words import for_model, listed, nearest, normal, tame
from tools.refusals import ToolError
from tools.units import is_unit, show
from tools.values import Place, Value

MOST_FIGURES = 1_000
UNITS_OFFERED = "GBP, GBP/share, shares, ratio, multiple, days or count"
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[^a-z])")


def cells(room: DataRoom, address: str, row: str | None, column: str | None) -> list[Value]:
    """The cell at a row and a column by their labels; a whole row or column where one of them is left out."""
    document, table = room.table(address)
    if row is None and column is None:
        raise ToolError("arguments", "name a row, a column, or both, of the table")
    rows = [_row(table, row)] if row is not None else range(table.row_count)
    if len(rows) > MOST_FIGURES:
        raise ToolError(
            "too_many_figures",
            f"a column of {len(rows):,} figures is too long for a calculation; up to {MOST_FIGURES:,} go in. "
            "Aggregate it with query_data, and use the value that returns",
        )
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
    """A figure as printed in a sentence of a document. Refuses where it does not stand in the sentences quoted."""
    _, document = room.document(document_name)
    passage = _passage(document, sentence, figure)
    printed = read_number(_spoken(figure))
    if printed is None:
        raise ToolError("no_figure", f"{for_model(figure, 40)!r} cannot be read as one number")
    measured = _measured(printed.unit, unit, figure)
    place = Place(document.document_id, document.kind, passage.at, printed=figure.strip(), row=tame(passage.text, 200))
    return Value(
        room.new_id(), tame(label, 160), printed.amount, measured, show(printed.amount, measured), "tied", place=place
    )


def _measured(printed: str, stated: str | None, figure: str) -> str:
    """The unit of a figure: as printed, else as stated. A statement may add `per share`, and never contradict."""
    if stated is not None and not is_unit(stated):
        raise ToolError("arguments", f"{for_model(stated, 40)!r} is no unit; use {UNITS_OFFERED}")
    if not printed or stated is None or stated.partition("/")[0] == printed:
        return stated or printed or "count"
    raise ToolError(
        "mixed_units", f"{for_model(figure, 40)!r} is printed in {printed}, not in {stated}; leave out unit"
    )


def _passage(document: Document, sentence: str, figure: str) -> Passage:
    """The passage in which the quoted words stand in the same sentence as the figure; the first of several that read alike."""
    wanted = normal(sentence)
    found = [(passage, run) for passage in document.passages if wanted and (run := _around(wanted, passage.text))]
    name = for_model(document.name, 60)
    if not found:
        raise ToolError("unknown_sentence", f"{name} has no such sentence; quote it word for word")
    holding = {normal(passage.text): passage for passage, run in reversed(found) if _stands_in(figure, run)}
    if not holding:
        raise ToolError("no_figure", f"{for_model(figure, 40)!r} does not stand in that sentence of {name}")
    if len(holding) > 1:
        words = f"{len(holding)} passages of {name} hold these words and {for_model(figure, 40)!r}; quote more of the sentence"
        raise ToolError("ambiguous_sentence", words)
    return next(iter(holding.values()))


def _around(wanted: str, text: str) -> str:
    """The shortest run of whole sentences of a text that holds the wanted words (`normal`); empty where none does."""
    if wanted not in normal(text):
        return ""
    sentences = _SENTENCE_END.split(text)
    first, last = 0, len(sentences)
    while first + 1 < last and wanted in normal(" ".join(sentences[first + 1 : last])):
        first += 1
    while last - 1 > first and wanted in normal(" ".join(sentences[first : last - 1])):
        last -= 1
    return " ".join(sentences[first:last])


def _stands_in(figure: str, text: str) -> bool:
    """Whether the figure is printed there as a whole number, not as a part of a longer one."""
    digits = re.sub(r"\s+", " ", figure.strip())
    return re.search(rf"(?<![\d.,]){re.escape(digits)}(?![\d]|[.,]\d)", re.sub(r"\s+", " ", text)) is not None


def _spoken(figure: str) -> str:
    return re.sub(r"\s+", " ", figure.strip()).replace("$ ", "$").replace("per cent", "%")


def given(room: DataRoom, amount: str, unit: str | None, label: str, note: str) -> Value:
    """A number from the reader's question or of common knowledge: taken at its word, and marked as given.

    `amount` may carry its unit and scale as people write them: 8%, $5 million.
    """
    printed = read_number(_spoken(amount))
    if printed is None:
        raise ToolError("arguments", f"{for_model(amount, 40)!r} is not a number; write 0.08, 8% or 1250000")
    number = printed.amount
    if abs(number.adjusted()) > 30 or len(number.as_tuple().digits) > 40:
        raise ToolError("out_of_range", f"{for_model(amount, 40)!r} is out of range")
    measured = _measured(printed.unit, unit, amount)
    return Value(
        room.new_id(),
        tame(label, 160),
        number,
        measured,
        show(number, measured),
        "given",
        note=tame(note, 200) or "given by the reader",
    )
