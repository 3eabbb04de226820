"""What a workbook says about its cells beside their values: number formats, formulas, errors. Read with openpyxl.

A workbook is read twice where it holds formulas, once for what is written in the cells and once for the results that
were stored with it: a formula whose result nobody stored has no number, and we do not compute one.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._reader import WorkSheetParser

from tools.documents.stored import Cell
from tools.documents.written import Written

MAX_SHEET_BYTES = 16 * 1024 * 1024
MAX_FORMULA = 1_000
_PLAIN_FORMATS = frozenset(("General", "@", ""))


def read_written(data: bytes) -> dict[str, Written] | None:
    """What is written in each sheet of an `.xlsx` or `.xlsm`; None where openpyxl cannot read what others can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(data)
    except Exception:  # its faults are of every kind, and what it adds can be done without
        return None


def _read(data: bytes) -> dict[str, Written]:
    found: dict[str, Written] = {}
    for name, cells in _sheets(data, results=False):
        written = found.setdefault(name, Written())
        for cell in cells:
            _note(written, cell)
    if any(written.formulas for written in found.values()):
        for name, cells in _sheets(data, results=True):
            _note_results(found[name], cells)
    return found


def _sheets(data: bytes, results: bool) -> Iterator[tuple[str, Iterator[Any]]]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=results, keep_links=False)
    for sheet in book.worksheets:
        yield sheet.title, _cells(sheet)


def _cells(sheet: Any) -> Iterator[Any]:
    """The cells that are written down. `iter_rows` would fill the rows between with empty ones, of which a sheet whose
    last row says it is number 999,999,999 has more than anybody can wait for.
    """
    book = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for _, row in parser.parse():
            yield from (ReadOnlyCell(sheet, **cell) for cell in row if cell["value"] is not None)


def _note(written: Written, cell: Any) -> None:
    at = (cell.row - 1, cell.column - 1)
    if cell.data_type == "f":
        text = getattr(cell.value, "text", cell.value)  # an array formula is an object with its text
        written.formulas[at] = str(text)[:MAX_FORMULA]
    elif cell.data_type == "e":
        written.errors[at] = str(cell.value)
    code = cell.number_format
    if code not in _PLAIN_FORMATS:
        written.formats[at] = code


def _note_results(written: Written, cells: Iterator[Any]) -> None:
    stored: set[Cell] = set()
    for cell in cells:
        at = (cell.row - 1, cell.column - 1)
        if at in written.formulas:
            stored.add(at)
            if cell.data_type == "e":
                written.errors[at] = str(cell.value)
    written.unsaved = [at for at, text in written.formulas.items() if at not in stored and '""' not in text]
