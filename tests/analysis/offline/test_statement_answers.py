"""Questions to the sample company's statements, answered through the real tools and checked against the file itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[3] / "fixtures" / "samples" / "northwind_statements.csv"
YEARS = ("FY2021", "FY2022", "FY2023", "FY2024")


@pytest.fixture(scope="module")
def printed() -> dict[str, list[Decimal]]:
    """Each line's figures in pounds, read with nothing but the csv module; the first line of a name counts."""
    found: dict[str, list[Decimal]] = {}
    with SAMPLE.open(encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) == 5 and row[1] not in ("FY2021", ""):
                cells = [Decimal(re.sub(r"[,()]", "", cell) if cell != "-" else "0") for cell in row[1:]]
                signs = [-1 if cell.startswith("(") else 1 for cell in row[1:]]
                found.setdefault(row[0], [cell * sign * 1000 for cell, sign in zip(cells, signs, strict=True)])
    return found


def close(found: Decimal, wanted: Decimal) -> bool:
    return abs(found - wanted) <= Decimal("1e-9") * max(1, abs(wanted))


def test_the_first_question_yields_prose_chart_table_and_metric(statements: Any, printed: dict[str, Any]) -> None:
    said = statements.ask("How did revenue develop, and what happened to the gross margin? Chart it.")
    revenue, gross = printed["Revenue"], printed["Gross profit"]
    margins = [part / whole for part, whole in zip(gross, revenue, strict=True)]

    assert "Revenue rose every year, from £48.3m in FY2021 to £61.9m in FY2024, 28.1% more in all." in said.shown
    assert "Gross margin rose from 41.2% in FY2021 to 42.6% in FY2024, up 1.4 percentage points." in said.shown
    assert "Only FY2022 saw a fall, of 2.3 percentage points." in said.shown
    amounts = said.amounts()
    for wanted in (
        revenue[0],
        revenue[3],
        revenue[3] / revenue[0] - 1,
        margins[0],
        margins[3],
        margins[3] - margins[0],
    ):
        assert any(close(amount, wanted) for amount in amounts), wanted

    (chart,), (table,), (metric,) = said.charts, said.tables, said.metrics
    assert [(series["name"], series["axis"]) for series in chart["series"]] == [
        ("Revenue", "left"),
        ("Gross margin", "right"),
    ]
    assert chart["series"][0]["values"] == [float(amount) for amount in revenue]
    assert [cell["shown"] for cell in table["rows"][0][1:]] == ["48,310", "52,775", "55,120", "61,904"]
    assert metric["value"]["amount"] == "61904000"
    assert metric["change"]["shown"] == "+12.3%"
    assert not said.refusals


