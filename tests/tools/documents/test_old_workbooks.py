"""The other kinds of workbook give the same tables as an `.xlsx`, without formats and formulas, and say so."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.tools.documents.old_workbooks import Rows, ods, xls, xlsb
from tests.tools.documents.workbooks import zipped
from tools.documents import read
from tools.documents.extents import extent_of_ods, extent_of_xlsb
from tools.refusals import ToolError

ROWS: Rows = [
    ["Income statement (in thousands of GBP)"],
    ["Item", "FY2023", "FY2024"],
    ["Revenue", 1200.5, 1300.0],
    ["Costs", -3.25, None],
]
Writer = Callable[[Rows], bytes]
WRITERS: dict[str, Writer] = {"book.xls": xls, "book.xlsb": xlsb, "book.ods": ods}


@pytest.mark.parametrize("name", WRITERS)
def test_a_sheet_is_a_statement_whatever_the_container(name: str) -> None:
    found = read(WRITERS[name](ROWS), document_id="doc_1", name=name)
    (table,) = found.tables
    assert (table.title, table.shape, table.sheet) == ("Income statement", "statement", "S")
    assert table.columns[1].amounts == [Decimal(1200500), Decimal(-3250)]
    assert table.columns[2].amounts == [Decimal(1300000), None]
    assert dict(table.place(found, 1, 1).at) == {"sheet": "S", "cell": "B4"}
    assert any("only the stored values" in note for note in found.notes)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("kept", [0.05, 0.1, 0.3])
def test_a_cut_file_is_refused_in_words(name: str, kept: float) -> None:
    data = WRITERS[name](ROWS)
    with pytest.raises(ToolError) as refused:
        read(data[: int(len(data) * kept)], document_id="doc_1", name=name)
    assert refused.value.code in ("corrupt", "binary_file")


def test_a_password_of_an_old_workbook_is_said() -> None:
    with pytest.raises(ToolError) as refused:
        read(xls(ROWS, locked=True), document_id="doc_1", name="book.xls")
    assert refused.value.code == "encrypted"


def test_a_password_of_an_ods_is_said() -> None:
    manifest = b'<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    with pytest.raises(ToolError) as refused:
        read(
            zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": b"\x8f\x00"}),
            document_id="doc_1",
            name="book.ods",
        )
    assert refused.value.code == "encrypted"


def test_a_binary_sheet_that_spans_its_corners_is_refused() -> None:
    rows: list[list[str | float | None]] = [[] for _ in range(60_000)]
    rows[0], rows[-1] = [1.0], [*[None] * 200, 2.0]
    with pytest.raises(ToolError) as refused:
        read(xlsb(rows), document_id="d", name="a.xlsb")
    assert refused.value.code == "too_large"


def test_a_record_longer_than_its_part_is_refused_before_room_is_made_for_it() -> None:
    part = bytes([5, 0xFF, 0xFF, 0xFF, 0x7F]) + bytes(20)
    assert extent_of_xlsb(part) is None


def test_extents_are_those_of_the_cells() -> None:
    record = bytes([0, 4]) + (7).to_bytes(4, "little") + bytes([5, 16]) + (3).to_bytes(4, "little") + bytes(12)
    assert extent_of_xlsb(record) == (1, 1)
    cell = '<table:table-cell table:number-columns-repeated="3"/><table:table-cell office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="5">{cell}</table:table-row>'
    assert extent_of_ods(f"<table:table>{row}</table:table>".encode()) == (5, 4)


def test_a_chain_of_sectors_that_leads_back_into_itself_is_refused() -> None:
    """The table of sectors says that the stream's fourth sector is followed by its second."""
    data = xls(ROWS)
    table = 512
    circle = data[: table + 4 * 5] + (3).to_bytes(4, "little") + data[table + 4 * 6 :]
    with pytest.raises(ToolError) as refused:
        read(circle, document_id="doc_1", name="book.xls")
    assert (refused.value.code, "circles" in refused.value.text) == ("corrupt", True)


def test_an_old_sheet_that_spans_its_corners_is_refused() -> None:
    rows: list[list[str | float | None]] = [[] for _ in range(60_000)]
    rows[0], rows[-1] = [1.0], [*[None] * 200, 2.0]
    with pytest.raises(ToolError) as refused:
        read(xls(rows), document_id="d", name="a.xls")
    assert refused.value.code == "too_large"


def test_an_ods_that_ends_inside_a_table_is_refused_and_not_waited_for() -> None:
    """Its parser looks for the end of the table for ever."""
    content = (
        b'<office:document-content xmlns:office="o" xmlns:table="t"><office:body><office:spreadsheet><table:table '
    )
    content += (
        b'table:name="S"><table:table-row><table:table-cell office:value="1"/></table:table-row></office:spreadsheet>'
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    data = zipped({"mimetype": kind, "META-INF/manifest.xml": b"<manifest/>", "content.xml": content})
    with pytest.raises(ToolError) as refused:
        read(data, document_id="doc_1", name="book.ods")
    assert refused.value.code == "corrupt"
