"""Workbooks written by hand for tests: the parts of an `.xlsx`, with formulas *and* their stored results, which libraries
that write workbooks leave out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Cell:
    """A stored value, how it is shown, and what it is computed with. `error` is an error's name, such as `#REF!`."""

    value: float | int | str | None = None
    format: str = ""
    formula: str = ""
    error: str = ""


Stored = Cell | float | int | str | None


@dataclass
class Sheet:
    """Rows of cells, merged ranges such as `B1:C1`, and `hidden` or `veryHidden`. `at` is where the first cell stands."""

    rows: Sequence[Sequence[Stored]] = ()
    merged: Sequence[str] = ()
    state: str = ""
    row: int = 1
    column: int = 1
    raw: str = ""
    """XML that takes the place of the rows."""


@dataclass
class Workbook:
    """Sheets by name; `extra` parts by path; `date1904` counts days from 1904."""

    sheets: Mapping[str, Sheet]
    extra: Mapping[str, bytes] = field(default_factory=dict)
    date1904: bool = False

    def to_bytes(self) -> bytes:
        formats = sorted({c.format for s in self.sheets.values() for r in s.rows for c in r if isinstance(c, Cell)})
        numbers = {code: number for number, code in enumerate(code for code in ["", *filter(None, formats)])}
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": _content_types(len(self.sheets)),
            "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": self._workbook(),
            "xl/_rels/workbook.xml.rels": _relations(
                [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(self.sheets) + 1)]
                + [("styles", "styles.xml")]
            ),
            "xl/styles.xml": _styles(list(numbers)),
        }
        for number, sheet in enumerate(self.sheets.values(), 1):
            parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(sheet, numbers)
        return zipped({**parts, **self.extra})

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}"{_state(sheet)} r:id="rId{n}"/>'
            for n, (name, sheet) in enumerate(self.sheets.items(), 1)
        )
        properties = '<workbookPr date1904="1"/>' if self.date1904 else "<workbookPr/>"
        return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{properties}<sheets>{sheets}</sheets></workbook>'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of parts, the same bytes for the same parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def workbook(sheets: Mapping[str, Sequence[Sequence[Stored]]], merged: Sequence[str] = ()) -> bytes:
    """A workbook of plain sheets; `merged` holds for each of them."""
    return Workbook({name: Sheet(rows, merged) for name, rows in sheets.items()}).to_bytes()


def address(row: int, column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _state(sheet: Sheet) -> str:
    return f' state="{sheet.state}"' if sheet.state else ""


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{parts}</Types>'
    )


def _relations(related: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATED}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(related, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _styles(formats: Sequence[str]) -> str:
    named = "".join(
        f'<numFmt numFmtId="{163 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(formats) if code
    )
    used = "".join(
        f'<xf numFmtId="{163 + n if code else 0}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n, code in enumerate(formats)
    )
    return (
        f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="{len(formats) - 1}">{named}</numFmts>'
        '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{used}</cellXfs></styleSheet>'
    ).replace('<numFmts count="0"></numFmts>', "")


def _sheet(sheet: Sheet, formats: Mapping[str, int]) -> str:
    rows = sheet.raw or "".join(
        f'<row r="{number}">{"".join(_cell(c, number, n, formats) for n, c in enumerate(row, sheet.column))}</row>'
        for number, row in enumerate(sheet.rows, sheet.row)
    )
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in sheet.merged)
    merges = f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>' if merged else ""
    return f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{merges}</worksheet>'


def _cell(stored: Stored, row: int, column: int, formats: Mapping[str, int]) -> str:
    cell = stored if isinstance(stored, Cell) else Cell(stored)
    at = f'r="{address(row, column)}"' + (f' s="{formats[cell.format]}"' if cell.format else "")
    formula = f"<f>{escape(cell.formula.removeprefix('='))}</f>" if cell.formula else ""
    if cell.error:
        return f'<c {at} t="e">{formula}<v>{cell.error}</v></c>'
    if isinstance(cell.value, bool):
        return f'<c {at} t="b">{formula}<v>{int(cell.value)}</v></c>'
    if isinstance(cell.value, str) and formula:
        return f'<c {at} t="str">{formula}<v>{escape(cell.value)}</v></c>'
    if isinstance(cell.value, str):
        return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{escape(cell.value)}</t></is></c>'
    if cell.value is None:
        return f"<c {at}>{formula}</c>" if formula or cell.format else ""
    return f"<c {at}>{formula}<v>{cell.value!r}</v></c>"


def split(reference: str) -> tuple[str, int]:
    """`B12` as its letters and its row."""
    found = re.fullmatch(r"([A-Z]+)([0-9]+)", reference)
    assert found
    return found[1], int(found[2])
