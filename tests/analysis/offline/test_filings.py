"""Questions to a filing: lines by their standard names, formulas across its statements, whole statements."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from analysis.offline.formulas import FORMULAS, Missing, debt_lines, made_of, titled, worked_out
from benchmarks.desk import Answered, Desk
from tests.tools.documents.pdfs import pdf, statement_page
from tools.concepts import CONCEPTS
from tools.documents import read
from tools.documents.document import Document

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data"))
INCOME = [
    ("Net sales", ("1,000", "800")),
    ("Cost of sales", ("(600)", "(500)")),
    ("Operating income", ("200", "150")),
    ("Interest expense", ("(20)", "(15)")),
    ("Income before income taxes", ("180", "135")),
    ("Provision for income taxes", ("(45)", "(27)")),
    ("Net income", ("135", "108")),
    ("Earnings per share:", ("", "")),
    ("Basic", ("$ 1.35", "$ 1.08")),
    ("Diluted", ("$ 1.30", "$ 1.05")),
]
BALANCE = [
    ("Cash and cash equivalents", ("90", "70")),
    ("Accounts receivable, net", ("100", "80")),
    ("Inventories", ("120", "100")),
    ("Total current assets", ("310", "250")),
    ("Total assets", ("900", "800")),
    ("Current portion of long-term debt", ("40", "30")),
    ("Total current liabilities", ("155", "125")),
    ("Long-term debt", ("260", "270")),
    ("Total stockholders’ equity", ("400", "300")),
    ("Total liabilities and stockholders’ equity", ("900", "800")),
]
CASH = [
    ("Net cash provided by operating activities", ("170", "140")),
    ("Depreciation and amortization", ("50", "45")),
    ("Purchases of property and equipment", ("(60)", "(50)")),
    ("Net cash used in investing activities", ("(60)", "(50)")),
    ("Cash dividends paid", ("(27)", "(18)")),
    ("Net cash used in financing activities", ("(90)", "(80)")),
]
Lines = Sequence[tuple[str, Sequence[str]]]


def filing(income: Lines = INCOME, balance: Lines = BALANCE, notes: Sequence[Lines] = ()) -> Document:
    years = ["2024", "2023"]
    unit = "(In millions of USD, except per share data)"
    pages = [
        statement_page(["Consolidated statements of income", unit], years, income),
        statement_page(["Consolidated balance sheets, December 31,", unit], years, balance),
        statement_page(["Consolidated statements of cash flows", unit], years, CASH),
        *(statement_page(["Note", "(In millions)"], years, lines) for lines in notes),
    ]
    return read(pdf(*pages), document_id="d", name="northwind_2024.pdf")


def ask(question: str, document: Document | None = None) -> Answered:
    return Desk([document or filing()]).ask(question)


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("What was revenue in 2024?", "1000000000"),
        ("What was diluted EPS?", "1.30"),
        ("basic earnings per share in 2023", "1.08"),
        ("gross margin", "0.4"),
        ("operating margin in 2023", "0.1875"),
        ("What is the effective tax rate?", "0.25"),
        ("free cash flow", "110000000"),
        ("How much was spent on capital expenditures?", "-60000000"),
        ("total debt", "300000000"),
        ("net debt", "210000000"),
        ("total liabilities", "500000000"),
        ("EBITDA", "250000000"),
        ("net debt to EBITDA", "0.84"),
        ("interest coverage", "10"),
        ("current ratio", "2"),
        ("return on equity", "0.3375"),
        ("payout ratio", "0.2"),
        ("days sales outstanding", "36.6"),
        ("dividends paid in 2023", "-18000000"),
    ],
)
def test_standard_questions_are_answered_exactly(question: str, amount: str) -> None:
    said = ask(question)
    assert said.cited, said.shown
    assert said.cited[0].amount == Decimal(amount), said.shown


def test_an_amount_worked_out_leads_to_its_cells() -> None:
    said = ask("free cash flow")
    value = said.cited[0]
    assert value.state == "computed"
    assert len(value.inputs) == 2
    assert "*Net cash provided by operating activities* less *Purchases of property and equipment*" in said.written


def test_several_lines_and_a_course_are_told_with_a_chart() -> None:
    said = ask("How did net sales and operating margin develop? Chart it.")
    assert {Decimal(800_000_000), Decimal(1_000_000_000), Decimal("0.2")} <= {value.amount for value in said.cited}
    assert said.charts


def test_a_whole_statement_is_shown_as_a_table() -> None:
    said = ask("Show the balance sheet")
    assert "balance sheet" in said.written
    assert said.tables


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What was revenue in 1999?", "no revenue for the period"),
        ("research and development", "no line for research and development"),
        ("R&D intensity", "no line for research and development"),
    ],
)
def test_what_is_not_there_is_said(question: str, words: str) -> None:
    said = ask(question)
    assert words in said.written
    assert not said.cited


def test_a_share_of_something_negative_has_no_meaning() -> None:
    deficit = [
        (label, ("(40)", "(30)") if "stockholders’ equity" in label and "liab" not in label else cells)
        for label, cells in BALANCE
    ]
    assert "has no meaning here" in ask("return on equity", filing(balance=deficit)).written


def test_a_tax_that_changes_its_sign_is_not_taken_by_its_size() -> None:
    mixed = [(label, ("45", "(27)") if "Provision" in label else cells) for label, cells in INCOME]
    assert "as cost and as income" in ask("effective tax rate", filing(income=mixed)).written


def test_words_that_narrow_a_line_are_not_passed_over() -> None:
    """Sales of a segment, or organic growth, are not the company's sales."""
    for question in ("What was organic revenue?", "revenue of the Narnia segment", "What was Europe revenue?"):
        assert Decimal(1_000_000_000) not in [value.amount for value in ask(question).cited]


