"""Text to records: which character separates the fields, and where each record begins.

The delimiter is the one under which most lines have the same number of fields *and* the fields look like cells. The
second half matters: in `Umsatz;1,5;2,5` a comma splits every line into three parts as evenly as the semicolon does, but
its parts (`5;2`) are nothing anybody would print.

Records come from the standard library's csv parser, with one repair. A quotation mark that is opened and never closed
makes a parser swallow the following lines; where its closing mark then stands inside a word, or nowhere, the opening
one is taken literally. Repairs are counted, so that a hostile file stays linear.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.documents.dates import read_date
from tools.documents.numbers import is_blank, read_number
from tools.refusals import ToolError

DELIMITERS = ",;\t|"
MAX_FIELD_CHARS = 1_000_000
MAX_CELLS = 3_000_000
_SAMPLE_CHARS = 256 * 1024
_SAMPLE_LINES = 300
_SAMPLE_CELLS = 4_000
_MAX_REPAIRS = 200
_MAX_RECORD_LINES = 2_000
_HINT = re.compile(r"sep=(.)", re.I)

Row = list[str]


@dataclass(slots=True)
class Records:
    """The rows of a file and the physical line (from 1) each of them begins on. `repairs`: quotation marks taken literally."""

    rows: list[Row]
    lines: list[int]
    delimiter: str
    repairs: int = 0


def split_lines(text: str) -> list[str]:
    """Physical lines: LF, CRLF and CR end one, nothing else does (a form feed or U+2028 inside a cell is text)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def read_records(text: str, delimiter: str = "") -> Records:
    """All records of a text; the delimiter is found when it is not given.

    Refuses (`too_large`) a field of more than 1,000,000 characters and a file of more than 3,000,000 cells.
    """
    lines = split_lines(text)
    skipped = 0
    hint = _HINT.fullmatch(lines[0].strip()) if lines else None
    if hint and hint[1] in DELIMITERS:
        delimiter, skipped = delimiter or hint[1], 1
    delimiter = delimiter or find_delimiter(lines)
    cells = text.count(delimiter) + len(lines)
    if cells > MAX_CELLS:
        raise ToolError(
            "too_large", f"the file has about {cells:,} cells; up to {MAX_CELLS:,} can be read, so split it by period"
        )
    if '"' in text:
        records = _QuotedRecords(lines, delimiter, skipped).read()
    else:
        _refuse_long(lines, delimiter)
        rows = [line.split(delimiter) if line else [] for line in lines[skipped:]]
        records = Records(rows, list(range(skipped + 1, len(lines) + 1)), delimiter)
    return records


def _refuse_long(lines: Sequence[str], delimiter: str) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_FIELD_CHARS and max(map(len, line.split(delimiter))) > MAX_FIELD_CHARS:
            raise _too_long(number)


def _too_long(line: int) -> ToolError:
    return ToolError(
        "too_large",
        f"a field near line {line} has more than {MAX_FIELD_CHARS:,} characters; a cell may have up to that",
    )


def _dialect(delimiter: str, lines: Sequence[str]) -> dict[str, object]:
    """Blanks before an opening quotation mark are skipped only in files that write them."""
    spaced = re.compile(re.escape(delimiter) + r' +"')
    return {"delimiter": delimiter, "skipinitialspace": any(spaced.search(line[:4096]) for line in lines[:50])}


