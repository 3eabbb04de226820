"""The board: every figure of a few tables, with the words that name it and the time it belongs to.

Statements, records and grids become one thing here. A *line* is what a question names: the words of a row and of a
column with the time taken out of both ("Owned facilities" under "Other countries"; "Net sales" under "2019" and
"2018"). Its cells differ in time alone, so "from 2018 to 2019" has only to choose among them. Where rows are years and
columns are lines the same comes out, because time is taken from whichever side says it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.offline.frame import Figure, Frame
from tools.labels import FILLERS, label_stems

YEAR = re.compile(r"(?:(?<![\d.,])|(?<=[a-z] 3[01]))(?:19|20)\d\d(?!\d|[.,]\d)", re.IGNORECASE)  # "December 312013"
_SLASHED = re.compile(r"\b\d{1,2}/(?:\d{1,2}/)?(\d\d)\b")
_SHORT_YEAR = re.compile(r"\b(?:fy|cy)\s?['’]?(\d\d)\b", re.IGNORECASE)
_TIME_WORDS = frozenset(
    "year ended ending end december january february march april may june july august september october november dec jan "
    "feb mar apr jun jul aug sep sept oct nov fiscal month three six nine twelve quarter december 31 30 29 28 27 26 25 fy".split()
)
_QUARTER = re.compile(r"\bq([1-4])\b|\b(first|second|third|fourth) quarter\b", re.IGNORECASE)
UNLABELLED = "Total"
_MARKUP = re.compile(r"<[^>]{0,20}>")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure at a time: `year` is None where nothing says one; `part` tells two columns of one year apart."""

    figure: Figure
    year: int | None
    part: str
    label: str
    order: int


@dataclass(slots=True)
class Line:
    """What a question can name. `cells` stand in the order of the table."""

    row: str
    column: str
    table: str
    order: int
    section: str = ""
    cells: list[Cell] = field(default_factory=list)
    row_stems: tuple[str, ...] = ()
    column_stems: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name in an answer: what is printed, less markup, and less the time where its cells have that."""
        row, column = spoken(self.row), spoken(self.column)
        if not self.row_stems and column:
            return column
        return f"{row}, {column}" if self.column_stems and self.row_stems else row

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it is called; the same line may stand in several tables."""
        return self.row_stems, self.column_stems

    @property
    def row_key(self) -> tuple[str, int]:
        """Its row, which it shares with the lines of other columns."""
        return self.table, self.order // 100

    @property
    def years(self) -> list[int]:
        return sorted({cell.year for cell in self.cells if cell.year is not None})

    def at(self, year: int) -> Cell | None:
        """Its one cell of a year, None where there is none or more than one."""
        found = [cell for cell in self.cells if cell.year == year]
        return found[0] if len(found) == 1 else None

    @property
    def is_total(self) -> bool:
        return bool({"total", "subtotal"} & {*self.row_stems, *self.column_stems})


@dataclass(slots=True)
class Board:
    """All lines of the tables looked at."""

    lines: list[Line]

    @property
    def years(self) -> list[int]:
        return sorted({year for line in self.lines for year in line.years})


def board_of(frames: Sequence[tuple[str, Frame]]) -> Board:
    """The board of some tables, each with its address."""
    return Board([line for address, frame in frames for line in _lines(address, frame)])


_WHEN = re.compile(
    r",?\s*(?:\b(?:as of|at|for the|in|on)\s+)?"
    r"(?:\b(?:fiscal |financial )?(?:years?|months|quarters?|periods?)\s+(?:ended|ending)\s+)?"
    r"(?:\b(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|"
    r"aug|sept?|oct|nov|dec)\b\.?\s*\d{0,2},?\s*)?\b(?:FY|CY)?\s?(?:19|20)\d\d\b",
    re.IGNORECASE,
)


def spoken(label: str) -> str:
    """A label as it is said: no markup, no time, no notes.

    >>> spoken("Liability at December 31, 2006<sup>(1)</sup>"), spoken("2015 net revenue"), spoken("Net sales")
    ('Liability', 'net revenue', 'Net sales')
    """
    plain = " ".join(re.sub(r"<sup>.{0,12}?</sup>", "", label).split())
    bare = " ".join(_WHEN.sub(" ", _MARKUP.sub("", plain)).split()).strip(" ,-–")
    return bare or _MARKUP.sub("", plain)


