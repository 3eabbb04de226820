"""The reader of PDF files that have a text layer: page by page to words, lines, tables and paragraphs.

What pdfium gives are characters with boxes; everything above that is ours: `glyphs` -> `words` -> `regions` (where tables
stand) -> `rows` and `heads` (labels, columns, what stands over them) -> the steps of every reader of rows. A page without
characters is a picture; a file of such pages is refused with the advice to run text recognition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from tools.documents.defaults import settle_scales
from tools.documents.document import Box, Document, Passage
from tools.documents.headings import Frame
from tools.documents.layout import Block
from tools.documents.moments import settle_schedules
from tools.documents.pdf.glyphs import Sheet, read_sheet
from tools.documents.pdf.parts import parts_of
from tools.documents.pdf.prose import Furniture, Paragraph, paragraphs
from tools.documents.pdf.tables import Sketch, sketch_tables
from tools.documents.pdf.words import Line, words_of
from tools.documents.reader import Reader, Source
from tools.documents.tables import Grid, Reading, read_block, tell_titles_apart
from tools.refusals import ToolError

MEDIA_TYPE = "application/pdf"
MAX_PAGES = 3_000
MAX_TABLES = 5_000
MAX_NOTES = 20
MAX_NOTE_CHARS = 400


def read_pdf(data: bytes, source: Source) -> Document:
    """A PDF as a document: tables with a box for every cell, paragraphs with a box for every line.

    Refuses with ToolError: `empty_file`, `encrypted`, `corrupt`, `no_text`, `too_large`.
    """
    source.progress("reading", 0, 1)
    if not data:
        raise ToolError("empty_file", f"{source.name} is empty (0 bytes)")
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPE, "pdf", digest, len(data))
    pdf = _open(data, source.name)
    try:
        document.pages = len(pdf)
        if document.pages > MAX_PAGES:
            raise ToolError(
                "too_large",
                f"{source.name} has {document.pages:,} pages; up to {MAX_PAGES:,} can be read. Split it and attach the parts",
            )
        _Pages(document, source).read(pdf)
    finally:
        pdf.close()
    return document


def _open(data: bytes, name: str) -> Any:
    try:
        pdf = pypdfium2.PdfDocument(data)
        if len(pdf) == 0:
            raise ToolError("corrupt", f"{name} has no pages; open it, save a copy and attach that")
        return pdf
    except pypdfium2.PdfiumError as fault:
        if getattr(fault, "err_code", None) == FPDF_ERR_PASSWORD:
            raise ToolError(
                "encrypted", f"{name} is protected by a password; save a copy without one and attach that"
            ) from fault
        raise ToolError("corrupt", f"{name} is damaged or no PDF; open it, save a copy and attach that") from fault


class _Pages:
    """Reads the pages one after the other into a document; `frame` is what the tables so far said of those to come."""

    def __init__(self, document: Document, source: Source) -> None:
        self.document, self.source = document, source
        self.reading = Reading()
        self.frame = Frame()
        self.furniture = Furniture()
        self.empty: list[int] = []
        self.heading = self.heading_before = ""

    def read(self, pdf: Any) -> None:
        for number in range(1, self.document.pages + 1):
            self._read_page(pdf, number)
            self.source.progress("reading", number, self.document.pages)
        document, reading = self.document, self.reading
        if not reading.tables and not document.passages:
            raise ToolError(
                "no_text",
                f"{document.name} has no text layer: its {_pages(document.pages)} are pictures, such as scans. Run text "
                "recognition (OCR) on it and attach the result",
            )
        settle_scales(reading.tables)
        settle_schedules(reading.tables)
        tell_titles_apart(reading.tables)
        document.tables = reading.tables
        document.passages = self.furniture.without(document.passages)
        document.notes = self._notes()

    def _read_page(self, pdf: Any, number: int) -> None:
        try:
            page = pdf[number - 1]
        except pypdfium2.PdfiumError:
            self.empty.append(number)
            return
        try:
            sheet = read_sheet(page)
        finally:
            page.close()
        parts = parts_of(words_of(sheet.glyphs))
        if not parts:
            self.empty.append(number)
        for lines in parts:
            sketches = sketch_tables(lines)
            text = self._add_passages(lines, sketches, sheet, number)
            for sketch in sketches:
                if len(self.reading.tables) < MAX_TABLES:
                    self._add_table(sketch, sheet, number, _heading_above(sketch, lines, text))

    def _add_table(self, sketch: Sketch, sheet: Sheet, number: int, heading: str) -> None:
        titles = [[title] for title in sketch.titles]
        header = [_header_row(row, sketch.width) for row in sketch.header]
        rows = [*titles, *header, *sketch.rows]
        first = len(titles) + len(header)
        spans = {len(titles) + at: {c: count for c, (_, count) in row.items()} for at, row in enumerate(sketch.header)}
        block = Block(list(range(len(titles))), list(range(len(titles), first)), list(range(first, len(rows))), [])
        grid = Grid(rows, range(len(rows)), heading or self.heading_before or self.source.name, spans=spans, lined=True)
        known = len(self.reading.tables)
        self.frame = read_block(grid, block, self.reading, self.frame)
        for table in self.reading.tables[known:]:
            table.at = (("page", number),)
            for column, field in zip(table.columns, table.fields, strict=True):
                for row, line in enumerate(table.lines):
                    box = sketch.boxes.get((line - first, field - 1))
                    if box:
                        column.ats[row] = (("box", fractions(box, sheet)),)

    def _add_passages(
        self, lines: Sequence[Line], sketches: Sequence[Sketch], sheet: Sheet, number: int
    ) -> list[Paragraph]:
        taken = {index for sketch in sketches for index in sketch.lines}
        self.heading_before = self.heading
        text = paragraphs([line for index, line in enumerate(lines) if index not in taken])
        for paragraph in text:
            boxes = tuple((offset, fractions(box, sheet)) for offset, box in paragraph.boxes)
            if paragraph.is_heading:
                self.heading = paragraph.text
            passage = Passage(paragraph.text, (("page", number),), self.heading, boxes)
            self.furniture.see(paragraph, sheet.height)
            self.document.passages.append(passage)
        return text

    def _notes(self) -> list[str]:
        notes = list(self.reading.notes)
        if self.empty:
            named = ", ".join(map(str, self.empty[:20])) + (", …" if len(self.empty) > 20 else "")
            notes.insert(0, f"{_pages(len(self.empty))} without a text layer (page {named}): pictures are not read")
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more remarks"]
        return [note[:MAX_NOTE_CHARS] for note in notes]


def _heading_above(sketch: Sketch, lines: Sequence[Line], text: Sequence[Paragraph]) -> str:
    """The last heading on the page above a table."""
    top = lines[sketch.lines.start].top
    above = [paragraph.text for paragraph in text if paragraph.is_heading and paragraph.boxes[0][1][1] < top]
    return above[-1] if above else ""


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"


def _header_row(row: Mapping[int, tuple[str, int]], width: int) -> list[str]:
    return [row.get(column, ("", 1))[0] for column in range(width)]


def fractions(box: Box, sheet: Sheet) -> Box:
    """A box in points as fractions of the page, to four places, which is a twentieth of a millimetre."""
    left, top, right, bottom = box
    across, down = sheet.width or 1.0, sheet.height or 1.0
    return (_within(left / across), _within(top / down), _within(right / across), _within(bottom / down))


def _within(share: float) -> float:
    return round(min(1.0, max(0.0, share)), 4)


READER = Reader((MEDIA_TYPE,), (".pdf",), read_pdf)
