"""Questions over real workbooks and files, against figures taken from the same files by other means.

The gold figures come straight from the cells (calamine) or from sums over the csv module's rows; nothing of the product
computes them. docs/offline.md lists the questions with their answers.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[4] / "shared" / "data"))
APPLE = "xlsx/aapl_10q_2025q2_Financial_Report.xlsx"
COKE = "xlsx/ko_10k_Financial_Report.xlsx"
SALES = "csv/supermarket_Sales.csv"
MILLION = 1_000_000
NEAR = Decimal("0.0000005")

pytestmark = pytest.mark.corpus


@cache
def sheet(path: str, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(CORPUS / path)).get_sheet_by_name(name).to_python()


def cell(path: str, name: str, label: str, column: int, occurrence: int = 0) -> Decimal:
    """The figure in the row with this label, as printed."""
    rows = [row for row in sheet(path, name) if str(row[0]).strip() == label]
    return Decimal(str(rows[occurrence][column]))


def apple(label: str, column: int = 1, occurrence: int = 0) -> Decimal:
    return cell(APPLE, "CONDENSED CONSOLIDATED STATEMEN", label, column, occurrence)


def apple_balance(label: str, column: int = 1) -> Decimal:
    return cell(APPLE, "CONDENSED CONSOLIDATED BALANCE ", label, column)


def coke(label: str, column: int = 1) -> Decimal:
    return cell(COKE, "CONSOLIDATED STATEMENTS OF INCO", label, column)


def sold(key: str, measure: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with (CORPUS / SALES).open(newline="") as file:
        for row in csv.DictReader(file):
            sums[row[key]] += Decimal(row[measure])
    return sums


def column_of(name: str, measure: str, key: str = "Date") -> list[tuple[str, Decimal]]:
    with (CORPUS / "csv" / name).open(newline="") as file:
        return [(row[key], Decimal(row[measure])) for row in csv.DictReader(file)]


def growth(now: Decimal, before: Decimal) -> Decimal:
    return (now - before) / before


def cash_share() -> Decimal:
    paid = sold("Payment", "Total")
    return paid["Cash"] / sum(paid.values())


def monthly() -> list[Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for day, amount in sold("Date", "Total").items():
        sums[day.split("/")[0]] += amount
    return [sums["1"], sums["3"]]


def rise(ticker: str) -> Decimal:
    prices = sorted(column_of("stockdata.csv", ticker))
    return growth(prices[-1][1], prices[0][1])


Gold = Callable[[], list[Decimal]]
QUESTIONS: list[tuple[str, str, Gold, str]] = [
    (
        APPLE,
        "How did net sales change against last year, and what was the gross margin?",
        lambda: [growth(apple("Net sales"), apple("Net sales", 2)), apple("Gross margin") / apple("Net sales")],
        "",
    ),
    (APPLE, "What was net income in the last quarter?", lambda: [apple("Net income") * MILLION], ""),
    (
        APPLE,
        "What was diluted EPS, and how did it change against the year before?",
        lambda: [apple("Diluted (in dollars per share)"), apple("Diluted (in dollars per share)", 2)],
        "",
    ),
    (
        APPLE,
        "What is the current ratio?",
        lambda: [apple_balance("Total current assets") / apple_balance("Total current liabilities")],
        "",
    ),
    (
        APPLE,
        "What share of total assets are inventories?",
        lambda: [apple_balance("Inventories") / apple_balance("Total assets")],
        "",
    ),
    (
        COKE,
        "How did operating income change from 2023 to 2024?",
        lambda: [growth(coke("Operating Income"), coke("Operating Income", 2))],
        "",
    ),
    (
        COKE,
        "What was the gross margin in each year?",
        lambda: [coke("Gross Profit", year) / coke("Net Operating Revenues", year) for year in (1, 2, 3)],
        "",
    ),
    (
        COKE,
        "Selling, general and administrative expenses as a percent of net operating revenues in 2024?",
        lambda: [coke("Selling, general and administrative expenses") / coke("Net Operating Revenues")],
        "",
    ),
    (
        COKE,
        "What was the average operating income over the three years?",
        lambda: [sum((coke("Operating Income", year) for year in (1, 2, 3)), Decimal(0)) * MILLION / 3],
        "",
    ),
    (
        SALES,
        "Which product line has the highest gross income?",
        lambda: [sold("Product line", "Gross income")["Food and beverages"]],
        "Food and beverages",
    ),
    (SALES, "What share of total sales was paid in cash?", lambda: [cash_share()], "Cash"),
    (SALES, "How did total sales develop by month?", monthly, ""),
    (
        "csv/finance-charts-apple.csv",
        "What was the highest close, and when?",
        lambda: [max(price for _, price in column_of("finance-charts-apple.csv", "AAPL.Close"))],
        "2017-02-15",
    ),
    ("csv/stockdata.csv", "Which of these rose most?", lambda: [rise("AAPL")], "AAPL"),
]


@pytest.mark.parametrize(("path", "question", "gold", "words"), QUESTIONS, ids=[row[1] for row in QUESTIONS])
def test_a_question_over_a_real_file_is_answered_right(
    desk_with: Any, path: str, question: str, gold: Gold, words: str
) -> None:
    file = CORPUS / path
    if not file.exists():
        pytest.skip(f"{file} is not here; TICKMARK_CORPUS names the folder")
    answered = desk_with(file).ask(question)
    shown = [cell["amount"] for table in answered.tables for row in table["rows"] for cell in row if "amount" in cell]
    cited = [*answered.amounts(), *map(Decimal, shown)]
    for amount in gold():
        assert any(abs(each - amount) <= NEAR * max(Decimal(1), abs(amount)) for each in cited), (
            amount,
            answered.shown,
        )
    assert words.casefold() in answered.shown.casefold()
