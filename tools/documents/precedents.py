"""What a sheet's formulas rest on: the cells they name, the numbers typed into them, and whether they run in a circle.

Read from the text of the formulas, which is enough for that and runs nothing. Text in quotation marks is skipped, names
that people gave to cells are not followed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from tools.documents.stored import Cell

MAX_EDGES = 400_000
MAX_COLUMNS_OF_RANGE = 500

Node = tuple[str, int, int]
"""(sheet, row, column), row and column from 0."""

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_SHEET = r"(?:'(?P<quoted>(?:[^']|''){1,200})'|(?P<plain>[A-Za-z_À-ɏ][\w.À-ɏ]{0,100}|\[[0-9]+\][\w. ]{0,100}))!"
_REFERENCE = re.compile(
    rf"(?<![\w.$])(?:{_SHEET})?(?:"
    r"\$?(?P<c1>[A-Z]{1,3})\$?(?P<r1>[0-9]{1,7})(?::\$?(?P<c2>[A-Z]{1,3})\$?(?P<r2>[0-9]{1,7}))?"
    r"|\$?(?P<from>[A-Z]{1,3}):\$?(?P<to>[A-Z]{1,3}))(?![\w(.!])"
)
_EXTERNAL = re.compile(r"\[[^\[\]]{1,200}\][^\[\]!]{0,100}!|https?://|\b[A-Za-z]:\\")
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?%?|\.[0-9]+%?"
_TYPED_IN = re.compile(
    rf"(?<=[-+*/^])\s*(?P<after>{_NUMBER})(?![\w(.!:])|(?<![\w.$!:])(?P<before>{_NUMBER})(?=\s*[-+*/^])"
)
_ORDINARY = frozenset("0 1 2 3 4 7 10 12 24 30 52 60 100 360 365 366 1000 10000 1000000 1000000000 100% 50%".split())


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells that a formula names, `sheet` empty where it is the formula's own."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int


@lru_cache(maxsize=4096)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def ranges_of(formula: str) -> list[Range]:
    """The cells a formula names, in the order it does; not those of other files.

    >>> ranges_of("=SUM(B2:B4)-'Cash flow'!$C$7")
    [Range(sheet='', top=1, left=1, bottom=3, right=1), Range(sheet='Cash flow', top=6, left=2, bottom=6, right=2)]
    """
    found: list[Range] = []
    for each in _REFERENCE.finditer(_TEXT.sub('""', formula)):
        sheet = (each["quoted"] or each["plain"] or "").replace("''", "'")
        if "[" in sheet:
            continue
        if each["from"]:
            left, right = sorted((_column(each["from"]), _column(each["to"])))
            found.append(Range(sheet, 0, left, 1_048_575, right))
            continue
        column, row = _column(each["c1"]), int(each["r1"]) - 1
        other = (_column(each["c2"]), int(each["r2"]) - 1) if each["c2"] else (column, row)
        (left, right), (top, bottom) = sorted((column, other[0])), sorted((row, other[1]))
        found.append(Range(sheet, top, left, bottom, right))
    return found


def names_other_file(formula: str) -> bool:
    """Whether a formula takes something from another file."""
    return bool(_EXTERNAL.search(_TEXT.sub('""', formula)))


def typed_in(formula: str) -> list[str]:
    """The numbers typed into a formula's arithmetic, but for those that only convert (months, per cent, thousands).

    >>> typed_in("=B7*1.08+Sheet2!C4/12"), typed_in("=ROUND(A1,2)")
    (['1.08'], [])
    """
    bare = _TEXT.sub('""', formula).removeprefix("=")
    numbers = [found["after"] or found["before"] for found in _TYPED_IN.finditer(bare)]
    return [number for number in numbers if number not in _ORDINARY]


def find_circle(formulas: Mapping[str, Mapping[Cell, str]]) -> list[Node]:
    """A chain of formulas that leads back to its first cell, which stands at both ends; [] where there is none.

    `formulas`: by sheet, then by cell. Beyond 400,000 steps from cell to cell the search gives up and finds none.
    """
    where = {sheet.casefold(): sheet for sheet in formulas}
    columns = {sheet: _rows_by_column(cells) for sheet, cells in formulas.items()}
    sorter: TopologicalSorter[Node] = TopologicalSorter()
    edges = 0
    for sheet, cells in formulas.items():
        for (row, column), formula in cells.items():
            before: set[Node] = set()
            for named in ranges_of(formula):
                target = where.get(named.sheet.casefold(), "") if named.sheet else sheet
                before.update((target, r, c) for r, c in _within(named, columns.get(target, {})))
                if edges + len(before) > MAX_EDGES:
                    return []
            edges += len(before)
            if (sheet, row, column) in before:
                return [(sheet, row, column), (sheet, row, column)]
            sorter.add((sheet, row, column), *sorted(before))
    try:
        sorter.prepare()
    except CycleError as fault:
        circle: list[Node] = fault.args[1]
        return circle
    return []


def _rows_by_column(cells: Mapping[Cell, str]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, column in sorted(cells):
        rows[column].append(row)
    return rows


def _within(named: Range, columns: Mapping[int, list[int]]) -> Iterator[Cell]:
    """The formulas inside a range."""
    right = min(named.right, named.left + MAX_COLUMNS_OF_RANGE)
    for column in range(named.left, right + 1):
        rows = columns.get(column)
        if rows:
            for index in range(bisect_left(rows, named.top), bisect_right(rows, named.bottom)):
                yield rows[index], column