def year_in(text: str) -> int | None:
    """The last year a label names.

    >>> year_in("Year ended Dec 31, 2024"), year_in("FY19"), year_in("2,015 units")
    (2024, 2019, None)
    """
    plain = _MARKUP.sub(" ", text)
    years = YEAR.findall(plain)
    if years:
        return int(years[-1])
    short = _SHORT_YEAR.search(plain) or _SLASHED.search(plain)
    return _century(int(short[1])) if short else None


def _century(digits: int) -> int:
    return 2000 + digits if digits < 50 else 1900 + digits


def years_said(text: str) -> list[int]:
    """All years a question names, in its order; `2014-2016` and `2014-16` name both ends.

    >>> years_said("from 2014-16"), years_said("FY19 against 12/31/18")
    ([2014, 2016], [2019, 2018])
    """
    spelled = re.sub(r"\b((?:19|20))(\d\d)\s?[-–/]\s?(\d\d)\b(?!\d)", r"\1\2 \g<1>\3", text)
    found = [(m.start(), int(m[0])) for m in YEAR.finditer(spelled)]
    found += [(m.start(), _century(int(m[1]))) for p in (_SHORT_YEAR, _SLASHED) for m in p.finditer(spelled)]
    return list(dict.fromkeys(year for _, year in sorted(found)))


def _lines(address: str, frame: Frame) -> list[Line]:
    numeric = [n for n in range(len(frame.labels)) if any(isinstance(row[n], Figure) for row in frame.rows)]
    dating = [n for n in numeric[:1] if len(numeric) > 1 and _are_years(frame, n)]
    numeric = [n for n in numeric if n not in dating]
    worded = [n for n in range(len(frame.labels)) if n not in numeric]
    found: dict[tuple[str, str], Line] = {}
    lines: list[Line] = []
    section = ""
    for order, row in enumerate(frame.rows):
        label = " ".join([*(_year_told(row[n]) for n in dating), *(str(row[n]).strip() for n in worded[:3] if row[n])])
        if not any(isinstance(row[n], Figure) for n in numeric):
            section = label
            continue
        if not label and order and worded:
            label = UNLABELLED  # what is ruled off under a column without a word is its sum
        for n in numeric:
            cell = row[n]
            if isinstance(cell, Figure):
                _place(found, lines, address, section, order, n, label, frame.labels[n], cell)
    return lines


def _are_years(frame: Frame, column: int) -> bool:
    """A column of numbers that are years, one after the other, names its rows."""
    figures = [row[column] for row in frame.rows]
    years = [cell.amount for cell in figures if isinstance(cell, Figure)]
    return len(years) > 1 and all(1950 <= year <= 2099 and year == int(year) for year in years)


def _year_told(cell: str | Figure | None) -> str:
    return str(int(cell.amount)) if isinstance(cell, Figure) else str(cell or "")


def _place(
    found: dict[tuple[str, str], Line],
    lines: list[Line],
    address: str,
    section: str,
    order: int,
    position: int,
    row: str,
    column: str,
    figure: Figure,
) -> None:
    row_stems, column_stems = _naming(row), _naming(column)
    year = year_in(column) or year_in(row)
    key = (" ".join(row_stems) or f"row {order}" * (year_in(row) is None), " ".join(column_stems))
    quarter = _QUARTER.search(f"{column} {row}")
    part = quarter[0].casefold() if quarter else ""
    line = found.get(key)
    if line is None or any((cell.year, cell.part) == (year, part) for cell in line.cells):
        # A label may stand twice, under two headings: then it is two lines, and the heading is part of the second's name.
        twice = line is not None and bool(section)
        named = f"{row} ({spoken(section).rstrip(': ')})" if twice else row
        line = found[key] = Line(named, column, address, order * 100 + position, section)
        line.row_stems, line.column_stems = (*_naming(section), *row_stems) if twice else row_stems, column_stems
        lines.append(line)
    line.cells.append(Cell(figure, year, part, column if year_in(column) else row, order * 100 + position))


def _naming(label: str) -> tuple[str, ...]:
    """The stems of a label without time, markup and bare numbers."""
    stems = label_stems(_MARKUP.sub(" ", label))
    if stems in (("column", "2"), ("column", "1")):
        return ()
    timed = year_in(label) is not None
    return tuple(
        stem
        for stem in stems
        if stem not in FILLERS
        and not (timed and (stem in _TIME_WORDS or stem.isdigit()))
        and not (timed and year_in(stem) is not None)
    )