def test_every_figure_of_the_first_answer_leads_to_cells_of_the_file(statements: Any) -> None:
    said = statements.ask("How did revenue develop, and what happened to the gross margin? Chart it.")
    values = statements.history.values

    def ground(value_id: str) -> set[str]:
        value = values[value_id]
        if value.state == "tied":
            return {f"{value.place.row} {value.place.column}"}
        assert value.inputs, value
        return set().union(*(ground(each) for each in value.inputs))

    for value in said.cited:
        assert ground(value.value_id) <= {f"{line} {year}" for line in ("Revenue", "Gross profit") for year in YEARS}


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "Compare operating profit in FY2022 and FY2024",
            [
                "Operating profit rose from £4.2m in FY2022 to £7.7m in FY2024, 83.2% more.",
                "As a share of revenue it went from 8.0% to 12.5%, up 4.5 percentage points.",
            ],
        ),
        ("What was revenue in FY2023?", ["Revenue was £55.1m in FY2023, 4.4% more than in FY2022 (£52.8m)."]),
        (
            "What was the gross margin in FY2023?",
            ["Gross margin was 40.3% in FY2023, 1.4 percentage points above FY2022."],
        ),
        ("turnover in 2022", ["Revenue was £52.8m in FY2022"]),
        ("EBIT for FY24?", ["Operating profit was £7.7m in FY2024, 50.0% more than in FY2023 (£5.2m)."]),
        (
            "In which year was the gross margin highest?",
            ["Gross margin was highest in FY2024, at 42.6%; lowest in FY2022, at 38.9%."],
        ),
        ("Which year had the lowest operating profit?", ["Operating profit was lowest in FY2022, at £4.2m;"]),
        (
            "What was the average profit over all years?",
            ["*Profit for the year* averaged £4.0m: £4.0m in 2021, £3.0m in 2022, £3.4m in 2023 and £5.4m in 2024."],
        ),
        (
            "What was the total revenue from FY2022 to FY2024?",
            ["Revenue came to £169.8m over FY2022 to FY2024 (three years)"],
        ),
        (
            "How did net debt develop since FY2022?",
            ["Net debt fell every year, from £5.3m in FY2022 to £912,000 in FY2024, 82.8% less in all."],
        ),
        ("cost of sales as a percentage of revenue", ["Cost of sales as a share of revenue was 57.4% in FY2024"]),
        (
            "What percentage of revenue were administrative expenses in FY2024?",
            ["*Administrative expenses* was 10.7% of *Revenue* in 2024"],
        ),
        (
            "What's the difference between revenue and cost of sales in FY2024?",
            ["Revenue less cost of sales was £26.4m in FY2024"],
        ),
        (
            "revenue per employee",
            ["Revenue per average headcount rose every year, from £154,840 in FY2021 to £173,888"],
        ),
        (
            "what was capex in 2023",
            ["Purchase of property, plant and equipment was £3.1m in FY2023", "as negative figures"],
        ),
        (
            "How did EPS develop?",
            ["rose from £0.201 per share in FY2021 to £0.268 per share in FY2024, 33.3% more in all."],
        ),
        (
            "How did sales change against last year, and what was the gross margin?",
            ["Revenue rose from £55.1m in FY2023 to £61.9m in FY2024, 12.3% more.", "up 2.3 percentage points"],
        ),
        (
            "Which costs grew most in FY2024?",
            ["*Tax* (+68.9%) grew most, followed by *Research and development* (+24.4%)"],
        ),
        ("Rank the three largest expenses in FY2024", ["*Cost of sales* is largest in FY2024, at £35.5m, followed by"]),
        ("How did cash and revenue develop?", ["Cash and cash equivalents rose every year", "Revenue rose every year"]),
        (
            "Why did operating profit fall in FY2022?",
            ["fell from £5.4m in FY2021 to £4.2m in FY2022, 21.3% less.", "not why"],
        ),
        (
            "compare margins",
            ["- Gross margin rose", "- Operating margin rose", "- Net margin rose from 8.3% in FY2021 to 8.7%"],
        ),
        ("Compare FY2022 and FY2024", ["- Revenue rose from £52.8m", "- Profit for the year rose from £3.0m"]),
        ("Show me the balance sheet", ["- Total assets were £39.4m in FY2024, 8.8% more than in FY2023 (£36.2m)."]),
        ("what is in this file?", ["holds three statements: Income statement, Balance sheet and Cash flow statement."]),
        (
            "What was revenue in the last two years?",
            ["Revenue rose from £55.1m in FY2023 to £61.9m in FY2024, 12.3% more."],
        ),
        (
            "How fast did revenue grow from FY2021 to FY2023?",
            ["from £48.3m in FY2021 to £55.1m in FY2023, 14.1% more in all."],
        ),
    ],
)
def test_answers_read_as_an_analyst_would_put_them(statements: Any, question: str, sentences: list[str]) -> None:
    said = statements.ask(question)
    for sentence in sentences:
        assert sentence in said.shown, said.shown
    assert not said.refusals
    assert said.metrics
    assert said.tables


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What was EBITDA in FY2023?", "northwind_statements.csv has no line for EBITDA."),
        ("free cash flow?", "has no line for free cash flow"),
        ("What was revenue in 2019?", "covers FY2021 to FY2024; it has nothing for 2019"),
        ("Revenue in Germany", "Nothing in northwind_statements.csv is called “Germany”"),
        ("organic revenue", "Nothing in northwind_statements.csv is called “organic”"),
        ("What was the return on equity in FY2024?", "stand in different tables of the file"),
        ("What will revenue be next year?", "I do not forecast"),
        ("Should I buy the shares?", "I give no advice"),
        ("How many goals did the team score?", "Nothing in northwind_statements.csv is called"),
        ("asdf qwer", "Nothing in northwind_statements.csv is called “asdf qwer”"),
    ],
)
def test_it_abstains_and_offers_what_works_here(statements: Any, question: str, reason: str) -> None:
    said = statements.ask(question)
    assert reason in said.shown
    assert not said.cited
    assert not said.charts
    assert not said.tables
    assert "I can answer, for example:" in said.shown
    assert said.suggestions
    assert len(said.suggestions) <= 3


