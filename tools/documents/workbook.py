"""The reader of workbooks: `.xlsx`, `.xlsm`, `.xls`, `.xlsb` and `.ods`.

What is stored in the cells comes from calamine; number formats and formulas from openpyxl, for workbooks of a size at
which that is affordable. Each sheet is a grid, and the steps from grids to tables are those of every reader of rows.
Nothing of a workbook is ever run: not its macros, not its formulas, whose last results are what is read.

The file is judged before a parser sees it (`container`): archives that unpack to more than anybody types, XML that
defines entities, encrypted files.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from hashlib import sha256

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from tools.documents.container import Container, broken, inspect, locked
from tools.documents.document import Document
from tools.documents.formulas import MAX_SHEET_BYTES, Written, read_written
from tools.documents.reader import Reader, Source
from tools.documents.sheets import is_prose, make_grid, passages_of
from tools.documents.stored import Cell
from tools.documents.tables import Reading, read_tables
from tools.refusals import ToolError

MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.oasis.opendocument.spreadsheet",
)
EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
MAX_SHEETS = 1_000
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
    except CalamineError as fault:
        raise broken(source.name, " ".join(str(fault).split())[:120]) from fault
    if not document.tables and not document.passages:
        raise ToolError("no_table", f"{source.name} holds no table in any of its sheets")
    return document


def _read_sheets(data: bytes, container: Container, document: Document, source: Source) -> None:
    notes: list[str] = []
    small = container.kind == "xlsx" and container.sheet_bytes <= MAX_SHEET_BYTES
    written = (read_written(data) if small else None) or {}
    if container.kind == "xlsx" and small and not written:
        notes.append("the number formats and formulas of the workbook could not be read, only the stored values")
    elif container.kind == "xlsx" and not small:
        notes.append("the workbook is large: its number formats and formulas were not read, only the stored values")
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for number, meta in enumerate(book.sheets_metadata, 1):
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = sheet.to_python()
        if rows and sheet.start:
            said = written.get(meta.name, Written())
            grid = make_grid(meta.name, rows, sheet.start, said.formats, sheet.merged_cell_ranges)
            _keep(document, read_tables(grid), said.formulas, notes)
        source.progress("tables", number, len(book.sheets_metadata))
    document.notes = [note[:MAX_NOTE_CHARS] for note in notes[:MAX_NOTES]]


def _keep(document: Document, reading: Reading, formulas: Mapping[Cell, str], notes: list[str]) -> None:
    """Adds what was read in a sheet; a table of nothing but long texts is prose in two columns and becomes passages."""
    for table in reading.tables:
        if is_prose(table):
            document.passages += passages_of(table)
            continue
        table.table_id = f"t{len(document.tables) + 1}"
        document.tables.append(table)
        for number, column in zip(table.fields, table.columns, strict=True):
            column.texts = list(map(str, column.texts))
            if formulas and column.kind == "number":
                written = ((row, formulas.get((line - 1, number - 1))) for row, line in enumerate(table.lines))
                column.formulas = {row: formula for row, formula in written if formula}
    document.passages += reading.passages
    notes += [note for note in reading.notes if note not in notes]


READER = Reader(MEDIA_TYPES, EXTENSIONS, read_workbook)
