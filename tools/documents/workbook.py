"""The reader of workbooks: `.xlsx`, `.xlsm`, `.xls`, `.xlsb` and `.ods`.

What is stored in the cells comes from calamine; number formats and formulas from openpyxl, for workbooks of a size at
which that is affordable. Each sheet is a grid, and the steps from grids to tables are those of every reader of rows.
Nothing of a workbook is ever run: not its macros, not its formulas, whose last results are what is read.

The file is judged before a parser sees it (`container`): archives that unpack to more than anybody types, XML that
defines entities, encrypted files.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from hashlib import sha256

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from tools.documents.container import Container, broken, inspect, locked, too_large
from tools.documents.document import Document
from tools.documents.extents import MOST_CELLS
from tools.documents.formulas import MAX_SHEET_BYTES, read_written
from tools.documents.oddities import Oddities
from tools.documents.reader import Reader, Source
from tools.documents.sheets import is_prose, make_grid, passages_of
from tools.documents.tables import Reading, read_tables, tell_titles_apart
from tools.documents.written import Written
from tools.refusals import ToolError

MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.oasis.opendocument.spreadsheet",
)
EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
MAX_NOTES = 20
MAX_NOTE_CHARS = 400


def read_workbook(data: bytes, source: Source) -> Document:
    """A workbook as a document: the tables of all its sheets, in the order of the sheets.

    Refuses with ToolError: `empty_file`, `binary_file`, `encrypted`, `corrupt`, `too_large`, `unsafe_file`, `no_table`.
    """
    source.progress("reading", 0, 1)
    container = inspect(data, source.name)
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(
        source.document_id, source.name, source.media_type or MEDIA_TYPES[0], "sheet", digest, len(data)
    )
    try:
        _read_sheets(data, container, document, source)
    except PasswordError as fault:
        raise locked(source.name) from fault
    except (CalamineError, OSError, ValueError) as fault:
        raise broken(source.name, _reason(str(fault))) from fault
    except BaseException as fault:
        if type(fault).__name__ == "PanicException":  # how a fault in calamine itself arrives; it has no public class
            raise broken(source.name, "its contents contradict each other") from fault
        raise
    if not document.tables and not document.passages:
        raise ToolError("no_table", f"{source.name} holds no table in any of its sheets")
    return document


def _reason(words: str) -> str:
    """What calamine says is wrong, where it says anything."""
    return "" if "Cannot detect" in words else " ".join(words.split())[:120]


def _read_sheets(data: bytes, container: Container, document: Document, source: Source) -> None:
    odd = Oddities()
    remarks: dict[str, list[str]] = {}
    written, remark = _written(data, container)
    cells = 0
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for number, meta in enumerate(book.sheets_metadata, 1):
        if meta.typ is SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(meta.name)
            cells += sheet.height * sheet.width
            if cells > MOST_CELLS:
                raise too_large(source.name, meta.name, sheet.height, sheet.width)
            rows = sheet.to_python()
            hidden = meta.visible is not SheetVisibleEnum.Visible
            if hidden:
                odd.hidden.append(meta.name)
            if rows and sheet.start:
                said = written.get(meta.name, Written())
                grid = make_grid(meta.name, rows, sheet.start, said, sheet.merged_cell_ranges)
                reading = read_tables(grid)
                _keep(document, reading, said, odd, hidden)
                for note in reading.notes:
                    remarks.setdefault(note, []).append(meta.name)
        source.progress("tables", number, len(book.sheets_metadata))
    tell_titles_apart(document.tables)
    document.findings = odd.findings(container, written)
    document.notes = [*filter(None, [remark]), *_notes(remarks)]


def _notes(remarks: Mapping[str, Sequence[str]]) -> list[str]:
    """Each remark once, with the sheet it is about."""
    notes: list[str] = []
    for remark, sheets in remarks.items():
        more = f" and {len(sheets) - 1} more sheet{'s' if len(sheets) > 2 else ''}" if len(sheets) > 1 else ""
        notes.append(f"{sheets[0]}{more}: {remark}"[:MAX_NOTE_CHARS])
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more remarks"]
    return notes


def _written(data: bytes, container: Container) -> tuple[dict[str, Written], str]:
    """Formats and formulas, where the file is of a kind and size for it; else a remark that they were left out."""
    if container.kind != "xlsx":
        return {}, f"of an .{container.kind} file only the stored values are read, not its number formats and formulas"
    if container.sheet_bytes > MAX_SHEET_BYTES:
        return {}, "the workbook is large: only the stored values were read, not its number formats and formulas"
    written = read_written(data)
    if written is None:
        return {}, "its number formats and formulas could not be read, only the stored values"
    return written, ""


def _keep(document: Document, reading: Reading, said: Written, odd: Oddities, hidden: bool) -> None:
    """Adds what was read in a sheet; a table of nothing but long texts is prose in two columns and becomes passages."""
    for table in reading.tables:
        if is_prose(table):
            document.passages += passages_of(table)
            continue
        table.table_id = f"t{len(document.tables) + 1}"
        table.note = "; ".join(filter(None, (table.note, "on a hidden sheet" if hidden else "")))
        odd.look_at(table)
        document.tables.append(table)
        for number, column in zip(table.fields, table.columns, strict=True):
            column.texts = list(map(str, column.texts))
            if said.formulas and column.kind == "number":
                cells = ((row, said.formulas.get((line - 1, number - 1))) for row, line in enumerate(table.lines))
                column.formulas = {row: formula for row, formula in cells if formula}
    document.passages += reading.passages


READER = Reader(MEDIA_TYPES, EXTENSIONS, read_workbook)