@pytest.mark.parametrize(
    ("question", "line", "wanted"),
    [
        ("What was revenue in FY2022?", "Revenue", 1),
        ("gross profit FY2021", "Gross profit", 0),
        ("What were total assets at the end of FY2023?", "Total assets", 2),
        ("what was the tax charge in 2024", "Tax", 3),
        ("Inventories in FY2024?", "Inventories", 3),
        ("net cash from operating activities in FY2022", "Net cash from operating activities", 1),
        ("How much were the borrowings in FY2022?", "Borrowings", 1),
        ("shareholders' equity in FY2023", "Total equity", 2),
        ("debtors in FY2021", "Trade receivables", 0),
        ("bottom line in FY2022", "Profit for the year", 1),
        ("R&D in 2023", "Research and development", 2),
        ("What was PBT in FY2021?", "Profit before tax", 0),
    ],
)
def test_a_lookup_cites_the_cell_of_the_line_however_it_is_called(
    statements: Any, printed: dict[str, Any], question: str, line: str, wanted: int
) -> None:
    said = statements.ask(question)
    first = said.cited[0]
    assert first.amount == printed[line][wanted]
    assert (first.place.row, first.place.column, first.state) == (line, YEARS[wanted], "tied")


def test_suggestions_are_questions_that_it_answers(statements: Any) -> None:
    offered = statements.ask("How did revenue develop?").suggestions
    assert len(offered) == 3
    for question in offered:
        said = statements.ask(question)
        assert said.cited, said.shown
        assert not said.refusals


def test_what_was_answered_is_not_suggested_again(statements: Any) -> None:
    first = statements.ask("Hello").suggestions
    statements.ask(first[0])
    assert first[0] not in statements.ask("Hello").suggestions


AMERICAN = (
    "acme.csv",
    """"ACME CORP
Consolidated Statements of Operations
(In millions, except per share data)"
,Year ended Sep 28 2024,Year ended Sep 30 2023,Year ended Sep 24 2022
Net sales,"$ 391,035","$ 383,285","$ 394,328"
Cost of sales,"(210,352)","(214,137)","(223,546)"
Gross margin,"180,683","169,148","170,782"
"Operating expenses:",,,
Research and development,"(31,370)","(29,915)","(26,251)"
"Selling, general and administrative","(26,097)","(24,932)","(25,094)"
Operating income,"123,216","114,301","119,437"
Net income (loss),"93,736","(96,995)","99,803"
""",
)


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "How did net sales develop, and what was the gross margin?",
            [
                "Net sales fell from $394.3bn in FY2022 to $391.0bn in FY2024, 0.8% less in all.",
                "43.3% in FY2022 to 46.2%",
            ],
        ),
        (
            "How did net income develop?",
            ["fell from $99.8bn in FY2022 to $93.7bn in FY2024", "In between it was negative, at −$97.0bn in FY2023."],
        ),
        ("net income 2023", ["Net income (loss) was −$97.0bn in FY2023, after $99.8bn in FY2022."]),
        ("Compare 2024 and 2023", ["turned from negative to positive, from −$97.0bn in FY2023 to $93.7bn in FY2024."]),
        ("How did R&D change?", ["rose every year, from $26.3bn in FY2022 to $31.4bn in FY2024, up by $5.1bn."]),
        ("R&D as % of sales", ["Research and development as a share of net sales was 8.0% in FY2024"]),
        (
            "largest expenses",
            ["*Cost of sales* is largest in FY2024, at $210.4bn, followed by *Research and development*"],
        ),
    ],
)
def test_a_statement_newest_first_with_costs_in_parentheses(
    desk_with: Callable[..., Any], question: str, sentences: list[str]
) -> None:
    said = desk_with(AMERICAN).ask(question)
    for sentence in sentences:
        assert sentence in said.shown, said.shown
    assert not said.refusals


