"""What every reader promises: any bytes give a Document or a ToolError, in bounded time and memory, and places hold.

A new reader joins by its row in `READERS` and a sample in `SAMPLES` below.
"""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
import zipfile
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.documents.columns import parquet
from tests.tools.documents.old_workbooks import ods, xls, xlsb
from tests.tools.documents.pdfs import Page, Text, pdf, statement_page
from tests.tools.documents.words import word
from tests.tools.documents.workbooks import zipped
from tools.documents import READERS, kept, load, read
from tools.documents.document import Document
from tools.documents.reader import Reader, Source
from tools.refusals import ToolError
from tools.units import is_unit

FIXTURES = Path(__file__).parents[2] / "fixtures" / "samples"
SHEET = [
    ["Income statement (in thousands of GBP)"],
    ["Item", "FY2023", "FY2024"],
    ["Revenue", 1200.5, 1300.0],
    ["Costs", -3.0, 4.0],
]
PAGE = statement_page(
    ["Income statement", "(In millions, except per share data)"],
    ["2023", "2024"],
    [("Revenue", ("$1,200", "$1,300")), ("Cost of sales", ("(700)", "—")), ("Earnings per share", ("$0.42", "$0.51"))],
    ["Revenue rose by 8% in 2024, and the margin with it, as we had said a year before."],
)
TAGGED = """<?xml version="1.0"?><html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><body>
<div style="display:none"><ix:header><ix:resources>
<xbrli:context id="c-1"><xbrli:period><xbrli:startDate>2024-01-01</xbrli:startDate><xbrli:endDate>2024-12-31</xbrli:endDate>
</xbrli:period></xbrli:context><xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
</ix:resources></ix:header></div>
<p><b>Income statement</b></p><p>(In millions)</p>
<table><tr><td>Year</td><td colspan="3">2024</td><td colspan="3">2023</td></tr>
<tr><td>Revenue</td><td>$</td><td><ix:nonFraction contextRef="c-1" unitRef="usd" name="us-gaap:Revenues" scale="6" id="f-1">1,300
</ix:nonFraction></td><td></td><td>$</td><td>1,200</td><td></td></tr>
<tr><td>Cost of sales</td><td colspan="2">(700</td><td>)</td><td colspan="2">(650</td><td>)</td></tr></table>
<p>Revenue rose by 8% in 2024, as we had said.</p></body></html>"""
MARKDOWN = b"""---
title: Notes
---
# Results

Revenue rose by 8% in 2024, as we had *said*.

(in millions of GBP)

| Item | 2023 | 2024 |
|:-----|-----:|-----:|
| Revenue | 1,200 | 1,300 |
| Costs | (700) | - |
"""
SAMPLES = {
    "application/json": b'{"rows": [{"day": "2024-01-02", "sales": 1200.50, "in": {"region": "North"}}, '
    b'{"day": "2024-01-03", "sales": -7, "in": {"region": "South"}}]}',
    "application/vnd.apache.parquet": parquet({"Item": ["Sales", "Costs"], "Amount": [Decimal("1200.50"), None]}),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": word(
        "Income statement",
        "(in millions of GBP)",
        [["", "2023", "2024"], ["Revenue", "1,200", "1,300"], ["Costs", "(7)", "–"]],
    ),
    "text/plain": b"Revenue rose by 8% in 2024.\n\nCosts did not, and the margin is\nwhat we said it would be.\n",
    "text/markdown": MARKDOWN,
    "text/html": TAGGED.encode(),
    "application/xhtml+xml": TAGGED.encode(),
    "application/pdf": pdf(PAGE),
    "text/csv": (FIXTURES / "northwind_statements.csv").read_bytes(),
    "text/tab-separated-values": (FIXTURES / "northwind_sales.csv").read_bytes(),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
        FIXTURES / "northwind_model.xlsx"
    ).read_bytes(),
    "application/vnd.ms-excel.sheet.macroenabled.12": (FIXTURES / "northwind_model.xlsx").read_bytes(),
    "application/vnd.ms-excel": xls(SHEET),
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": xlsb(SHEET),
    "application/vnd.oasis.opendocument.spreadsheet": ods(SHEET),
}
KEYS = sorted(READERS)
SECONDS_PER_MEGABYTE = 10.0
BYTES_PER_BYTE = 400


