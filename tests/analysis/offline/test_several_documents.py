"""Questions over several documents: each speaks for its own period, and nothing is compared that does not belong together."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.desk import Desk
from tests.tools.documents.pdfs import pdf, statement_page
from tools.documents import read
from tools.documents.document import Document

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", "../shared/data"))


def report(name: str, years: tuple[str, str], revenue: tuple[str, str], profit: tuple[str, str]) -> Document:
    rows = [("Total revenue", revenue), ("Operating income", profit), ("Net income", ("3", "4"))]
    page = statement_page(["Consolidated income statement", "(In millions of USD)"], years, rows)
    return read(pdf(page), document_id=name, name=f"{name}.pdf")


def desk() -> Desk:
    return Desk(
        [
            report("northwind_2023", ("2022", "2023"), ("90", "100"), ("9", "10")),
            report("southwind_2024", ("2023", "2024"), ("200", "220"), ("50", "66")),
        ]
    )


def test_a_comparison_takes_the_latest_period_of_each() -> None:
    said = desk().ask("Compare revenue")
    assert said.amounts()[:2] == [Decimal(100_000_000), Decimal(220_000_000)]
    assert "northwind_2023.pdf" in said.written
    assert said.charts


def test_a_named_year_is_taken_where_both_have_it() -> None:
    said = desk().ask("Which company had the higher revenue in 2023?")
    assert said.amounts()[:2] == [Decimal(100_000_000), Decimal(200_000_000)]
    assert said.amounts()[2] == Decimal(1)  # twice as much


def test_a_ratio_is_worked_out_in_each_document() -> None:
    said = desk().ask("Compare the operating margin of both companies")
    assert said.amounts()[:2] == [Decimal("0.1"), Decimal("0.3")]
    assert all(value.state == "computed" for value in said.cited[:2])


def test_a_document_called_by_its_name_answers_alone() -> None:
    said = desk().ask("What was the revenue of northwind in 2023?")
    assert said.amounts()[0] == Decimal(100_000_000)
    assert "southwind" not in said.written


def test_two_years_of_one_document_are_compared_within_it() -> None:
    said = desk().ask("Compare revenue of 2023 and 2024")
    assert said.amounts() == [Decimal(220_000_000), Decimal("0.1"), Decimal(200_000_000)]
    assert "northwind" not in said.written


def test_reports_of_one_company_make_one_course() -> None:
    reports = [
        report("acme_2023", ("2022", "2023"), ("90", "100"), ("9", "10")),
        report("acme_2024", ("2023", "2024"), ("100", "120"), ("10", "15")),
    ]
    said = Desk(reports).ask("How did revenue develop over the years?")
    assert said.amounts()[:3] == [Decimal(90_000_000), Decimal(120_000_000), said.cited[2].amount]
    assert round(said.cited[2].amount, 4) == Decimal("0.3333")
    assert "acme_2023.pdf and acme_2024.pdf" in said.written
    assert said.charts


def test_periods_of_unequal_length_are_not_compared() -> None:
    def part(name: str, title: str, revenue: str) -> Document:
        rows = [("Total revenue", (revenue, "50")), ("Operating income", ("9", "8")), ("Net income", ("3", "4"))]
        titles = ["Consolidated statements of operations", "(In millions of USD)", title]
        return read(pdf(statement_page(titles, ["2023", "2022"], rows)), document_id=name, name=f"{name}.pdf")

    parts = [part("alpha", "Six months ended June 30,", "100"), part("beta", "Nine months ended September 30,", "150")]
    said = Desk(parts).ask("Compare revenue")
    assert said.amounts() == [Decimal(100_000_000), Decimal(150_000_000)]
    assert "The periods are not of one length" in said.written


def test_words_that_narrow_a_line_are_never_dropped_over_several_documents() -> None:
    for question in ("Compare penguin sales", "Compare Comirnaty revenue", "Compare revenue of the Retail segment"):
        said = desk().ask(question)
        assert not said.cited, (question, said.shown)
        assert "is called" in said.written, said.shown


def test_nor_are_they_over_tables() -> None:
    def table(name: str, revenue: int) -> Document:
        text = f"Income statement\nGBP m,2024,2023\nRevenue,{revenue},90\nCost of sales,3,2\nOperating profit,4,3\n"
        return read(text.encode(), document_id=name, name=f"{name}.csv")

    both = [table("north", 100), table("south", 200)]
    assert Desk(both).ask("Compare revenue").amounts()[:2] == [Decimal(100_000_000), Decimal(200_000_000)]
    assert Desk(both).ask("Which had the higher revenue in 2024?").amounts()[1] == Decimal(200_000_000)
    for question in ("Compare penguin revenue", "Compare revenue of the Retail segment"):
        assert not Desk(both).ask(question).cited


def test_a_segment_is_compared_and_not_the_company() -> None:
    years, unit = ("2023", "2024"), "(In millions of USD)"
    notes = [("Americas", ("", "")), ("Net sales", ("70", "77")), ("Europe", ("", "")), ("Net sales", ("20", "23"))]

    def with_segments(name: str) -> Document:
        total = [("Total net sales", ("90", "100")), ("Operating income", ("9", "10")), ("Net income", ("3", "4"))]
        pages = [
            statement_page(["Consolidated income statement", unit], years, total),
            statement_page(["Segments", unit], years, notes),
        ]
        return read(pdf(*pages), document_id=name, name=f"{name}.pdf")

    said = Desk([with_segments("northwind"), with_segments("southwind")]).ask("Compare Europe net sales")
    assert said.amounts()[:2] == [Decimal(23_000_000)] * 2


def test_one_sided_comparisons_say_which_document_lacks_the_line() -> None:
    other = statement_page(
        ["Consolidated income statement", "(In millions of USD)"],
        ["2023", "2024"],
        [("Revenues", ("5", "6")), ("Cost of sales", ("2", "3")), ("Net income", ("1", "2"))],
    )
    both = Desk([desk().documents[0], read(pdf(other), document_id="b", name="westwind.pdf")])
    said = both.ask("Compare operating margin")
    assert "westwind.pdf: I cannot work out operating margin" in said.shown


def test_what_only_one_document_has_is_said() -> None:
    other = statement_page(
        ["Balance sheet"], ["2023", "2024"], [("Total assets", ("1", "2")), ("Total liabilities", ("1", "1"))]
    )
    both = Desk([desk().documents[0], read(pdf(other), document_id="b", name="balance.pdf")])
    assert "do not both" in both.ask("Compare operating income of both documents").shown or both.asked


Filed = Callable[..., Desk]


@pytest.fixture
def filed() -> Filed:
    def open_filings(*names: str) -> Desk:
        folders = [CORPUS / "pdf", CORPUS / "pdf_multidoc"]
        paths = [next(path for folder in folders if (path := folder / name).is_file()) for name in names]
        return Desk([read(path.read_bytes(), document_id=path.stem, name=path.name) for path in paths])

    return open_filings


def place_of(value: Any) -> tuple[str, int]:
    return value.place.document_id, dict(value.place.at)["page"]


@pytest.mark.corpus
@pytest.mark.skipif(not (CORPUS / "pdf").is_dir(), reason="needs the filings of TICKMARK_CORPUS")
class TestFilings:
    """The questions that annual and quarterly reports are asked first."""

    @pytest.mark.parametrize(
        ("filing", "question", "amounts", "page"),
        [
            ("BOEING_2022_10K", "What was revenue in 2022 and how did it grow?", ["62286000000", "66608000000"], 55),
            ("BOEING_2022_10K", "What was operating cash flow in 2022?", ["3512000000"], 59),
            ("PFIZER_2021_10K", "What was revenue in 2021 and how did it grow?", ["41651000000", "81288000000"], 57),
            ("PFIZER_2021_10K", "What was operating cash flow in 2021?", ["32580000000"], 61),
            ("JPMORGAN_2023Q2_10Q", "What was net interest income?", ["21779000000"], 96),
            ("JPMORGAN_2023Q2_10Q", "What was operating cash flow?", ["-92376000000"], 100),
            ("WALMART_2020_10K", "What were total assets?", ["236495000000"], 54),
        ],
    )
    def test_a_filing_answers_with_places(
        self, filed: Filed, filing: str, question: str, amounts: list[str], page: int
    ) -> None:
        said = filed(f"{filing}.pdf").ask(question)
        tied = {value.amount: value for value in said.cited if value.state == "tied"}
        for amount in map(Decimal, amounts):
            assert amount in tied, said.shown
            assert place_of(tied[amount])[0] == filing
            assert abs(place_of(tied[amount])[1] - page) <= 1
            assert "box" in dict(tied[amount].place.at)

    def test_two_quarters_of_one_company_are_compared_by_their_own_periods(self, filed: Filed) -> None:
        said = filed("2023_Q2_AAPL.pdf", "2023_Q3_AAPL.pdf").ask("How did net sales change from Q2 to Q3 2023?")
        first, second, change = said.cited[:3]
        assert [first.amount, second.amount] == [Decimal(94_836_000_000), Decimal(81_797_000_000)]
        assert [v.period.label for v in (first, second) if v.period] == [
            "3 months to 1 Apr 2023",
            "3 months to 1 Jul 2023",
        ]
        assert change.amount == Decimal("-0.1374900") or round(change.amount, 4) == Decimal("-0.1375")