SEGMENTS: Lines = [
    ("North America", ("", "")),
    ("Net sales", ("700", "600")),
    ("Operating income", ("120", "90")),
    ("Cloud", ("", "")),
    ("Net sales", ("300", "200")),
    ("Operating income", ("80", "60")),
]
PRODUCTS: Lines = [("Online stores (1)", ("400", "380")), ("Cloud", ("300", "200")), ("Subscriptions", ("300", "220"))]


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("Cloud operating income", "80000000"),
        ("What was North America net sales in 2023?", "600000000"),
        ("What was the operating income of the Cloud segment?", "80000000"),
        ("revenue of online stores", "400000000"),
        ("subscriptions revenue in 2023", "220000000"),
        ("What was operating income?", "200000000"),
    ],
)
def test_a_segment_or_a_product_is_found_in_the_notes(question: str, amount: str) -> None:
    said = ask(question, filing(notes=(SEGMENTS, PRODUCTS)))
    assert said.cited[0].amount == Decimal(amount), said.shown


def test_a_part_is_never_answered_by_the_whole_or_by_what_is_held() -> None:
    """A segment's allocated capital is not its revenue, and the company's income not the segment's."""
    capital = [("Retail Bank", ("50", "45")), ("Investment Bank", ("108", "103"))]
    held = statement_page(["Allocated capital, December 31,", "(In millions of USD)"], ["2024", "2023"], capital)
    years, unit = ["2024", "2023"], "(In millions of USD)"
    document = read(
        pdf(statement_page(["Consolidated statements of income", unit], years, INCOME), held),
        document_id="d",
        name="northwind_2024.pdf",
    )
    for question in ("What was revenue of the Investment Bank?", "What was net income of Retail Bank?"):
        assert not ask(question, document).cited, ask(question, document).shown


@pytest.mark.parametrize(
    "when", ["the year ended December 31, 2023", "twelve months ended December 31, 2023", "2023", "FY2023"]
)
def test_a_period_is_named_as_filings_print_it(when: str) -> None:
    titles = ["Consolidated statements of income", "(In millions of USD)", "Years ended December 31,"]
    document = read(pdf(statement_page(titles, ["2024", "2023"], INCOME)), document_id="d", name="northwind.pdf")
    said = ask(f"What was revenue in {when}?", document)
    assert said.cited[0].amount == Decimal(800_000_000), said.shown


def test_an_offered_question_is_answered_after_one_about_a_product() -> None:
    desk = Desk([filing(notes=(SEGMENTS, PRODUCTS))])
    desk.ask("subscriptions revenue")
    assert "This is the balance sheet" in desk.ask("Show the balance sheet").written


