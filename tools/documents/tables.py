"""A grid of texts to tables: the steps every reader of rows shares once it has rows and knows where they stand.

Blocks are found, titles and headers are read, and each block becomes a table of lines over periods or a table of records.
The grid's `numbers` are what the format calls a row (a physical line of a CSV, a row of a sheet).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from tools.documents.columns import Cells, evidence_of, type_column
from tools.documents.dates import Order, decide_order, read_date
from tools.documents.document import Column, Passage, Shape, Table, column_letters
from tools.documents.headings import Frame, Heading, read_corner, read_frame, read_headings
from tools.documents.layout import Block, extent, filled, find_blocks
from tools.documents.measures import is_caption, without_units
from tools.documents.moments import date_rows, happen, years_end
from tools.documents.numbers import read_number
from tools.documents.periods import find_day, read_period, standing_at
from tools.documents.reader import Progress, silent
from tools.documents.rules import is_unit_column
from tools.documents.statements import Lines, find_lines, statement_columns
from tools.documents.totals import left_out, totals_in
from tools.values import Period

MAX_CELLS = 3_000_000
_MAX_PASSAGES = 200
_MAX_PASSAGE_CHARS = 2_000
_MAX_TITLE_CHARS = 200
_PROGRESS_STEPS = 50
_YEAR_APART = (357, 378)  # days, for fiscal years of 52 and 53 weeks

_STATEMENT = re.compile(
    r"\b(?:income statements?|profit (?:and|&|or) loss|p&l|balance sheets?|cash ?flows?|statements? of|financial position|"
    r"comprehensive income|earnings|changes in equity|budget|forecast|trial balance)\b",
    re.I,
)
_STANDS = re.compile(r"\b(?:balance sheets?|financial position|as (?:at|of) [0-9a-z])", re.I)
_FLOWS = re.compile(
    r"\b(?:income|profit|loss|p&l|cash ?flows?|operations|earnings|changes in|movements?|ended|ending)\b", re.I
)
_PERIOD_ONLY = re.compile(r"(?:for )?(?:the )?(?:[a-z]+ ){1,3}(?:ended|ending|to)\b.{0,40}", re.I)
_COPY = re.compile(r"_[0-9]+$")
_SAYS_FISCAL = re.compile(r"\bFY|\bF(?:19|20)?[0-9]{2}\b|\bfiscal\b", re.I)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of texts, what the format calls each row, and the name of the whole. `decimal` is used where nothing decides.

    For a sheet of a workbook: its name, the number of its first column, and `spans`: row index and column to the number
    of columns that a merged cell there covers; None where the file does not say what is merged.
    """

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    name: str
    decimal: str = "."
    sheet: str = ""
    first_column: int = 1
    spans: Mapping[int, Mapping[int, int]] | None = None
    lined: bool = False

    def at(self, row: int) -> tuple[tuple[str, Any], ...]:
        """Where a row stands, as the fields of a place."""
        if not self.sheet:
            return (("line", self.numbers[row]),)
        return (("sheet", self.sheet), ("cell", f"{column_letters(self.first_column)}{self.numbers[row]}"))


@dataclass(slots=True)
class Reading:
    """What was found in a grid: tables, the words around them, and remarks for people."""

    tables: list[Table] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def read_tables(grid: Grid, progress: Progress = silent) -> Reading:
    """All tables of a grid. A grid that holds none gives a reading without tables; nothing is refused here."""
    reading = Reading()
    frame = Frame(stored=bool(grid.sheet))
    blocks = find_blocks(grid.rows)
    for done, block in enumerate(blocks):
        frame = read_block(grid, block, reading, frame, progress if len(blocks) == 1 else silent)
        if len(blocks) > 1:
            progress("tables", done + 1, len(blocks))
    tell_titles_apart(reading.tables)
    return reading


def read_records(grid: Grid, progress: Progress = silent) -> Reading:
    """The one table of a grid whose first row is known to be its header, and every other row a record."""
    reading = Reading()
    if len(grid.rows) > 1:
        block = Block([], [0], list(range(1, len(grid.rows))), [])
        read_block(grid, block, reading, Frame(stored=bool(grid.sheet)), progress)
    return reading


