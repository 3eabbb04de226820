"""The reader of Word documents (`.docx`): paragraphs and tables in the order they stand in.

A document has no pages until somebody prints it, so places count paragraphs and tables. The archive is judged before a
parser sees it (`container`); nothing a document refers to is fetched, and its macros, fields and comments are not read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from tools.documents.container import broken, inspect_text
from tools.documents.defaults import settle_scales
from tools.documents.document import Document, Passage, Table
from tools.documents.headings import Frame
from tools.documents.moments import settle_schedules
from tools.documents.printed import MAX_TITLES, Piece, Sketch, read_sketch, sketch_rows
from tools.documents.reader import Reader, Source
from tools.documents.tables import Reading, tell_titles_apart
from tools.refusals import ToolError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_BLOCKS = 100_000
MAX_COLUMNS = 400
MAX_PASSAGE_CHARS = 8_000
_BODY, _TABLE, _ROW, _CELL, _PARAGRAPH = (qn(f"w:{name}") for name in ("body", "tbl", "tr", "tc", "p"))
_TEXT, _TAB, _BREAK, _DELETED = (qn(f"w:{name}") for name in ("t", "tab", "br", "del"))
_SPAN, _MERGED, _VALUE = qn("w:gridSpan"), qn("w:vMerge"), qn("w:val")
_STYLE = qn("w:pStyle")
_WRAPPERS = frozenset(qn(f"w:{name}") for name in ("sdt", "sdtContent", "smartTag", "ins", "customXml"))


def read_docx(data: bytes, source: Source) -> Document:
    """A Word document: its tables and paragraphs.

    Refuses with ToolError: `empty_file`, `binary_file`, `encrypted`, `corrupt`, `unsafe_file`, `too_large`, `no_text`.
    """
    source.progress("reading", 0, 1)
    inspect_text(data, source.name)
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPE, "docx", digest, len(data))
    try:
        body = docx.Document(io.BytesIO(data)).element.body
    except (OpcError, LxmlError, BadZipFile, KeyError, ValueError, AttributeError, OSError, TypeError) as fault:
        raise broken(source.name, "its parts do not fit together") from fault
    source.progress("reading", 1, 1)
    _Body(document, source).read(body)
    if not document.tables and not document.passages:
        raise ToolError("no_text", f"{source.name} holds no text")
    return document


class _Body:
    """Reads what stands in a document, block by block. `recent`: the paragraphs since the last table."""

    def __init__(self, document: Document, source: Source) -> None:
        self.document, self.source = document, source
        self.reading, self.frame = Reading(), Frame()
        self.recent: list[str] = []
        self.heading = ""
        self.paragraph = self.tables = 0

    def read(self, body: Any) -> None:
        blocks = list(_blocks(body))[:MAX_BLOCKS]
        for done, block in enumerate(blocks, 1):
            if block.tag == _PARAGRAPH:
                self._read_paragraph(block)
            else:
                self._read_table(block)
            if done % 200 == 0 or done == len(blocks):
                self.source.progress("tables", done, len(blocks))
        settle_scales(self.reading.tables)
        settle_schedules(self.reading.tables)
        tell_titles_apart(self.reading.tables)
        self.document.tables = self.reading.tables
        self.document.notes = self.reading.notes[:20]

    def _read_paragraph(self, node: Any) -> None:
        self.paragraph += 1
        words = _words(node)
        if not words:
            return
        if _is_heading(node):
            self.heading = words[:200]
        self.recent = [*self.recent[-(MAX_TITLES - 1) :], words]
        passage = Passage(words[:MAX_PASSAGE_CHARS], (("paragraph", self.paragraph),), self.heading)
        self.document.passages.append(passage)

    def _read_table(self, node: Any) -> None:
        self.tables += 1
        pieces = _pieces(node)
        sketch = sketch_rows(pieces)
        if sketch is None:
            self._keep_words(pieces)
            return
        name = self.heading or self.source.name
        self.frame, made = read_sketch(sketch, self.recent, name, self.reading, self.frame)
        for table, first in made:
            _place(table, sketch, first, self.tables)
        self.recent = []

    def _keep_words(self, pieces: list[list[Piece]]) -> None:
        """A table of words is read as text, row by row."""
        for number, row in enumerate(pieces, 1):
            words = " | ".join(piece.text for piece in row)
            if words:
                at = (("table_number", self.tables), ("line", number))
                self.document.passages.append(Passage(words[:MAX_PASSAGE_CHARS], at, self.heading))


def _blocks(node: Any) -> Iterator[Any]:
    """Paragraphs and tables of the body, also those inside content controls."""
    waiting = [iter(node)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag in _WRAPPERS and len(waiting) < 50:
            waiting.append(iter(child))


def _words(node: Any) -> str:
    """The words of an element in one line, without what was deleted."""
    parts: list[str] = []
    for part in node.iter(_TEXT, _TAB, _BREAK):
        if part.tag == _TEXT:
            parts.append(part.text or "")
        else:
            parts.append(" ")
    return " ".join("".join(parts).replace("\u00a0", " ").split())


def _is_heading(node: Any) -> bool:
    style = next(node.iter(_STYLE), None)
    name = (style.get(_VALUE) or "") if style is not None else ""
    return name.casefold().startswith(("heading", "title", "berschrift", "überschrift"))


def _pieces(table: Any) -> list[list[Piece]]:
    """The cells with something in them, at the columns they span; what a cell above is merged into stands there only."""
    rows: list[list[Piece]] = []
    for row in table.iterchildren(_ROW):
        found: list[Piece] = []
        column = 0
        for cell in row.iterchildren(_CELL):
            width = _width(cell)
            merged = next(cell.iter(_MERGED), None)
            below = merged is not None and (merged.get(_VALUE) or "continue") == "continue"
            text = "" if below else _words(cell)
            if text and column + width <= MAX_COLUMNS:
                found.append(Piece(text, column, column + width - 1, [cell]))
            column += width
        rows.append(found)
    return rows


def _width(cell: Any) -> int:
    span = next(cell.iter(_SPAN), None)
    said = span.get(_VALUE) if span is not None else None
    return min(max(int(said), 1), MAX_COLUMNS) if said and said.isdecimal() and len(said) < 6 else 1


def _place(table: Table, sketch: Sketch, first: int, number: int) -> None:
    table.at = (("table_number", number),)
    for column, field in zip(table.columns, table.fields, strict=True):
        for row, line in enumerate(table.lines):
            if sketch.rows[line - first][field - 1]:
                column.ats[row] = (("line", line - first + 1), ("field", field))


READER = Reader((MEDIA_TYPE,), (".docx",), read_docx)