def attempt(key: str, data: bytes) -> Document | ToolError:
    reader = load(key)
    try:
        return reader.read(data, Source("doc_1", f"file{reader.extensions[0]}", key))
    except ToolError as refusal:
        return refusal


def assert_sound(answer: Document | ToolError, data: bytes) -> None:
    """Everything a caller may rely on, whatever the bytes were."""
    if isinstance(answer, ToolError):
        assert answer.code.replace("_", "").isalpha()
        assert 10 < len(answer.text) < 500
        return
    assert answer.tables or answer.passages
    stored = orjson.dumps(kept.to_json(answer))
    assert kept.from_json(orjson.loads(stored)) == answer
    orjson.dumps(answer.card())
    for table in answer.tables:
        labels = [column.label.casefold() for column in table.columns]
        assert len(set(labels)) == len(labels)
        assert all(labels)
        assert len({column.key for column in table.columns}) == len(labels)
        for index, column in enumerate(table.columns):
            assert len(column.texts) == table.row_count
            assert len(column.amounts) == (table.row_count if column.kind == "number" else 0)
            assert len(column.dates) == (table.row_count if column.kind == "date" else 0)
            assert column.kind != "number" or is_unit(column.unit)
            assert all(is_unit(unit) for unit in column.units.values())
            for row in range(min(table.row_count, 5)):
                value = table.value(answer, row, index, "~1")
                assert value is None or (value.amount.is_finite() and orjson.dumps(value.to_wire()))


@pytest.mark.parametrize("key", KEYS)
def test_a_row_of_the_table_is_a_reader_that_names_itself(key: str) -> None:
    reader = load(key)
    assert isinstance(reader, Reader)
    assert key in reader.media_types
    assert all(extension.startswith(".") and extension.islower() for extension in reader.extensions)


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_is_read_the_same_every_time(key: str) -> None:
    data = SAMPLES[key]
    first, second = attempt(key, data), attempt(key, data)
    assert isinstance(first, Document)
    assert first == second
    assert_sound(first, data)
    assert (first.document_id, first.bytes, first.media_type) == ("doc_1", len(data), key)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.csv")), ids=lambda path: path.name)
def test_a_place_leads_to_the_printed_text(path: Path) -> None:
    data = path.read_bytes()
    document = read(data, document_id="doc_1", name=path.name)
    lines = data.decode().split("\n")
    for table in document.tables:
        for row in range(table.row_count):
            for column in range(len(table.columns)):
                place = table.place(document, row, column).to_wire()
                record = next(csv.reader(lines[place["line"] - 1 :]))
                assert record[place["column"] - 1].strip() == place.get("printed", "")


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_a_document_or_a_refusal(key: str, data: bytes) -> None:
    assert_sound(attempt(key, data), data)


