"""The reader of JSON: records, columns, lists of rows, and lines of JSON.

What a program writes is a list of objects, somewhere: at the top, under a key, or one a line. Nested objects become columns
with dotted names. Numbers are taken digit by digit, never through a float. A cell's place is its JSON pointer (RFC 6901).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from tools.documents import companyfacts
from tools.documents.document import Document, Table
from tools.documents.encoding import decode
from tools.documents.reader import Reader, Source
from tools.documents.tables import Grid, Reading, read_records, read_tables, tell_titles_apart
from tools.refusals import ToolError
from tools.values import plain

MEDIA_TYPES = ("application/json",)
MAX_TABLES = 200
MAX_COLUMNS = 2_000
MAX_CELLS = 3_000_000
MAX_POINTED = (
    200_000  # cells that get a pointer of their own; beyond, the place is that of the list, and the row's number
)
MAX_DEPTH = 6
MAX_DIGITS = 200
MAX_TEXT = 32_767
Json = dict[str, Any]


def read_json(data: bytes, source: Source) -> Document:
    """A JSON file as a document. Refuses with ToolError: `empty_file`, `binary_file`, `corrupt`, `too_large`, `no_table`."""
    source.progress("reading", 0, 1)
    decoded = decode(data)
    if not decoded.text.strip("\x00 \r\n\t"):
        raise ToolError("empty_file", f"{source.name} is empty")
    if decoded.is_noise:
        raise ToolError("binary_file", f"{source.name} is not JSON; attach it under its own name")
    content = _parsed(decoded.text, source.name)
    source.progress("reading", 1, 1)
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPES[0], "json", digest, len(data))
    if companyfacts.is_companyfacts(content):
        companyfacts.read(content, document)
    else:
        _Records(document, source).read(content)
    if not document.tables:
        raise ToolError("no_table", f'{source.name} holds no records: a list of objects, such as [{{"item": "Sales"}}]')
    return document


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_refuse)
    except RecursionError as fault:
        raise ToolError("too_large", f"{name} is nested too deeply to be read") from fault
    except ValueError as fault:
        lines = _lines(text)
        if lines is not None:
            return lines
        where = f" at line {fault.lineno}" if isinstance(fault, json.JSONDecodeError) else ""
        raise ToolError("corrupt", f"{name} is not sound JSON{where}; export it again") from fault


def _number(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number of too many digits")
    try:
        return Decimal(digits)
    except InvalidOperation as fault:  # an exponent that no computer counts to
        raise ValueError("a number that is too large") from fault


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _lines(text: str) -> list[Any] | None:
    """One value a line, as logs and exports write it; None where a line is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line, parse_float=_number, parse_int=_number, parse_constant=_refuse) for line in lines]
    except (ValueError, RecursionError):
        return None


