"""The reader of plain text and Markdown: paragraphs with their headings, and the tables in it.

A text whose lines are all split alike by commas, tabs or the like is a table that somebody called `.txt`, and the reader of
tables gets it. In Markdown `#` and underlines make headings and bars make tables; what is fenced as code is kept as it is.
Places are physical lines, from 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from tools.documents.csv import read_csv
from tools.documents.delimited import DELIMITERS, split_lines
from tools.documents.document import Document, Passage
from tools.documents.encoding import decode
from tools.documents.numbers import read_number
from tools.documents.printed import titles_of
from tools.documents.reader import Reader, Source
from tools.documents.tables import Grid, Reading, read_tables, tell_titles_apart
from tools.refusals import ToolError

MEDIA_TYPES = ("text/plain", "text/markdown")
MAX_PASSAGES = 60_000
MAX_PASSAGE_CHARS = 8_000
MAX_TABLES = 2_000
_SAMPLED = 400
_WIDEST_FIELD = 60
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.{1,300}?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{3,})[ \t]*")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_DIVIDER = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
_FRONT = "---"
_MARKS = re.compile(r"(?<![A-Za-z0-9])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![A-Za-z0-9])|`")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,2000}(?:\s\"[^\"]{0,300}\")?\)")


def read_text(data: bytes, source: Source) -> Document:
    """A text as a document. Refuses with ToolError: `empty_file`, `binary_file`, `no_text`, and as the reader of tables does."""
    source.progress("reading", 0, 1)
    decoded = decode(data)
    if not decoded.text.strip("\x00 \r\n\t"):
        raise ToolError("empty_file", f"{source.name} is empty")
    if decoded.is_noise:
        raise ToolError("binary_file", f"{source.name} is not a text file; attach it under its own name")
    lines = split_lines(decoded.text)
    if _is_table(lines):
        return read_csv(data, source)
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPES[0], "text", digest, len(data))
    source.progress("reading", 1, 1)
    _Text(document, source).read(lines)
    if not document.tables and not document.passages:
        raise ToolError("no_text", f"{source.name} holds no text")
    if decoded.note:
        document.notes.insert(0, decoded.note)
    return document


def _is_table(lines: Sequence[str]) -> bool:
    """Whether the lines are records: split into the same number of short fields, and not sentences with a comma each."""
    filled = [line for line in lines if line.strip()][:_SAMPLED]
    if len(filled) < 2 or any(_DIVIDER.fullmatch(line) and "|" in line for line in filled[:50]):
        return False
    for delimiter in DELIMITERS:
        rows = [line.split(delimiter) for line in filled]
        width, often = Counter(map(len, rows)).most_common(1)[0]
        if width < 2 or often < 0.8 * len(rows):
            continue
        fields = [field.strip(" \"'") for row in rows if len(row) == width for field in row]
        short = sum(1 for field in fields if len(field) <= _WIDEST_FIELD)
        figures = sum(1 for field in fields if read_number(field) or read_number(field, ","))
        if short >= 0.9 * len(fields) and (figures >= 0.1 * len(fields) or delimiter in "\t|;"):
            return True
    return False


class _Text:
    """Reads lines into passages and tables. `recent`: paragraphs since the last table."""

    def __init__(self, document: Document, source: Source) -> None:
        self.document, self.source = document, source
        self.reading = Reading()
        self.heading = ""
        self.recent: list[str] = []
        self.open: list[str] = []
        self.began = 0

    def read(self, lines: Sequence[str]) -> None:
        at = _after_front_matter(lines)
        fenced = False
        while at < len(lines):
            line = lines[at]
            if _FENCE.match(line):
                fenced = not fenced
                self._flush()
            elif fenced or not line.strip():
                self._flush()
                if fenced and line.strip():
                    self._add(line, at)
                    self._flush()
            elif self._table_at(lines, at):
                at = self._read_table(lines, at)
                continue
            elif heading := self._heading(lines, at):
                self._flush()
                self.heading = heading
                self._add(heading, at)
                self._flush()
                at += 1 if _HEADING.fullmatch(line) else 2
                continue
            else:
                self._add(line, at)
            at += 1
        self._flush()
        tell_titles_apart(self.reading.tables)
        self.document.tables = self.reading.tables
        self.document.notes = self.reading.notes[:20]

    def _heading(self, lines: Sequence[str], at: int) -> str:
        found = _HEADING.fullmatch(lines[at][:400])
        if found:
            return _plain(found[2])
        under = at + 1 < len(lines) and not self.open and _UNDERLINE.fullmatch(lines[at + 1][:400])
        return _plain(lines[at][:300]) if under and len(lines[at]) < 300 else ""

    def _add(self, line: str, at: int) -> None:
        if not self.open:
            self.began = at
        self.open.append(_plain(line))

    def _flush(self) -> None:
        words = " ".join(" ".join(self.open).split())
        self.open = []
        if words and len(self.document.passages) < MAX_PASSAGES:
            self.recent = [*self.recent[-5:], words]
            passage = Passage(words[:MAX_PASSAGE_CHARS], (("line", self.began + 1),), self.heading)
            self.document.passages.append(passage)

    # Tables of bars.

    def _table_at(self, lines: Sequence[str], at: int) -> bool:
        full = len(self.reading.tables) >= MAX_TABLES
        return not full and "|" in lines[at] and at + 1 < len(lines) and _is_divider(lines[at + 1])

    def _read_table(self, lines: Sequence[str], at: int) -> int:
        """Reads the table that begins at a line; gives the line after it."""
        self._flush()
        numbers = [at]
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            numbers.append(end)
            end += 1
        titles = titles_of(self.recent)
        rows = [*([title] for title in titles), *(_cells(lines[number]) for number in numbers)]
        name = self.heading or self.source.name
        grid = Grid(rows, [*([numbers[0] + 1] * len(titles)), *(number + 1 for number in numbers)], name)
        found = read_tables(grid)
        for table in found.tables:
            table.table_id = f"t{len(self.reading.tables) + 1}"
            self.reading.tables.append(table)
        for note in found.notes:
            self.reading.note(note)
        self.recent = []
        return end


def _is_divider(line: str) -> bool:
    return "-" in line and len(line) < 5_000 and _DIVIDER.fullmatch(line) is not None


def _cells(line: str) -> list[str]:
    bare = line.strip()
    bare = bare.removeprefix("|").removesuffix("|")
    return [_plain(cell.replace("\\|", "|")).strip() for cell in re.split(r"(?<!\\)\|", bare)]


def _after_front_matter(lines: Sequence[str]) -> int:
    """The line after a block of settings at the top, which is about the text and not of it."""
    if not lines or lines[0].strip() != _FRONT:
        return 0
    end = next((at for at in range(1, min(len(lines), 200)) if lines[at].strip() == _FRONT), 0)
    return end + 1 if end else 0


def _plain(line: str) -> str:
    """A line without the marks that only format it; a link is its words."""
    if len(line) > 20_000:
        return line.replace("\x00", "")
    return _MARKS.sub("", _LINK.sub(r"\1", line.replace("\x00", "")))


READER = Reader(MEDIA_TYPES, (".txt", ".md", ".markdown"), read_text)