QUARTERS = (
    "q.csv",
    """Company X (GBP m)
,Q1 2023,Q2 2023,Q3 2023,Q4 2023,Q1 2024,Q2 2024,Q3 2024,Q4 2024
Revenue,10,11,12,15,11.5,12.4,13,16
Gross profit,4,4.5,5,6.5,4.4,5,5.3,6.9
Net profit,1,,1.3,2,1.1,1.2,1.5,2.4
""",
)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("revenue in Q3", "Revenue was £13.0m in Q3 2024, 4.8% more than in Q2 2024 (£12.4m)."),
        ("What was revenue in 2024?", "Revenue came to £52.9m over Q1 2024 to Q4 2024 (four quarters)"),
        ("Q3 revenue in 2023", "Revenue was £12.0m in Q3 2023"),
        ("Q2 net profit 2023", "The file gives no figure for net profit in Q2 2023."),
        ("net profit over time", "There is no figure for Q2 2023."),
        (
            "which quarter had the best gross margin?",
            "Gross margin was highest in Q4 2023, at 43.3%; lowest in Q1 2024",
        ),
        ("How did revenue develop?", "Only Q1 2024 saw a fall, of 23.3%."),
    ],
)
def test_quarters_with_a_gap(desk_with: Callable[..., Any], question: str, sentence: str) -> None:
    said = desk_with(QUARTERS).ask(question)
    assert sentence in said.shown, said.shown


BUDGET = ("budget.csv", "Line,Budget,Actual\nSales,1000,1100\nWages,400,450\nRent,100,100\nProfit,500,550\n")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How did sales do against budget?", "Sales: 1,100 in Actual against 1,000 in Budget, 10.0% more."),
        ("actual wages", "Wages were 450 in Actual."),
        ("Which lines grew most?", "*Wages* (+12.5%) grew most"),
        ("what is in this file?", "There are four lines over two columns, Budget and Actual."),
    ],
)
def test_budget_against_actual(desk_with: Callable[..., Any], question: str, sentence: str) -> None:
    said = desk_with(BUDGET).ask(question)
    assert sentence in said.shown, said.shown


def test_words_of_a_document_are_never_taken_for_references_or_markdown(desk_with: Callable[..., Any]) -> None:
    text = "Line [[v1]] *bold*,2022,2023\nRevenue [[v1]],10,20\nv1,5,6\n<script>,1,2\n"
    desk = desk_with(("sly.csv", text))
    for question in ("how did revenue develop?", "what is in this file?", "script", "Compare 2022 and 2023", "v1"):
        said = desk.ask(question)
        assert "[[v1]]" not in said.digits()
        assert "<script>" not in said.digits().replace("\\<script\\>", "")
        for chart in said.charts:
            assert {series["name"] for series in chart["series"]} <= {"Revenue [ [v1] ]", "“v1”", "<script>"}


def test_a_line_with_a_ratio_that_cannot_be_subtracted_is_left_out_with_a_reason(desk_with: Callable[..., Any]) -> None:
    desk = desk_with(("costs.csv", "GBP m,2022,2023\nRevenue,10,20\nCost of sales,(6),(11)\n"))
    said = desk.ask("How did the gross margin develop?")
    assert "is printed as negative figures" in said.shown
    assert not said.cited