def read_block(grid: Grid, block: Block, reading: Reading, before: Frame, progress: Progress = silent) -> Frame:
    """Adds the table of one block to the reading; gives the frame that holds for what follows it. For readers that know
    from elsewhere than the rows where a table begins and which of them are its header.
    """
    table_reader = _TableReader(grid, block, reading, before, progress)
    frame = replace(table_reader.frame)
    table = table_reader.read(f"t{len(reading.tables) + 1}")
    frame.proven, frame.year_end = table_reader.frame.proven, table_reader.frame.year_end or frame.year_end
    if table.columns:
        reading.tables.append(table)
    return frame


def tell_titles_apart(tables: Sequence[Table]) -> None:
    """Tables of one title get the name of their sheet, and those that still share one a number."""
    counts = Counter(table.title for table in tables)
    sheets = {title: {table.sheet for table in tables if table.title == title} for title in counts if counts[title] > 1}
    for table in tables:
        if len(sheets.get(table.title, ())) > 1 and table.sheet != table.title:
            table.title = f"{table.title} ({table.sheet})"
    counts = Counter(table.title for table in tables)
    for number, table in enumerate(tables, 1):
        if counts[table.title] > 1:
            table.title = f"{table.title} ({number})"


class _TableReader:
    """One block on its way to a table. `frame` is what its titles say, on top of what the tables before said."""

    def __init__(self, grid: Grid, block: Block, reading: Reading, before: Frame, progress: Progress) -> None:
        self.grid = grid
        self.block = block
        self.reading = reading
        self.progress = progress
        self.titles = [self._words(row) for row in block.titles]
        self.frame = read_frame(self.titles, before)
        self._keep_passages([*block.titles, *block.notes])

    def _words(self, row: int) -> str:
        return " ".join(cell.strip() for cell in self.grid.rows[row] if cell.strip())[:_MAX_PASSAGE_CHARS]

    def _keep_passages(self, rows: Sequence[int]) -> None:
        room = max(0, _MAX_PASSAGES - len(self.reading.passages))
        for row in rows[:room]:
            self.reading.passages.append(Passage(self._words(row), self.grid.at(row)))

    def read(self, table_id: str) -> Table:
        header, spans = self._header()
        width = self._width(header)
        cells = [self._column(column) for column in range(width)]
        self._settle_marks(cells)
        headings = read_headings(header, width, self.frame, spans)
        kept = [c for c in range(width) if cells[c].distinct != [""] or (header and not headings[c].generated)]
        headings, cells = [headings[c] for c in kept], [cells[c] for c in kept]
        lines = find_lines(headings, cells, self.frame.stored, self.grid.lined) if header or self.grid.lined else None
        if header and not headings[lines.label if lines else 0].generated:
            read_corner(headings[lines.label if lines else 0], self.frame)
        columns = self._line_columns(headings, cells, lines) if lines else self._record_columns(headings, cells)
        if lines and lines.by_period:
            said = [*self.titles, headings[lines.label].label]
            if not (len(lines.numeric) > 2 and happen(cells[lines.label].texts)):
                self._stand(columns, said)
            self._flow(columns, said)
        if lines and self.grid.lined:
            corner = headings[lines.label]
            over = "" if corner.generated else corner.label
            date_rows(columns, cells[lines.label].texts, self.titles, over, self.frame.year_end)
            self.frame.year_end = self.frame.year_end or years_end(columns)
        table = Table(table_id, self._title(headings), columns, _shape(lines, columns, headings))
        table.fields = [column + self.grid.first_column for column in kept]
        table.sheet = self.grid.sheet
        table.lines = [self.grid.numbers[index] for index in self.block.body]
        table.note = next((title for title in self.titles if is_caption(title)), "")
        if lines:
            _put_first(table, lines.label)
        self.progress("tables", len(columns), len(columns))
        self._report(headings)
        return table

    def _header(self) -> tuple[list[Sequence[str]], list[Mapping[int, int]] | None]:
        """The header rows and what is merged in them; one that holds nothing but a single caption is read as a title."""
        header: list[Sequence[str]] = []
        merged = self.grid.spans
        spans: list[Mapping[int, int]] = []
        for index in self.block.header:
            row = self.grid.rows[index]
            said = next(cell for cell in row if cell.strip())
            if len(self.block.header) > 1 and filled(row) == 1 and is_caption(said):
                self.frame = replace(read_frame([said], self.frame), length=self.frame.length)
            else:
                header.append(row)
                spans.append((merged or {}).get(index, {}))
        return header, None if merged is None else spans

    def _width(self, header: Sequence[Sequence[str]]) -> int:
        """Columns up to the last cell that holds something; a few endless rows may not make the table huge."""
        rows = self.grid.rows
        said = max((extent(row) for row in header), default=0)
        longest = max(len(rows[index]) for index in self.block.body)
        if longest <= said:
            return said
        widths = Counter(extent(rows[index]) for index in self.block.body)
        width = max(said, max(widths))
        if said and width > said:
            count = sum(often for size, often in widths.items() if size > said)
            self.reading.note(
                f"{count:,} row{'s have' if count > 1 else ' has'} more fields than the header (up to {width})"
            )
        if width * len(self.block.body) > MAX_CELLS:
            width = said or widths.most_common(1)[0][0]
            self.reading.note(f"fields beyond column {width} were left out")
        return width

    def _column(self, column: int) -> Cells:
        rows = self.grid.rows
        return Cells.of(row[column] if column < len(row) else "" for row in map(rows.__getitem__, self.block.body))

    def _settle_marks(self, cells: Sequence[Cells]) -> None:
        """The decimal mark and the order of dates to assume in columns that leave them open."""
        evidence = evidence_of([column for column in cells if _mostly_numbers(column)])
        doubtful = evidence.is_open and evidence.either_point > 0 and evidence.either_comma == 0
        self.frame.decimal = evidence.decimal(self.frame.proven or (self.grid.decimal if doubtful else "."))
        if evidence.point != evidence.comma:
            self.frame.proven = self.frame.decimal
        elif doubtful and not self.frame.proven:
            meaning = "decimals" if self.frame.decimal == "." else "thousands"
            self.reading.note(f"numbers such as 1.234 can be read two ways here; the point was taken to mark {meaning}")
        self.frame.order = _common_order(cells, "mdy" if self.frame.caption.currency == "USD" else "dmy")

    def _line_columns(self, headings: list[Heading], cells: list[Cells], lines: Lines) -> list[Column]:
        numbers = [self.grid.numbers[index] for index in self.block.body]
        gaps = [row > 0 and numbers[row] - numbers[row - 1] > 1 for row in range(len(numbers))]
        return statement_columns(headings, cells, lines, gaps, self.frame)

    def _record_columns(self, headings: list[Heading], cells: list[Cells]) -> list[Column]:
        cells = self._without_totals(cells)
        inherited = {heading.measure.currency for heading in headings if heading.measure.currency}
        if not self.frame.caption.currency and len(inherited) == 1:
            self.frame.caption = replace(self.frame.caption, currency=inherited.pop())
        said = [column for column, heading in enumerate(headings) if is_unit_column(heading, cells[column].sample)]
        units = cells[said[0]].texts if said else []
        columns: list[Column] = []
        step = max(1, len(cells) // _PROGRESS_STEPS)
        for index, (heading, column) in enumerate(zip(headings, cells, strict=True)):
            columns.append(type_column(f"c{index}", heading, column, self.frame, [] if index in said else units))
            if index % step == 0:
                self.progress("tables", index, len(cells))
        if headings[0].generated and self.block.header:  # the index that a program wrote without a name
            name = "Date" if columns[0].kind == "date" else "Column 1"
            taken = any(column.label.casefold() == name.casefold() for column in columns)
            columns[0].label = columns[0].label if taken else name
        return columns

    def _without_totals(self, cells: list[Cells]) -> list[Cells]:
        """The cells without the records that are totals of others: in every sum these would be counted twice."""
        body = self.block.body
        if not self.block.header or len(body) < 3:
            return cells
        dropped = set(totals_in(cells))
        if not dropped or 2 * len(dropped) > len(body):
            return cells
        rows = [body[index] for index in sorted(dropped)]
        self.block.body = [row for index, row in enumerate(body) if index not in dropped]
        self._keep_passages(rows)
        self.reading.note(left_out([self.grid.numbers[row] for row in rows], "row" if self.grid.sheet else "line"))
        return [Cells.of(t for index, t in enumerate(column.texts) if index not in dropped) for column in cells]

    def _stand(self, columns: Sequence[Column], said: Sequence[str]) -> None:
        """In a balance sheet a year names the day it ends on; where the words name flows as well, it stays a year."""
        if self.frame.length or any(map(_FLOWS.search, said)) or not any(map(_STANDS.search, said)):
            return
        day = next(filter(None, map(find_day, said)), self.frame.year_end)
        for column in columns:
            column.period = column.period and standing_at(column.period, day)

    def _flow(self, columns: Sequence[Column], said: Sequence[str]) -> None:
        """In a statement of flows a day names the year that ends on it, where the days lie a year apart."""
        if self.frame.length or not any(map(_FLOWS.search, said)):
            return
        dated = [
            column for column in columns if column.period and column.period.kind == "instant" and column.period.end
        ]
        days = sorted(column.period.end for column in dated if column.period and column.period.end)
        if len(days) > 1 and all(
            _YEAR_APART[0] <= (after - day).days <= _YEAR_APART[1] for day, after in pairwise(days)
        ):
            for column in dated:
                column.period = column.period and _year_to(column.period)

    def _title(self, headings: Sequence[Heading]) -> str:
        """The words that name the table: a title that names a statement, the header's first cell, the first title, the file."""
        words = [
            _without_caption(title) for title in self.titles if not (is_caption(title) or _PERIOD_ONLY.fullmatch(title))
        ]
        corner = headings[0].label if headings and not headings[0].generated else ""
        named = [title for title in words if _STATEMENT.search(title)]
        if not named and (_STATEMENT.search(corner) or _names_sheet(corner, self.grid.sheet)):
            named = [_without_caption(corner)]
        return (named or words or [self.grid.name])[0][:_MAX_TITLE_CHARS]

    def _report(self, headings: Sequence[Heading]) -> None:
        for note in self.frame.notes:
            self.reading.note(note)
        if self.block.repeated:
            again = "once" if self.block.repeated == 1 else f"{self.block.repeated:,} times"
            self.reading.note(f"the header is repeated {again} inside the table; these rows were left out")
        if self.block.header and self.frame.year_end is None and any(_is_assumed(heading) for heading in headings):
            self.reading.note("the file does not say when fiscal years end; calendar years were assumed")
        if not self.block.header:
            self.reading.note("no header row was found; the columns were given names")


def _year_to(day: Period) -> Period:
    return (read_period(f"year ended {day.end.isoformat()}") if day.end else None) or day


def _names_sheet(corner: str, sheet: str) -> bool:
    """Whether the words over the line labels are the title in full that the sheet's name, of 31 letters at most, begins."""
    stem, said = (re.sub(r"[\W_]+", " ", words).strip().casefold() for words in (_COPY.sub("", sheet), corner))
    return len(stem) >= 8 and said.startswith(stem[:24])


def _without_caption(title: str) -> str:
    """`Statements of Operations (in millions)` is called Statements of Operations."""
    title = without_units(title)
    head, bracket, tail = title.rpartition("(")
    return head.rstrip(" -–,") if bracket and head.strip() and is_caption("(" + tail) else title


def _mostly_numbers(cells: Cells) -> bool:
    sample = cells.sample[:200]
    return 2 * sum(1 for text in sample if read_number(text, ".") or read_number(text, ",")) > len(sample)


def _common_order(cells: Sequence[Cells], fallback: Order) -> Order:
    """The order of day and month that columns of dates in this table prove, for those that leave it open."""
    for column in cells:
        sample = column.sample
        if sample and all(read_date(text) or read_date(text, "mdy") for text in sample[:20]):
            decided = decide_order(sample, fallback)
            if decided.needed and decided.sure:
                return decided.order
    return fallback


def _is_assumed(heading: Heading) -> bool:
    if heading.period is None or heading.period.kind == "instant" or "ended" in heading.label.casefold():
        return False
    return bool(_SAYS_FISCAL.search(heading.label))


def _shape(lines: Lines | None, columns: Sequence[Column], headings: Sequence[Heading]) -> Shape:
    if lines:
        return "statement" if lines.by_period else "grid"
    typed = any(column.kind != "text" for column in columns)
    return "tidy" if typed or not any(heading.generated for heading in headings) else "grid"


def _put_first(table: Table, label: int) -> None:
    """The column that names the lines goes first, because a row is called by its first text column."""
    table.columns.insert(0, table.columns.pop(label))
    table.fields.insert(0, table.fields.pop(label))