SPLICES = [
    b"",
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"2024",
    b"\n\n",
    b"(",
    b"%",
    b"9" * 40,
    b"\xed\xa0\x80",
    b"Total",
]
EDITS = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.sampled_from(SPLICES)), min_size=1, max_size=25
)


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=100, deadline=None)
@given(edits=EDITS)
def test_a_damaged_sample_gives_a_document_or_a_refusal(key: str, edits: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(SAMPLES[key][:4_000])
    for at, cut, new in edits:
        data[at % (len(data) + 1) : at % (len(data) + 1) + cut] = new
    assert_sound(attempt(key, bytes(data)), bytes(data))


@pytest.mark.parametrize("key", [key for key in KEYS if SAMPLES[key].startswith(b"PK")])
@settings(max_examples=100, deadline=None)
@given(edits=EDITS, which=st.integers(0, 20))
def test_a_workbook_damaged_inside_gives_a_document_or_a_refusal(
    key: str, edits: list[tuple[int, int, bytes]], which: int
) -> None:
    """The archive is sound and one of its parts is not, which is as far as a checksum protects nobody."""
    with zipfile.ZipFile(io.BytesIO(SAMPLES[key])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(parts)[which % len(parts)]
    part = bytearray(parts[name])
    for at, cut, new in edits:
        part[at % (len(part) + 1) : at % (len(part) + 1) + cut] = new
    data = zipped(parts | {name: bytes(part)})
    assert_sound(attempt(key, data), data)


HOSTILE = {
    "one line": b"a" * 1_000_000,
    "one line of fields": b"a," * 400_000,
    "lone quotation marks": b'x,y\n' + b'"a,1\n' * 150_000,
    "one quotation mark and the rest": b'x,y\n"a,1\n' + b"b,2\n" * 200_000,
    "doubled quotation marks": b'"' * 1_000_000,
    "blank lines": b"a,1\n\n" * 150_000,
    "a header every other line": b"item,2024\na,1\n\n" * 40_000,
    "words of a caption": b"Item,2024\nRevenue,1\n" + b"in m " * 150_000 + b"!,2\n",
    "words of a period": b"Item," + b"LTM " * 200_000 + b"\nx,1\n",
    "high bytes": b"\xff,\xfe\n" * 150_000,
    "zeros": b"\x00" * 1_000_000,
    "digits": b"1\n" + b"1" * 800_000,
    "one wide row": b"a,b\n" + b"1,2\n" * 150_000 + b"1," * 4_000,
}  # fmt: skip


PAGES = {
    "nested without end": b"<div>" * 200_000 + b"x",
    "tables in tables": b"<table><tr><td>" * 20_000 + b"1",
    "cells that span everything": b"<table>" + b"<tr><td colspan=9999 rowspan=9999>1</td><td>2</td></tr>" * 8_000,
    "entities that grow": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b;</p>' * 4_000,
    "open tags": b"<" * 800_000,
    "attributes": b"<p " + b"a=b " * 200_000 + b">x</p>",
    "one long paragraph": b"<p>" + b"word " * 200_000,
}
OBJECTS = {
    "brackets": b"[" * 400_000,
    "brackets that close": b"[" * 100_000 + b"]" * 100_000,
    "objects in objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "one record of many keys": b"[{" + b",".join(b'"k%d":%d' % (n, n) for n in range(40_000)) + b"}]",
    "many records": b"[" + b",".join(b'{"a":%d}' % n for n in range(60_000)) + b"]",
    "a number without end": b"[" + b"9" * 600_000 + b"]",
}
TEXTS = {
    "bars": b"|" * 500_000,
    "dividers": b"|-|-|\n" * 60_000,
    "links": b"[a](" * 100_000,
    "stars": b"*" * 500_000,
    "headings": b"# x\n" * 100_000,
    "a wide table": b"a|b\n-|-\n" + b"x|1\n" * 100_000,
}
FILES = {
    "a page of one word": pdf(Page([Text("x" * 5_000, 10, 100)])),
    "a thousand figures": pdf(Page([Text(f"{n:,}", 10 + n % 30 * 20, 20 + n // 30 * 20, 6) for n in range(1_000)])),
    "words on each other": pdf(Page([Text("word", 100, 100) for _ in range(4_000)])),
    "circles": pdf(PAGE).replace(b"/Parent 2 0 R", b"/Parent 5 0 R").replace(b"/Kids[5 0 R]", b"/Kids[2 0 R]"),
}
COSTLY = [
    *(pytest.param("text/csv", data, id=name) for name, data in HOSTILE.items()),
    *(pytest.param("text/plain", data, id=f"text: {name}") for name, data in HOSTILE.items()),
    *(pytest.param("text/markdown", data, id=name) for name, data in TEXTS.items()),
    *(pytest.param("application/json", data, id=name) for name, data in OBJECTS.items()),
    *(pytest.param("text/html", data, id=name) for name, data in PAGES.items()),
    *(pytest.param("application/pdf", data, id=name) for name, data in FILES.items()),
]


@pytest.mark.parametrize(("key", "data"), COSTLY)
def test_a_hostile_file_costs_no_more_than_its_size(key: str, data: bytes) -> None:
    started_s = time.process_time()
    answer = attempt(key, data)
    spent_s = time.process_time() - started_s
    assert isinstance(answer, Document | ToolError)
    assert spent_s < SECONDS_PER_MEGABYTE * max(1.0, len(data) / 1e6)


def test_a_ledger_takes_memory_in_proportion() -> None:
    data = b"Date,Region,Amount\n" + b"".join(
        b"2024-01-%02d,North,%d.50\n" % (row % 28 + 1, row) for row in range(10_000)
    )
    tracemalloc.start()
    try:
        answer = attempt("text/csv", data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(answer, Document)
    assert answer.tables[0].row_count == 10_000
    assert peak < BYTES_PER_BYTE * len(data)
