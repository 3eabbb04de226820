"""Workbooks that are damaged, locked or built to hurt are refused before they are parsed, in words and in time."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from contextlib import suppress

import pytest

from tests.tools.documents.workbooks import MAIN, XML, Cell, Sheet, Stored, Workbook, workbook, zipped
from tools.documents import choose, read
from tools.documents.container import MAX_ENTRIES, MAX_UNPACKED
from tools.refusals import ToolError

PLAIN: list[list[Stored]] = [["Item", "FY2023", "FY2024"], ["Revenue", 1, 2]]
GOOD = workbook({"S": PLAIN})
ODS = "application/vnd.oasis.opendocument.spreadsheet"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parts(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(data: bytes, name: str = "book.xlsx") -> ToolError:
    with pytest.raises(ToolError) as refused:
        read(data, document_id="doc_1", name=name)
    assert name in refused.value.text
    assert "\n" not in refused.value.text
    return refused.value


def sheet(rows: str) -> bytes:
    return Workbook({"S": Sheet(raw=rows)}).to_bytes()


def test_the_good_one_is_read() -> None:
    assert len(read(GOOD, document_id="doc_1", name="book.xlsx").tables) == 1


@pytest.mark.parametrize("name", ["book.xlsx", "book.xls", "book.xlsb", "book.ods", "book.xlsm"])
def test_nothing_is_an_empty_file(name: str) -> None:
    assert refusal(b"", name).code == "empty_file"


def test_a_password_is_said_in_clear_words() -> None:
    locked = OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(100)
    assert refusal(locked).code == "encrypted"
    assert "protected by a password" in refusal(locked).text


def test_an_old_office_file_that_is_no_workbook_is_told() -> None:
    assert refusal(OLE + bytes(504) + "WordDocument".encode("utf-16-le"), "letter.xls").code == "binary_file"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_workbook_is_damaged(kept: float) -> None:
    assert refusal(GOOD[: int(len(GOOD) * kept)]).code == "corrupt"


def test_a_part_that_does_not_unpack_is_damaged() -> None:
    at = GOOD.index(b"xl/worksheets/sheet1.xml") + 40
    assert refusal(GOOD[:at] + bytes(20) + GOOD[at + 20 :]).code == "corrupt"


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("content", [b"", b"<", b"no xml at all", b"<a></b>"])
def test_a_part_that_is_no_xml_gives_words(name: str, content: bytes) -> None:
    assert refusal(zipped(parts() | {name: content})).code in ("corrupt", "no_table")


def test_an_archive_or_another_office_file_is_no_workbook() -> None:
    assert refusal(zipped({"a.txt": b"hello"})).code == "binary_file"
    assert (
        refusal(zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})).code == "corrupt"
    )  # read as the text document it is


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    bomb = zipped(parts() | {"xl/big.xml": bytes(MAX_UNPACKED + 1)})
    assert len(bomb) < MAX_UNPACKED / 500
    assert refusal(bomb).code == "too_large"


def test_a_bomb_is_refused_by_what_it_unpacks_to() -> None:
    """The archive says that its part is a hundred bytes long, everywhere it says so."""
    bomb = zipped({**parts(), "xl/big.xml": b" " * (MAX_UNPACKED + 1)})
    lying = bomb.replace(struct.pack("<I", MAX_UNPACKED + 1), struct.pack("<I", 100))
    assert lying != bomb
    assert refusal(lying).code == "too_large"


def test_an_archive_of_very_many_parts_is_refused() -> None:
    assert refusal(zipped(parts() | {f"xl/part{n}.xml": b"" for n in range(MAX_ENTRIES)})).code == "unsafe_file"


def test_two_parts_of_one_name_are_refused() -> None:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/workbook.xml", b"<workbook/>")
    assert refusal(out.getvalue()).code == "unsafe_file"


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_defines_entities_is_refused(name: str, encoding: str) -> None:
    text = XML.replace("UTF-8", encoding.upper()) + LAUGHS + parts()[name].decode().partition("?>\n")[2]
    assert refusal(zipped(parts() | {name: text.encode(encoding)})).code == "unsafe_file"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
        "<row r='1'><c  r='A1'><v>1</v></c></row><row r='9'><c s='0' r='zzz99999999'><v>2</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="ZZZZZZ9"><v>2</v></c></row>',
        '<row r="1048576"><c><v>1</v></c></row><row r="1"><c><v>1</v></c><c><v>1</v></c></row>',
        f'<row r="1">{"<c><v>1</v></c>" * 20_000}</row><row r="1000"><c><v>1</v></c></row>',
    ],
)
def test_cells_at_opposite_corners_are_refused_before_the_rectangle_is_laid_out(rows: str) -> None:
    assert refusal(sheet(rows)).code == "too_large"


def test_cells_that_are_only_coloured_make_no_sheet_large() -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    table = read(sheet(rows), document_id="d", name="book.xlsx").tables[0]
    assert (table.row_count, len(table.columns)) == (1, 2)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="999999999999"><c r="A2" t="inlineStr"><is><t>Revenue</t></is></c><c r="B2"><v>2</v></c></row>',
        "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="XFD{n}" s="0"/></row>' for n in range(2, 5_000)),
    ],
)
def test_what_lies_between_the_cells_that_are_there_is_not_waited_for(rows: str) -> None:
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1"><v>2024</v></c></row>'
    started = time.monotonic()
    with suppress(ToolError):
        read(sheet(head + rows), document_id="d", name="book.xlsx")
    assert time.monotonic() - started < 5


def test_one_long_text_shared_by_many_cells_is_refused() -> None:
    shared = f'{XML}<sst xmlns="{MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'.encode()
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2_000))
    data = Workbook({"S": Sheet(raw=cells)}, {"xl/sharedStrings.xml": shared}).to_bytes()
    assert refusal(data).code == "too_large"


def test_cells_of_an_ods_that_repeat_themselves_are_refused() -> None:
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16000"/>'
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    data = zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    assert refusal(data, "book.ods").code == "too_large"


def test_a_million_rows_are_refused_in_seconds() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>5</v></c></row>' for n in range(1, 1_000_001)
    )
    data = sheet(rows)
    started_s = time.process_time()
    refused = refusal(data)
    assert refused.code == "too_large"
    assert "as CSV" in refused.text
    assert time.process_time() - started_s < 20


def test_three_hundred_sheets_are_read_in_seconds() -> None:
    rows: list[list[Stored]] = [["Item", "FY2023", "FY2024"], *([f"Line {n}", Cell(n, "#,##0"), n] for n in range(20))]
    data = workbook({f"Sheet {n}": rows for n in range(300)})
    started_s = time.process_time()
    found = read(data, document_id="doc_1", name="book.xlsx")
    assert len(found.tables) == 300
    assert len({table.title for table in found.tables}) == 300
    assert time.process_time() - started_s < 20


def test_a_workbook_without_a_table_is_told() -> None:
    assert refusal(workbook({"Empty": [], "Words": [["only words"]]})).code == "no_table"


@pytest.mark.parametrize(
    ("name", "media_type", "head", "key"),
    [
        ("a.xlsx", "", GOOD[:4096], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.xlsb", "application/octet-stream", GOOD[:4096], "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
        ("a.XLS", "application/vnd.ms-excel", OLE, "application/vnd.ms-excel"),
        ("a.csv", "application/vnd.ms-excel", b"a,b\n1,2\n", "text/csv"),
        ("export.xls", "application/vnd.ms-excel", b"a\tb\n1\t2\n", "text/csv"),
        ("export", "application/vnd.ms-excel", b"a;b\n1;2\n", "text/csv"),
        ("upload", ODS, b"PK\x03\x04", ODS),
    ],
)
def test_a_workbook_is_known_by_its_bytes_first(name: str, media_type: str, head: bytes, key: str) -> None:
    assert choose(name, media_type, head) == key


def test_a_page_called_a_workbook_is_read_as_a_page() -> None:
    rows = b"<tr><td>Item</td><td>2023</td><td>2024</td></tr><tr><td>Sales</td><td>1,200</td><td>1,300</td></tr>"
    found = read(b"<html><table>" + rows + b"</table></html>", document_id="d", name="export.xls")
    assert (found.kind, found.tables[0].columns[2].texts) == ("html", ["1,300"])