def test_the_quarter_that_a_file_is_called_by_is_its_own() -> None:
    """A fiscal third quarter may end in July."""
    titles = ["Consolidated statements of operations", "(In millions of USD)", "Three months ended July 1,"]
    page = statement_page(titles, ["2024", "2023"], INCOME)
    said = ask("What was revenue in Q3 2024?", read(pdf(page), document_id="d", name="2024_Q3_NORTHWIND.pdf"))
    assert said.cited[0].amount == Decimal(1_000_000_000)
    assert "3 months to 1 Jul 2024" in said.shown


@pytest.mark.parametrize(
    ("file", "word", "calls"),
    [
        ("2024_AAPL", "Apple", True),
        ("AMZN_2024", "Amazon", True),
        ("2024_AAPL", "Apparel", False),
        ("2024_AAPL", "apparel", False),
        ("MMM_2024", "Membership", False),
    ],
)
def test_a_ticker_calls_its_company_and_no_other_word(file: str, word: str, calls: bool) -> None:
    """A word that is taken for a company's name is passed over, so only what is surely one may be."""
    page = statement_page(["Consolidated statements of income", "(In millions of USD)"], ["2024", "2023"], INCOME)
    said = ask(f"What was {word} revenue?", read(pdf(page), document_id="d", name=f"{file}.pdf"))
    assert bool(said.cited) is calls, said.shown


def test_every_formula_is_made_of_concepts_and_formulas() -> None:
    known = set(CONCEPTS) | {formula.name for formula in FORMULAS} | {"total debt"}
    assert [part for formula in FORMULAS for part in formula.parts if part not in known] == []
    assert len({formula.name for formula in FORMULAS}) == len(FORMULAS)
    assert all(titled(formula.name)[:1].isupper() for formula in FORMULAS)


def test_a_formula_without_its_lines_says_which_are_missing() -> None:
    formula = made_of("net debt")
    assert formula is not None
    with pytest.raises(Missing, match="total debt, cash"):
        worked_out(formula, lambda part: False, [])


_LONG = "Long-term debt (includes debt issued by variable interest entities: 1)"


@pytest.mark.parametrize(
    ("lines", "debt"),
    [
        (["Short-term borrowings", "Accrued interest on debt", "Debt securities held"], ["Short-term borrowings"]),
        (["Long-term debt", "Total debt"], ["Total debt"]),
        ([_LONG], [_LONG]),
    ],
)
def test_borrowings_are_told_from_what_only_sounds_like_them(lines: list[str], debt: list[str]) -> None:
    assert debt_lines(lines) == debt


@pytest.mark.corpus
@pytest.mark.skipif(not (CORPUS / "pdf").is_dir(), reason="needs the filings of TICKMARK_CORPUS")
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        (
            "3M_2018_10K.pdf",
            {
                "capital expenditure in 2018": "-1577000000",
                "PP&E": "8738000000",
                "inventory turnover": "3.8",
                "total debt": "14622000000",
            },
        ),
        ("ADOBE_2022_10K.pdf", {"diluted EPS": "10.10", "total debt": "4129000000", "interest coverage": "54.4"}),
        ("COSTCO_2021_10K.pdf", {"free cash flow in 2021": "5370000000", "diluted shares": "444346000"}),
        ("PFIZER_2021_10K.pdf", {"effective tax rate": "0.076", "diluted shares": "5708000000"}),
        ("VERIZON_2022_10K.pdf", {"diluted EPS": "5.06", "free cash flow": "14054000000"}),
        ("AMERICANEXPRESS_2022_10K.pdf", {"diluted shares": "752000000", "net income": "7514000000"}),
    ],
)
def test_filings_answer_as_their_pages_do(name: str, answers: dict[str, str]) -> None:
    """Each checked by hand on the printed page."""
    document = read((CORPUS / "pdf" / name).read_bytes(), document_id="d", name=name)
    for question, amount in answers.items():
        said = ask(question, document)
        places = len(amount.partition(".")[2])
        assert said.cited, said.shown
        assert round(said.cited[0].amount, places) == Decimal(amount), said.shown


def test_every_question_that_is_offered_is_answered() -> None:
    offered = list(ask("What was revenue?").suggestions)
    assert len(offered) == 3
    for question in offered:
        said = ask(question)
        assert said.cited or said.tables, question
        assert question not in said.suggestions
