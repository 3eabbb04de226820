"""How large a rectangle of cells a sheet spans, told from its bytes before anything is parsed.

Parsers lay a sheet out as a full rectangle, so one cell in the last corner costs as much as all between. The counts are
never below what a parser would make of the same bytes; where something cannot be told, the larger answer is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

MOST_CELLS = 1_500_000
Extent = tuple[int, int]
"""(rows, columns) of the smallest rectangle that holds all cells that are not empty."""

_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]{1,40})([0-9]{1,40})["'][^<>]*?(/?)>""")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ANY_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,40})([0-9]{1,40})["']""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_REPEATED = re.compile(
    rb"""<table:(table-row|table-cell|covered-table-cell)\b([^<>]*?)(/?)>|</table:(table-row|table)>"""
)
_COUNT = re.compile(rb"""table:number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,12})["']""")
_SHEET_RECORD, _MANY_CELLS, _OLD_END = 0x85, 0xBD, 0x0A
_OLD_CELLS = frozenset((0x03, 0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406))
_ROW_RECORD, _LAST_CELL_RECORD = 0, 11


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def extent_of_xml(content: bytes, most: int = MOST_CELLS) -> Extent:
    """The extent of a worksheet part of an `.xlsx`. Beyond `most` cells the count ends, with what was seen so far."""
    empty = full = bottom = 0
    top = 1 << 40
    letters: set[bytes] = set()
    for found in _CELL.finditer(content):
        if found[3]:
            empty += 1
            continue
        full += 1
        letters.add(found[1])
        row = int(found[2])
        top, bottom = min(top, row), max(bottom, row)
        if full > most:
            break
    else:
        if full + empty != sum(1 for _ in _ANY_CELL.finditer(content)):
            return _extent_of_hidden(content)  # cells without a place of their own, or written in a way that hides it
    return _box({top, bottom}, {_column(each) for each in letters}) if full else (0, 0)


def _box(rows: set[int], columns: set[int]) -> Extent:
    if not rows or not columns:
        return (0, 0)
    return (max(rows) - min(rows) + 1, max(columns) - min(columns) + 1)


def _extent_of_hidden(content: bytes) -> Extent:
    bottom = widest = 0
    letters: set[bytes] = set()
    for found in _ANY_PLACE.finditer(content):
        letters.add(found[1])
        bottom = max(bottom, int(found[2]))
    starts = [found.start() for found in _ROW.finditer(content)]
    for start, end in pairwise([*starts, len(content)]):
        widest = max(widest, sum(1 for _ in _ANY_CELL.finditer(content, start, end)))
    return (max(bottom, len(starts), 1), max(map(_column, letters), default=0) + max(widest, 1))


def extent_of_xlsb(content: bytes) -> Extent | None:
    """The extent of a worksheet part of an `.xlsb`; of another part of one it is nothing. None where a record says that
    it is longer than the part, which a parser would make room for.
    """
    rows: set[int] = set()
    columns: set[int] = set()
    row = 0
    for kind, at, size in _records(content):
        if at + size > len(content):
            return None
        if kind == _ROW_RECORD:
            row = int.from_bytes(content[at : at + 4], "little")
        elif 1 < kind <= _LAST_CELL_RECORD:
            rows.add(row)
            columns.add(int.from_bytes(content[at : at + 4], "little"))
    return _box(rows, columns)


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, where the body begins, its size) of records with a kind of one or two bytes and a size of up to four."""
    at, end = 0, len(content)
    while at < end:
        kind = content[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end and shift < 28:
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, at, size
        at += size


def extents_of_xls(stream: bytes) -> Iterator[Extent]:
    """The extents of the sheets of an `.xls`, which begin where its first records say and end with a record of their own."""
    for kind, at, size in old_records(stream, 0):
        if kind == _SHEET_RECORD and size >= 4:
            rows: set[int] = set()
            columns: set[int] = set()
            for inner, start, length in old_records(stream, int.from_bytes(stream[at : at + 4], "little")):
                if inner in _OLD_CELLS and length >= 4:
                    rows.add(int.from_bytes(stream[start : start + 2], "little"))
                    columns.add(int.from_bytes(stream[start + 2 : start + 4], "little"))
                    if inner == _MANY_CELLS:
                        columns.add(int.from_bytes(stream[start + length - 2 : start + length], "little"))
            yield _box(rows, columns)


def old_records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, where the body begins, its size) up to the record that ends the sheet."""
    while at + 4 <= len(stream):
        kind, size = int.from_bytes(stream[at : at + 2], "little"), int.from_bytes(stream[at + 2 : at + 4], "little")
        yield kind, at + 4, size
        if kind == _OLD_END:
            return
        at += 4 + size


def extent_of_ods(content: bytes) -> Extent:
    """The largest extent of the sheets in an `.ods`, whose cells and rows may be repeated by number."""
    widest = rows = tallest = width = times = 0
    holds = False
    pending = pending_rows = 0
    for found in _REPEATED.finditer(content):
        opened, attributes, _, closed = found.groups()
        said = [int(count) for count in _COUNT.findall(attributes or b"")]
        count = max(1, *said) if said else 1
        if opened == b"table-row":
            width = pending = 0
            times, holds = count, False
        elif opened:
            pending += count
            if b"office:" in (attributes or b"") or b"calcext:" in (attributes or b""):
                width, holds = pending, True
        elif closed == b"table-row":
            pending_rows += times
            if holds:
                rows, widest = pending_rows, max(widest, width)
        else:
            tallest, rows, pending_rows = max(tallest, rows), 0, 0
    return (max(tallest, rows), widest)