class _Records:
    """Finds the lists of records in a parsed file and reads each as a table."""

    def __init__(self, document: Document, source: Source) -> None:
        self.document, self.source = document, source
        self.reading = Reading()

    def read(self, content: Any) -> None:
        stem = self.source.name.rpartition(".")[0] or self.source.name
        self._look(content, "", stem, 0)
        tell_titles_apart(self.reading.tables)
        self.document.tables = self.reading.tables
        self.document.notes = self.reading.notes[:20]

    def _look(self, node: Any, pointer: str, title: str, depth: int) -> None:
        if len(self.reading.tables) >= MAX_TABLES or depth > MAX_DEPTH:
            return
        if isinstance(node, list):
            records = [item for item in node if isinstance(item, dict)]
            if records and len(records) == len(node):
                self._table([(str(at), item) for at, item in enumerate(node)], pointer, title, "")
            elif node and all(isinstance(item, list) for item in node):
                self._rows(node, pointer, title)
        elif isinstance(node, dict):
            if _are_columns(node):
                keys = list(node)
                rows = [dict(zip(keys, cells, strict=True)) for cells in zip(*node.values(), strict=True)]
                self._table([(str(at), row) for at, row in enumerate(rows)], pointer, title, "columns")
            elif len(node) > 1 and all(isinstance(item, dict) and not _is_deep(item) for item in node.values()):
                self._table([(key, {"key": key, **item}) for key, item in node.items()], pointer, title, "keyed")
            else:
                for key, item in node.items():
                    if isinstance(item, list | dict):
                        self._look(item, f"{pointer}/{_escaped(key)}", key[:120] or title, depth + 1)

    def _table(self, records: Sequence[tuple[str, Json]], pointer: str, title: str, shape: str) -> None:
        flat = [_flat(record) for _, record in records]
        columns = list(dict.fromkeys(name for row in flat for name in row))[:MAX_COLUMNS]
        if not columns:
            return
        self._limit(len(flat) * len(columns))
        rows = [columns, *([row.get(name, ("", ""))[0] for name in columns] for row in flat)]
        paths = [[row.get(name, ("", ""))[1] for name in columns] for row in flat]
        made = self._read(rows, pointer, title, known=True)
        if len(flat) * len(columns) > MAX_POINTED:
            return
        for table in made:
            for column, field in zip(table.columns, table.fields, strict=True):
                for row, line in enumerate(table.lines):
                    path = paths[line - 2][field - 1] if 0 <= line - 2 < len(paths) else ""
                    if path:
                        at, name = records[line - 2][0], path
                        where = f"{name}/{at}" if shape == "columns" else f"/{_escaped(at)}{name}"
                        column.ats[row] = (("pointer", f"{pointer}{where}"),)

    def _rows(self, node: Sequence[Sequence[Any]], pointer: str, title: str) -> None:
        rows = [[_text(cell) for cell in row[:MAX_COLUMNS]] for row in node]
        self._limit(sum(map(len, rows)))
        made = self._read(rows, pointer, title)
        if sum(map(len, rows)) <= MAX_POINTED:
            for table in made:
                for column, field in zip(table.columns, table.fields, strict=True):
                    for row, line in enumerate(table.lines):
                        column.ats[row] = (("pointer", f"{pointer}/{line - 1}/{field - 1}"),)

    def _read(self, rows: Sequence[Sequence[str]], pointer: str, title: str, known: bool = False) -> list[Table]:
        """Adds the tables of these rows; `known`: the first of them is the header."""
        before = len(self.reading.tables)
        grid = Grid(rows, range(1, len(rows) + 1), title)
        found = read_records(grid, self.source.progress) if known else read_tables(grid, self.source.progress)
        for table in found.tables:
            table.table_id = f"t{len(self.reading.tables) + 1}"
            table.at = (("pointer", pointer),) if sum(map(len, rows)) > MAX_POINTED else ()
            self.reading.tables.append(table)
        for note in found.notes:
            self.reading.note(note)
        return self.reading.tables[before:]

    def _limit(self, cells: int) -> None:
        if cells > MAX_CELLS:
            raise ToolError(
                "too_large", f"{self.source.name} holds {cells:,} cells; up to {MAX_CELLS:,} are read. Split it"
            )


def _are_columns(node: Mapping[str, Any]) -> bool:
    """Whether an object holds columns: lists of one length, of plain values."""
    lists = [item for item in node.values() if isinstance(item, list)]
    if len(lists) < 2 or len(lists) < len(node) or len({len(item) for item in lists}) > 1 or not lists[0]:
        return False
    return not any(isinstance(cell, list | dict) for item in lists for cell in item)


def _is_deep(node: Mapping[str, Any]) -> bool:
    return any(isinstance(item, list) and any(isinstance(cell, dict) for cell in item) for item in node.values())


def _flat(record: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The record's plain values by dotted name, each with its pointer inside the record."""
    found: dict[str, tuple[str, str]] = {}
    waiting: list[tuple[str, str, Any, int]] = [(key, f"/{_escaped(key)}", item, 0) for key, item in record.items()]
    while waiting and len(found) < MAX_COLUMNS:
        name, path, item, depth = waiting.pop(0)
        if isinstance(item, dict) and item and depth < MAX_DEPTH:
            inside = [(f"{name}.{key}", f"{path}/{_escaped(key)}", part, depth + 1) for key, part in item.items()]
            waiting = inside + waiting
        else:
            found[name] = (_text(item), path)
    return found


def _text(item: Any) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return "TRUE" if item else "FALSE"
    if isinstance(item, Decimal):
        return plain(item) if abs(item.adjusted()) < 60 else str(item)
    if isinstance(item, list):
        return ", ".join(_text(part) for part in item[:50] if not isinstance(part, list | dict))[:MAX_TEXT]
    return "" if isinstance(item, dict) else " ".join(str(item).split("\x00"))[:MAX_TEXT]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


READER = Reader(MEDIA_TYPES, (".json", ".jsonl", ".ndjson"), read_json)
