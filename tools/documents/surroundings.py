"""What stands around a place: the rows of its table with the cell marked, or the paragraphs it is one of.

Somebody who doubts a figure wants to see it where it stands, whatever the format. The fields of a place come as texts,
as a client sends them in a query (`{"sheet": ["Income"], "cell": ["E4"]}`); several of a kind are the several cells of
an aggregate, and the first of them is in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.documents.document import Box, Column, Document, Passage, Table, column_letters
from tools.refusals import ToolError

Asked = Mapping[str, Sequence[str]]
Spot = tuple[int, int]
"""row and column of a table, from 0; column -1 stands for the row as a whole."""

MAX_ROWS = 25  # on each side
MAX_COLUMNS = 12
MAX_CELL_CHARS = 200
PASSAGES = 2  # on each side
MAX_PASSAGE_CHARS = 2_000
_NEAR = 0.002  # of a page: what rounding may do to a box
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_WORDS = ("sheet", "cell", "page", "line", "column", "fact", "element", "pointer", "paragraph")


def around(document: Document, asked: Asked, rows: int = 5) -> dict[str, Any]:
    """The surroundings as docs/wire.md has them: `table` (with up to `rows` rows on each side), or `passages`.

    Of a page neither may be there: then its picture is all there is to see. Refuses with ToolError `unknown_place`.
    """
    found: dict[str, Any] = {"document_id": document.document_id, "name": document.name, "kind": document.kind}
    wanted = {name: texts for name, texts in asked.items() if name != "table"}
    for table in _likely(document, asked):
        if spots := _spots(table, wanted):
            return {**found, "table": _window(table, spots, min(rows, MAX_ROWS))}
    if passages := _passages(document.passages, wanted):
        return {**found, "passages": passages}
    if _has_page(document, wanted):
        return found
    where = ", ".join(f"{name} {texts[0][:60]}" for name in _WORDS if (texts := wanted.get(name))) or "that place"
    raise ToolError("unknown_place", f"{document.name} has nothing at {where}.")


def _likely(document: Document, asked: Asked) -> Iterator[Table]:
    """The table that is named first, then all others: a table's name may have changed with its reader."""
    named = set(asked.get("table", ()))
    yield from (table for table in document.tables if table.table_id in named)
    yield from (table for table in document.tables if table.table_id not in named)


def _has_page(document: Document, wanted: Asked) -> bool:
    page = next(iter(wanted.get("page", ())), "")
    return page.isdecimal() and 1 <= int(page) <= document.pages


# Where in a table.


def _spots(table: Table, wanted: Asked) -> list[Spot]:
    if table.sheet or "cell" in wanted:
        return _cells(table, wanted) if table.sheet in wanted.get("sheet", ()) else []
    return _lines(table, wanted) or _tagged(table, wanted)


def _cells(table: Table, wanted: Asked) -> list[Spot]:
    rows = {line: row for row, line in enumerate(table.lines)}
    columns = {column_letters(number): column for column, number in enumerate(table.fields)}
    named = [found for text in wanted.get("cell", ()) if (found := _CELL.fullmatch(text.strip()))]
    spots = [(rows.get(int(found[2]), -1), columns.get(found[1].upper(), -1)) for found in named]
    return [spot for spot in spots if min(spot) >= 0]


def _lines(table: Table, wanted: Asked) -> list[Spot]:
    if table.at or any(column.ats for column in table.columns):
        return []
    rows = {line: row for row, line in enumerate(table.lines)}
    number = next(iter(wanted.get("column", ())), "")
    column = table.fields.index(int(number)) if number.isdecimal() and int(number) in table.fields else -1
    lines = [int(text) for text in wanted.get("line", ()) if text.isdecimal()]
    return [(rows[line], column) for line in lines if line in rows]


def _tagged(table: Table, wanted: Asked) -> list[Spot]:
    """The cells that say themselves where they stand. What is asked for and no cell says (a formula) does not count."""
    shared = dict(table.at)
    if any(name in wanted and not _is_among(name, value, wanted[name]) for name, value in shared.items()):
        return []
    return [
        (row, number)
        for number, column in enumerate(table.columns)
        for row, at in column.ats.items()
        if (known := [(name, value) for name, value in at if name in wanted])
        and all(_is_among(name, value, wanted[name]) for name, value in known)
    ]


def _is_among(name: str, value: Any, texts: Sequence[str]) -> bool:
    if name == "box":
        return any((box := box_of(text)) and _is_near(box, value) for text in texts)
    return str(value) in texts


def _is_near(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=False))