class _QuotedRecords:
    """Reads records over a list of lines that can be wound back."""

    def __init__(self, lines: list[str], delimiter: str, start: int) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.at = start
        self.repairs = 0
        self.literal = False
        self.dialect = _dialect(delimiter, lines)

    def _feed(self) -> Iterator[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            yield line + "\n"

    def read(self) -> Records:
        csv.field_size_limit(MAX_FIELD_CHARS)
        records = Records([], [], self.delimiter)
        parser = self._parser()
        while self.at < len(self.lines):
            start = self.at
            try:
                row = next(parser)
            except StopIteration:
                break
            except csv.Error:
                row = self._after_error(start)
                parser = self._parser()
            if self.at - start > 1 and self._is_broken(start):
                row = self._take_literally(start)
                parser = self._parser()
            records.rows.append(row)
            records.lines.append(start + 1)
        records.repairs = self.repairs
        return records

    def _parser(self) -> Iterator[Row]:
        quoting = csv.QUOTE_NONE if self.literal else csv.QUOTE_MINIMAL
        return csv.reader(self._feed(), quoting=quoting, **self.dialect)  # type: ignore[arg-type]

    def _is_broken(self, start: int) -> bool:
        """Whether a record over several lines is none: its closing mark stands inside a word, or nowhere."""
        if self.at - start > _MAX_RECORD_LINES:
            return True
        lines = [line + "\n" for line in self.lines[start : self.at]]
        try:
            for _ in csv.reader(lines, strict=True, **self.dialect):  # type: ignore[arg-type]
                pass
        except csv.Error:
            return True
        return False

    def _split(self, line: int) -> Row:
        return self.lines[line].split(self.delimiter)

    def _take_literally(self, line: int) -> Row:
        """The line without regard to quotation marks; after too many of these, the rest of the file is read so."""
        self.at = line + 1
        self.repairs += 1
        self.literal = self.literal or self.repairs >= _MAX_REPAIRS
        return self._split(line)

    def _after_error(self, start: int) -> Row:
        line = self.lines[start]
        is_closed = len(line) > MAX_FIELD_CHARS and line.count('"') % 2 == 0
        if is_closed or max(map(len, self._split(start)), default=0) > MAX_FIELD_CHARS:
            raise _too_long(start + 1) from None
        return self._take_literally(start)


def _sample_rows(lines: Sequence[str], delimiter: str) -> list[Row]:
    sample: list[str] = []
    size = 0
    for line in lines[:_SAMPLE_LINES]:
        sample.append(line[: _SAMPLE_CHARS - size] + "\n")
        size += len(line)
        if size >= _SAMPLE_CHARS:
            break
    csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        return list(csv.reader(sample, strict=False, **_dialect(delimiter, lines)))  # type: ignore[arg-type]
    except csv.Error:
        return [line.split(delimiter) for line in sample]


def find_delimiter(lines: Sequence[str]) -> str:
    """The separator of the fields: `,` `;` tab or `|`; a comma when no line has more than one field."""
    present = [delimiter for delimiter in DELIMITERS if any(delimiter in line for line in lines[:_SAMPLE_LINES])]
    if len(present) < 2:
        return present[0] if present else ","
    return max(present, key=lambda delimiter: _fit(_sample_rows(lines, delimiter), delimiter))


def _fit(rows: Sequence[Row], delimiter: str) -> tuple[float, int]:
    """How well a delimiter explains the lines: (even widths x clean cells, width)."""
    widths = Counter(_extent(row) for row in rows if any(row))
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 1
    width = max(several, key=lambda key: (several[key], key))
    near = sum(count for key, count in several.items() if abs(key - width) <= 1)
    evenness = (several[width] + 0.25 * (near - several[width])) / sum(widths.values())
    cells = [cell for row in rows if len(row) > 1 for cell in row][:_SAMPLE_CELLS]
    foreign = [other for other in DELIMITERS if other != delimiter]
    clean = sum(_is_clean(cell, foreign) for cell in cells) / len(cells)
    return round(evenness * clean * clean, 6), width


def _extent(row: Row) -> int:
    """The number of fields up to the last one that holds something."""
    return next((index for index in range(len(row), 0, -1) if row[index - 1].strip()), 0)


def _is_clean(cell: str, foreign: Sequence[str]) -> bool:
    """Whether a field looks like one cell: it holds no other separator, or it is a number or a date all the same."""
    if not any(other in cell for other in foreign):
        return True
    return is_blank(cell) or any(read_number(cell, mark) for mark in ".,") or read_date(cell) is not None
