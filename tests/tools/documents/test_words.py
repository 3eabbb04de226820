"""Word documents, plain text and Markdown: prose under its headings, tables at their lines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.documents.words import word
from tests.tools.documents.workbooks import zipped
from tools.documents import read
from tools.documents.document import Document
from tools.refusals import ToolError

TABLE = [
    ["", "2023", "2024"],
    ["Revenue", "55,120", "61,904"],
    ["Cost of sales", "(31,007)", "(33,900)"],
    ["Net income", "9", "11"],
]


def document(data: bytes, name: str) -> Document:
    return read(data, document_id="d", name=name)


def refusal(data: bytes, name: str) -> ToolError:
    with pytest.raises(ToolError) as refused:
        document(data, name)
    return refused.value


def test_a_word_document_gives_its_table_and_its_prose_in_order() -> None:
    data = word(
        "# Results", "Revenue rose by 12.3%.", "Income statement", "(in thousands of GBP)", TABLE, "Costs rose too."
    )
    found = document(data, "report.docx")
    [table] = found.tables
    assert (table.title, table.statement) == ("Income statement", "income")
    assert table.columns[2].amounts == [Decimal(61_904_000), Decimal(-33_900_000), Decimal(11_000)]
    assert table.place(found, 1, 2).to_wire() | {} == {
        "document_id": "d",
        "kind": "docx",
        "table_number": 1,
        "line": 2,
        "field": 3,
        "printed": "(33,900)",
        "row": "Cost of sales",
        "column": "2024",
        "table": "t1",
    }
    assert [(p.text, p.heading, dict(p.at)) for p in found.passages][1] == (
        "Revenue rose by 12.3%.",
        "Results",
        {"paragraph": 2},
    )


def test_a_word_document_is_known_by_its_bytes() -> None:
    assert document(word("Some words that say something."), "report.xlsx").kind == "docx"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "binary_file"),
        (zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w>"}), "corrupt"),
        (zipped({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><w>&b;</w>'}), "unsafe_file"),
        (zipped({"word/document.xml": b"<w>" + b" " * (70 * 2**20) + b"</w>"}), "too_large"),
        (word("words")[:600], "corrupt"),
    ],
    ids=["empty", "old", "damaged", "entities", "bomb", "cut"],
)
def test_a_word_document_that_is_none_or_a_trap_is_refused(data: bytes, code: str) -> None:
    assert refusal(data, "report.docx").code == code


def test_markdown_has_headings_tables_and_plain_words() -> None:
    text = (
        "# Results\n\nRevenue **rose** by [12.3%](http://x.invalid/a).\n\n(in millions of GBP)\n\n"
        "| Item | 2024 |\n|:-|-:|\n| Sales | 1,300 |\n| Costs | (7) |\n"
    )
    found = document(text.encode(), "notes.md")
    [table] = found.tables
    assert table.columns[1].amounts == [Decimal(1_300_000_000), Decimal(-7_000_000)]
    assert table.place(found, 1, 1).to_wire()["line"] == 10
    assert [(p.text, p.heading, dict(p.at)["line"]) for p in found.passages] == [
        ("Results", "Results", 1),
        ("Revenue rose by 12.3%.", "Results", 3),
        ("(in millions of GBP)", "Results", 5),
    ]


def test_a_text_of_records_is_a_table_and_one_of_sentences_is_not() -> None:
    assert document(b"Item,2024\nSales,12\nCosts,7\n", "a.txt").kind == "csv"
    prose = b"In 2023, sales rose, and so did costs.\nIn 2024, they fell, as costs did.\n"
    assert [passage.text for passage in document(prose, "a.txt").passages] == [
        "In 2023, sales rose, and so did costs. In 2024, they fell, as costs did."
    ]
