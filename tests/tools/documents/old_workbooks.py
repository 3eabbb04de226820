"""Workbooks of the other kinds, written by hand for tests: `.xls` (records in a compound file), `.xlsb` (records in an
archive) and `.ods`. Only words and numbers; one sheet each.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.tools.documents.workbooks import PACKAGE, RELATED, XML, zipped

Rows = Sequence[Sequence[str | float | None]]
_SECTOR = 512
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def xls(rows: Rows, sheet: str = "S", locked: bool = False) -> bytes:
    """A BIFF8 workbook in a compound file."""
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    password = _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if locked else b""
    name = struct.pack("<BB", len(sheet), 0) + sheet.encode("latin-1")
    start = len(_record(0x0809, bof)) + len(password) + 4 + 6 + len(name) + 4
    globals_ = (
        _record(0x0809, bof) + password + _record(0x0085, struct.pack("<IH", start, 0) + name) + _record(0x000A, b"")
    )
    cells = b"".join(
        _xls_cell(r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell is not None
    )
    substream = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + _record(0x000A, b"")
    return _compound("Workbook", (globals_ + substream).ljust(4096, b"\0"))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(row: int, column: int, cell: str | float) -> bytes:
    at = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, str):
        return _record(0x0204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    return _record(0x0203, at + struct.pack("<d", cell))


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file of one stream: header, one sector of table, one of directory, then the stream."""
    count = -(-len(stream) // _SECTOR)
    table = [_FAT, _END, *range(3, count + 2), _END]
    assert len(table) <= 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", _FREE) * 108
    fat = struct.pack("<128I", *table, *[_FREE] * (128 - len(table)))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 2, len(stream)) + bytes(256)
    return header + fat + directory + stream.ljust(count * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def xlsb(rows: Rows, sheet: str = "S") -> bytes:
    """A workbook of binary records in an archive."""
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide(sheet)
    cells = b""
    for r, row in enumerate(rows):
        cells += _binary(0, struct.pack("<IIHHBI", r, 0, 300, 0, 0, 0))
        for c, cell in enumerate(row):
            if cell is not None:
                at = struct.pack("<II", c, 0)
                cells += (
                    _binary(6, at + _wide(cell)) if isinstance(cell, str) else _binary(5, at + struct.pack("<d", cell))
                )
    size = struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max((len(row) for row in rows), default=1) - 1)
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    return zipped(
        {
            "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
            f'<Override PartName="/xl/workbook.bin" ContentType="{kind}"/></Types>',
            "_rels/.rels": _relation("officeDocument", "xl/workbook.bin"),
            "xl/workbook.bin": _binary(131, b"") + _binary(143, b"") + _binary(156, bundle) + _binary(144, b"") + _binary(132, b""),
            "xl/_rels/workbook.bin.rels": _relation("worksheet", "worksheets/sheet1.bin"),
            "xl/worksheets/sheet1.bin": _binary(129, b"") + _binary(148, size) + _binary(145, b"") + cells + _binary(146, b"")
            + _binary(130, b""),
        }
    )  # fmt: skip


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary(kind: int, body: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def _relation(kind: str, target: str) -> str:
    return (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATED}/{kind}" Target="{target}"/></Relationships>'
    )


def ods(rows: Rows, sheet: str = "S") -> bytes:
    """An OpenDocument spreadsheet."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'{XML}<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="{escape(sheet)}">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'{XML}<manifest:manifest xmlns:manifest="{names}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def _ods_cell(cell: str | float | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}"><text:p>{cell}</text:p></table:table-cell>'