def box_of(text: str) -> Box | None:
    """The box that four fractions with commas between them are; None for anything else.

    >>> box_of("0.52,0.31,0.6,0.33"), box_of("0.5")
    ((0.52, 0.31, 0.6, 0.33), None)
    """
    if not re.fullmatch(r"\d(\.\d{1,9})?(,\d(\.\d{1,9})?){3}", text):
        return None
    left, top, right, bottom = (float(part) for part in text.split(","))
    return (left, top, right, bottom)


# The window.


def _window(table: Table, spots: Sequence[Spot], rows: int) -> dict[str, Any]:
    middle, first_column = spots[0]
    start, end = max(0, middle - rows), min(table.row_count, middle + rows + 1)
    columns = _columns_shown(table, first_column)
    marked: dict[int, list[int]] = {}
    for row, column in spots:
        marked.setdefault(row, []).extend([columns.index(column)] if column in columns else [])
    shown: dict[str, Any] = {"table_id": table.table_id, "title": _cut(table.title, MAX_CELL_CHARS)}
    shown |= {"sheet": table.sheet} if table.sheet else {}
    shown |= {"statement": table.statement} if table.statement else {}
    shown |= {"rows_total": table.row_count, "columns_total": len(table.columns), "first_row": start + 1}
    shown["columns"] = [_header(table, column) for column in columns]
    numbered = not table.at and not any(column.ats for column in table.columns)
    shown["rows"] = [
        {
            **({"line": table.lines[row]} if numbered else {}),
            "cells": [_cut(table.columns[column].texts[row], MAX_CELL_CHARS) for column in columns],
            **({"marked": sorted(set(marked[row]))} if row in marked else {}),
        }
        for row in range(start, end)
    ]
    return shown


def _columns_shown(table: Table, middle: int) -> list[int]:
    """All columns, or of many those around the middle, after the one that names the rows."""
    count = len(table.columns)
    if count <= MAX_COLUMNS:
        return list(range(count))
    names = table.label_column()
    label = next((number for number, column in enumerate(table.columns) if column is names), 0)
    start = max(0, min(middle - MAX_COLUMNS // 2, count - MAX_COLUMNS))
    shown = range(start, start + MAX_COLUMNS)
    if label in shown:
        return list(shown)
    return [label, *(shown[1:] if shown[0] != middle else shown[:-1])]


def _header(table: Table, number: int) -> dict[str, Any]:
    column: Column = table.columns[number]
    header: dict[str, Any] = {"label": _cut(column.label, MAX_CELL_CHARS), "kind": column.kind}
    header |= {"unit": column.unit} if column.unit else {}
    header |= {"period": column.period.label} if column.period else {}
    header |= {"scale": column.scale.to_wire()} if column.scale and column.scale.power else {}
    if table.sheet:
        header["letters"] = column_letters(table.fields[number])
    return header


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


# Prose.


def _passages(passages: Sequence[Passage], wanted: Asked) -> list[dict[str, Any]]:
    found = next(((number, span) for number, one in enumerate(passages) if (span := _span(one, wanted))), None)
    if found is None:
        return []
    middle, span = found
    near = range(max(0, middle - PASSAGES), min(len(passages), middle + PASSAGES + 1))
    return [_told(passages[number], span if number == middle else None) for number in near]


def _span(passage: Passage, wanted: Asked) -> tuple[int, int] | None:
    """Which part of the passage is meant; None where it is another passage."""
    at = dict(passage.at)
    known = [name for name in at if name in wanted]
    if not known or not all(_is_among(name, at[name], wanted[name]) for name in known):
        return None
    if "box" not in wanted:
        return (0, len(passage.text))
    lines = [(*line, *rest) for line, rest in zip(passage.boxes, _ends(passage), strict=True)]
    hit = [(start, end) for start, box, end in lines if _is_among("box", box, wanted["box"])]
    return (hit[0][0], hit[-1][1]) if hit else None


def _ends(passage: Passage) -> list[tuple[int]]:
    starts = [start for start, _ in passage.boxes]
    return [(end,) for end in [*starts[1:], len(passage.text)]] if starts else []


def _told(passage: Passage, span: tuple[int, int] | None) -> dict[str, Any]:
    told: dict[str, Any] = {"heading": _cut(passage.heading, MAX_CELL_CHARS)} if passage.heading else {}
    told["text"] = _cut(passage.text, MAX_PASSAGE_CHARS)
    if span is not None:
        told["marked"] = [min(span[0], len(told["text"])), min(span[1], len(told["text"]))]
    return told
