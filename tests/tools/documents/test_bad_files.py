"""Files that are no table are refused in words for people; files that are damaged are read as far as they can be."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from tests.tools.documents.words import word
from tools.documents import choose, read
from tools.documents.document import Document
from tools.refusals import ToolError

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    return out.getvalue()


def refusal(data: bytes, name: str = "file.csv") -> ToolError:
    with pytest.raises(ToolError) as refused:
        read(data, document_id="d", name=name)
    return refused.value


def document(data: bytes) -> Document:
    return read(data, document_id="d", name="file.csv")


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n ", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00\x00"])
def test_nothing_is_an_empty_file(data: bytes) -> None:
    refused = refusal(data)
    assert refused.code == "empty_file"
    assert refused.text.startswith("file.csv is empty")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(), "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "a gzip archive"),
        (bytes(range(256)) * 40, "not a text file"),
        (b"SQLite format 3\x00" + bytes(100), "an SQLite database"),
    ],
)
def test_a_binary_file_named_csv_is_told_what_it_looks_like(data: bytes, words: str) -> None:
    refused = refusal(data)
    assert refused.code == "binary_file"
    assert words in refused.text


@pytest.mark.parametrize(
    "data",
    [
        b"hello world\nthis is a letter\nand no table\n",
        b"a,b,c\n",
        b'{"error": "no such export"}',
        b",,,\n,,\n",
        b"one title\n\nanother\n",
    ],
)
def test_what_holds_no_rows_under_a_header_is_no_table(data: bytes) -> None:
    assert refusal(data).code == "no_table"


def test_the_reader_itself_refuses_what_the_name_promised_wrongly() -> None:
    from tools.documents.csv import read_csv
    from tools.documents.reader import Source

    with pytest.raises(ToolError) as refused:
        read_csv(zipped(), Source("d", "x.csv"))
    assert refused.value.code == "binary_file"


def test_a_thousand_columns_work_and_six_thousand_are_refused() -> None:
    wide = [f"c{column}" for column in range(1_000)]
    [table] = document("\n".join([",".join(wide), ",".join(["1"] * 1_000), ",".join(["2"] * 1_000)]).encode()).tables
    assert [column.label for column in table.columns] == wide
    refused = refusal(b",".join([b"1"] * 6_000) + b"\n")
    assert refused.code == "too_many_columns"
    assert "6,000" in refused.text
    assert "5,000" in refused.text


def test_a_line_of_separators_only_costs_nothing() -> None:
    [table] = document(b"a,b\n1,2\n" + b"," * 20_000 + b"\n3,4\n").tables
    assert table.row_count == 2


@pytest.mark.parametrize("data", [b"x" * 10_000_000, b"a,b\n1," + b"2" * 1_100_000, b"1,2\n" * 1_600_000])
def test_what_is_too_large_is_refused(data: bytes) -> None:
    assert refusal(data).code == "too_large"


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"a,b\n\xff\xfe\xff,1\nx,2\n", ["ÿþÿ", "x"]),
        (b"a,b\nx\x00y,1\nz,2\n", ["xy", "z"]),
        (b'a,b\n"lone,1\nx,2\n', ['"lone', "x"]),
        (b'a,b\n5" pipe,1\nx,2\n', ['5" pipe', "x"]),
        (b"a,b\nx\ny,2,3\n", ["x", "y"]),
        (b"a,b\r\nx,1\r\ny,2", ["x", "y"]),
        (b"a,b\rx,1\ry,2\r", ["x", "y"]),
        (b"a,b\nx,1\ny,2\n\x1a", ["x", "y"]),
        ("a,b\nx\u2028y,1\nz,2\n".encode(), ["x\u2028y", "z"]),
        (b"a,b\n\xed\xa0\x80,1\nz,2\n", None),
    ],
)
def test_damage_stays_in_its_cell(data: bytes, texts: list[str] | None) -> None:
    [table] = document(data).tables
    assert table.row_count == 2
    if texts:
        assert table.columns[0].texts == texts


def test_one_endless_row_does_not_widen_a_long_table() -> None:
    found = document(b"a,b\n" + b"1,2\n" * 20_000 + b"1," * 4_000 + b"1\n")
    assert [len(table.columns) for table in found.tables] == [2]
    assert "fields beyond column 2 were left out" in found.notes


def test_remarks_are_few_and_short() -> None:
    rows = [f"h{column}" for column in range(60)], ["1"] * 60, ["2"] * 60, ["3"] * 60, ["x" * 500] * 60
    found = document("\n".join(",".join(row) for row in rows).encode())
    assert len(found.notes) <= 20
    assert max(map(len, found.notes)) <= 400


@pytest.mark.parametrize(
    ("name", "media_type", "head", "key"),
    [
        ("a.csv", "application/vnd.ms-excel", b"a,b", "text/csv"),
        ("A.CSV", "", b"a,b", "text/csv"),
        ("a.tsv", "", b"a\tb", "text/tab-separated-values"),
        ("a.txt", "text/plain", b"a|b", "text/plain"),
        ("a.MD", "", b"# a", "text/markdown"),
        ("a.pdf", "application/pdf", b"%PDF-1.7", "application/pdf"),
        ("a.csv", "text/csv", b"%PDF-1.7", "application/pdf"),
        ("a.xls", "application/vnd.ms-excel", b"<html><table>", "text/html"),
        ("a.docx", "", word("x")[:4096], DOCX),
        ("a.xlsx", "", word("x")[:4096], DOCX),
        ("filing.htm", "", b"<?xml version='1.0'?><html>", "text/html"),
        ("export", "text/csv; charset=utf-8", b"a,b", "text/csv"),
        ("export", "application/octet-stream", b"a,b\n1,2", "text/plain"),
    ],
)
def test_a_file_finds_its_reader(name: str, media_type: str, head: bytes, key: str) -> None:
    assert choose(name, media_type, head) == key


@pytest.mark.parametrize(
    ("name", "media_type", "head", "code"),
    [
        ("a.xyz", "", b"abc", "unsupported_type"),
        ("a.epub", "", zipped(), "unsupported_type"),
        ("page", "text/x-page", b"{\\rtf1", "unsupported_type"),
        ("export", "application/octet-stream", b"\x00\x01", "unsupported_type"),
        ("a.csv", "text/csv", zipped(), "binary_file"),
        (".csv", "", b"", "unsupported_type"),
    ],
)
def test_a_file_without_a_reader_is_told_what_is_supported(name: str, media_type: str, head: bytes, code: str) -> None:
    with pytest.raises(ToolError) as refused:
        choose(name, media_type, head)
    assert refused.value.code == code
    assert ".csv" in refused.value.text
