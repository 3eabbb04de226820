"""Sentences answer what no table does, and only where they have every word of the question."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.offline.passages import ONLY_PROSE
from benchmarks.desk import Answered, Desk
from tests.analysis.offline.test_filings import BALANCE, INCOME
from tests.tools.documents.pdfs import pdf, statement_page
from tools.documents import read

LETTER = """Annual letter

Revenue grew to $5.2 million in 2024 from $4.1 million in 2023. We opened twelve stores in Norway. The board proposes a \
dividend of $0.12 a share.

Risks: our largest customer accounts for 31% of sales. The 777X program earns nothing yet.
"""


def ask(question: str) -> Answered:
    return Desk([read(LETTER.encode(), document_id="d", name="letter.txt")]).ask(question)


@pytest.mark.parametrize(
    ("question", "amounts", "words"),
    [
        ("What was revenue in 2024?", ["5200000", "4100000"], "Revenue grew to $5.2m in 2024 from $4.1m in 2023"),
        ("What share of sales does the largest customer account for?", ["0.31"], "accounts for 31% of sales"),
        ("What dividend is proposed?", ["0.12"], "The board proposes a dividend"),
        ("How many stores were opened in Norway?", [], "We opened twelve stores in Norway"),
        ("What is said about the 777X program?", [], "The 777X program earns nothing yet"),
    ],
)
def test_a_sentence_is_quoted_with_its_figures(question: str, amounts: list[str], words: str) -> None:
    said = ask(question)
    assert words in said.shown
    assert said.amounts() == [Decimal(each) for each in amounts]
    assert all(value.state == "tied" and value.place for value in said.cited)


@pytest.mark.parametrize(
    "question", ["How many stores were opened in Sweden?", "What is the outlook for margins?", "?"]
)
def test_a_sentence_that_lacks_a_word_is_not_quoted(question: str) -> None:
    said = ask(question)
    assert said.written.strip() == ONLY_PROSE
    assert not said.cited


def test_a_filing_is_quoted_where_its_tables_are_silent() -> None:
    years, unit = ["2024", "2023"], "(In millions of USD, except per share data)"
    prose = ["In 2024, 40% of our revenues were earned under government contracts."]
    pages = [
        statement_page(["Consolidated statements of income", unit], years, INCOME),
        statement_page(["Consolidated balance sheets, December 31,", unit], years, BALANCE, prose=prose),
    ]
    desk = Desk([read(pdf(*pages), document_id="d", name="northwind_2024.pdf")])
    said = desk.ask("What share of revenues came from government contracts?")
    assert said.amounts() == [Decimal("0.4")]
    assert "northwind_2024.pdf, page 2" in said.shown
