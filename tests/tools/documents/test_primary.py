"""Which tables are the primary statements: told apart from what looks like them, and found where filings have them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.documents import Half, develop, report
from tests.tools.documents.pdfs import Page, pdf, statement_page
from tools.concepts import concept_of
from tools.documents import handmade, read
from tools.documents.document import Document
from tools.documents.primary import label_statements

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data"))
INCOME = [
    ("Revenue", ("10", "12")),
    ("Cost of sales", ("(4)", "(5)")),
    ("Gross profit", ("6", "7")),
    ("Operating income", ("4", "5")),
    ("Income tax expense", ("(1)", "(1)")),
    ("Net income", ("3", "4")),
]
BALANCE = [
    ("Cash and cash equivalents", ("5", "6")),
    ("Total assets", ("20", "24")),
    ("Total liabilities and equity", ("20", "24")),
]
CASH = [
    ("Net cash provided by operating activities", ("3", "3")),
    ("Net cash used in investing activities", ("(1)", "(1)")),
    ("Net increase in cash and cash equivalents", ("2", "2")),
]


def page(title: str, rows: list[tuple[str, tuple[str, str]]]) -> Page:
    return statement_page([title, "(In millions)"], ["2023", "2024"], rows)


def found(*pages: Page) -> dict[str, int]:
    document = read(pdf(*pages), document_id="d", name="report.pdf")
    return {table.statement: dict(table.at)["page"] for table in document.tables if table.statement}


def test_the_set_that_stands_together_is_taken_and_look_alikes_are_left() -> None:
    summary = page("Selected financial data: five-year summary", INCOME)
    parent = [
        page("Condensed income statement of the parent company", INCOME),
        page("Parent company balance sheets", BALANCE),
    ]
    filler = [page(f"Note {n}: Leases", [("Offices", ("1", "2")), ("Shops", ("3", "4"))]) for n in range(20)]
    primary = [
        page("Consolidated statements of income", INCOME),
        page("Consolidated balance sheets", BALANCE),
        page("Consolidated statements of cash flows", CASH),
    ]
    assert found(summary, *primary, *filler, *parent) == {"income": 2, "balance": 3, "cash_flow": 4}


def test_what_is_no_statement_is_called_none() -> None:
    assert found(page("Number of shops", [("North", ("1", "2")), ("South", ("3", "4"))] * 3)) == {}


def test_the_more_usual_name_of_two_lines_gives_the_concept() -> None:
    document = handmade.statement(
        ["FY2023", "FY2024"],
        {"Revenue": [1, 2], "Total revenue": [3, 4], "Cost of sales": [-1, -1], "Net income": [1, 1], "Tax": [1, 1]},
    )
    label_statements(document)
    [table] = document.tables
    assert table.statement == "income"
    assert table.concepts[1] == "revenue"
    assert list(table.concepts.values()).count("revenue") == 1


def test_lines_that_say_little_are_known_by_their_heading_and_unit() -> None:
    lines = [
        ("Net sales", ("$ 900", "$ 800")),
        ("Gross margin", ("400", "300")),
        ("Net income attributable to Northwind", ("90", "80")),
        ("Earnings per share:", ("", "")),
        ("Basic", ("$ 1.20", "$ 1.10")),
        ("Diluted", ("$ 1.19", "$ 1.09")),
        ("Average common shares outstanding:", ("", "")),
        ("Basic", ("75", "73")),
        ("Effect of dilutive securities", ("1", "1")),
        ("Diluted", ("76", "74")),
        ("Dividends declared per common share", ("$ 0.40", "$ 0.30")),
    ]
    titles = ["Consolidated statements of income", "(Millions of USD, except per common share data)"]
    document = read(pdf(statement_page(titles, ["2024", "2023"], lines)), document_id="d", name="a.pdf")
    [table] = document.tables
    assert table.concepts == {
        0: "revenue",
        1: "gross profit",
        2: "net income",
        4: "earnings per share",
        5: "diluted earnings per share",
        7: "shares",
        9: "diluted shares",
        10: "dividend per share",
    }
    assert table.columns[1].amounts[9] == 76_000_000


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Accounts receivable — net of allowances of $95 and $103", "receivables"),
        ("Trade receivables, net of allowances for doubtful accounts of $23 and of $16, respectively", "receivables"),
        ("Total Costco stockholders’ equity", "equity"),
        ("Income from continuing operations before provision/(benefit) for taxes on income", "profit before tax"),
        ("Provision/(benefit) for taxes on income", "tax"),
        ("Payments to acquire property, plant and equipment", "capital expenditure"),
        ("Purchase of premises and equipment, net of sales: 2022, $1", "capital expenditure"),
        ("Proceeds from disposals of property, plant and equipment", None),
        ("Capital expenditures acquired on account but unpaid as of year end", None),
        ("Purchase of Company stock", "share repurchases"),
        ("Payments for dividends and dividend equivalents", "dividends"),
        ("Dividends paid to noncontrolling interest", None),
        ("Depreciation and amortization of property, equipment and intangibles", "depreciation"),
        ("Loss from operations", "operating profit"),
    ],
)
def test_a_label_means_what_filers_mean_by_it(label: str, concept: str | None) -> None:
    meant = concept_of(label)
    assert (meant.concept if meant else None) == concept


def test_a_document_without_tables_is_no_trouble() -> None:
    document = Document("d", "a.txt", "text/plain", "text", "0" * 64, 1)
    label_statements(document)
    assert document.tables == []


@pytest.mark.corpus
@pytest.mark.skipif(not (CORPUS / "labels").is_dir(), reason="needs the filings of TICKMARK_CORPUS")
@pytest.mark.parametrize("read_half", [develop, report])
def test_filings_are_read_as_right_as_is_claimed(read_half: object) -> None:
    """docs/documents.md gives these figures; a change that costs any of them fails here."""
    assert callable(read_half)
    half = read_half()
    assert isinstance(half, Half)
    assert half.rows.missed == []
    assert half.amounts.missed == []
    assert half.pages.missed == []
    assert half.headers.missed == []


def test_the_labels_of_the_report_half_are_of_other_filings() -> None:
    ours = Path(__file__).parents[3] / "benchmarks" / "labels" / "documents.json"
    names = {filing["file"] for filing in json.loads(ours.read_text())["documents"]}
    assert len(names) == 11
    theirs = CORPUS / "labels" / "statements_dev.json"
    if theirs.is_file():
        assert not names & {filing["file"] for filing in json.loads(theirs.read_text())["documents"]}
