"""Words that change a question are taken up by the answer, or the analyst says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

INCOME = (
    "income.csv",
    "Income statement (GBP m)\n,FY2022,FY2023\nRevenue,100,90\nServices,20,30\nProfit before tax,(40),(9)\nNet income,(50),10\n",
)
COSTS = ("costs.csv", "Income statement (USD m)\n,FY2022,FY2023\nRevenue,100,90\nCost of sales,(40),(45)\n")
PRODUCTS = (
    "products.csv",
    "Sales by product (GBP)\n,Q1 2023,Q2 2023,Q3 2023\nProduct A,10,11,12\nProduct B,4,5,6\nTotal,14,16,18\n",
)
REGIONS = ("regions.csv", "Sales by region (GBP)\n,2022,2023\nEurope,10,11\nAsia,4,5\nTotal,14,16\n")
BALANCE_SHEET = (
    "Balance sheet (GBP m)\n,FY2022,FY2023\nTotal current assets,80,86\nTotal current liabilities,40,30\n"
    "Borrowings,10,12\nTotal equity,30,40\nTotal assets,120,130\n"
)
BALANCE = ("balance.csv", BALANCE_SHEET)
SEGMENTS = (
    "segments.csv",
    "Segment,Year,Sales\nCloud,2022,10\nDevices,2022,20\nTotal,2022,30\nCloud,2023,10\nDevices,2023,20\nTotal,2023,30\n",
)
UNEVEN = ("uneven.csv", "Segment,Sales,Units\nCloud,10,1\nSub-total,33,9\nDevices,20,2\nOther,5,3\n")
LEDGER = (
    "ledger.csv",
    "Date,Region,Product,Sales\n"
    + "".join(f"2023-{m:02d}-11,Europe,A,{m}\n2023-{m:02d}-12,Asia,B,{2 * m}\n" for m in range(1, 13)),
)


@pytest.mark.parametrize(
    ("file", "question", "sentence"),
    [
        (
            INCOME,
            "Compare net income in FY2022 and FY2023",
            "As a share of revenue it went from −50.0% to 11.1%, up 61.1 percentage points.",
        ),
        (
            COSTS,
            "Compare cost of sales in FY2022 and FY2023",
            "As a share of revenue it went from 40.0% to 50.0%, up 10.0 percentage points.",
        ),
        (INCOME, "profit before tax as a share of revenue", "was −10.0% in FY2023"),
    ],
)
def test_a_loss_keeps_its_sign_as_a_share_and_a_cost_is_told_by_its_size(
    desk_with: Callable[..., Any], file: tuple[str, str], question: str, sentence: str
) -> None:
    said = desk_with(file).ask(question)
    assert sentence in said.shown, said.shown


@pytest.mark.parametrize(
    ("file", "question", "reason"),
    [
        (REGIONS, "share of Europe in 2023", "I could not tell what it is to be a share of"),
        (PRODUCTS, "sum of product A and product B", "I do not add up or net several lines"),
        (INCOME, "revenue plus services", "Nothing in income.csv is called “plus”"),
        (INCOME, "revenue less services", "I do not add up or net several lines"),
        (INCOME, "revenue not including services", "I cannot leave things out, as “not” asks"),
        (INCOME, "revenue excluding services in FY2023", "I cannot leave things out, as “excluding” asks"),
        (LEDGER, "sales without Europe", "I cannot leave things out, as “without” asks"),
        (LEDGER, "sales not in Europe by product", "I cannot leave things out, as “not” asks"),
        (LEDGER, "share of sales by month", "I could not tell what it is to be a share of"),
        (INCOME, "revenue minus net margin in FY2023", "they are measured in different units"),
        (BALANCE, "working capital days", "I do not work out figures in days"),
        (BALANCE, "How did gearing develop?", "it is a multiple, *Borrowings* over *Total equity*"),
        (BALANCE, "which year had the highest current ratio?", "I cannot show the current ratio"),
    ],
)
def test_words_that_no_plan_takes_up_lead_to_an_abstention_with_an_offer(
    desk_with: Callable[..., Any], file: tuple[str, str], question: str, reason: str
) -> None:
    said = desk_with(file).ask(question)
    assert reason in said.shown, said.shown
    assert not said.cited
    assert "percentage point" not in said.shown
    assert said.suggestions


@pytest.mark.parametrize(
    ("file", "question", "sentence"),
    [
        (PRODUCTS, "total of product A", "Product A came to £33 over Q1 2023 to Q3 2023 (three quarters)"),
        (PRODUCTS, "total product B", "Product B came to £15 over Q1 2023 to Q3 2023 (three quarters)"),
        (LEDGER, "sum of product A and product B", "*Sales* adds up to 234 for Product A or Product B"),
        (LEDGER, "share of Europe in 2023", "*Europe* makes up 33.3% of total *Sales*"),
        (REGIONS, "Europe as a share of total in 2023", "Europe as a share of total was 68.8% in 2023"),
        (BALANCE, "working capital", "Working capital rose from £40.0m"),
        (
            BALANCE,
            "What is the current ratio?",
            "*Total current assets* to *Total current liabilities* was 2.87x in 2023",
        ),
        (BALANCE, "ratio of current assets to current liabilities", "was 2.87x in 2023"),
        (BALANCE, "equity ratio", "Equity ratio rose from 25.0% in FY2022 to 30.8% in FY2023"),
    ],
)
def test_words_that_a_plan_takes_up_are_answered(
    desk_with: Callable[..., Any], file: tuple[str, str], question: str, sentence: str
) -> None:
    said = desk_with(file).ask(question)
    assert sentence in said.shown, said.shown


@pytest.mark.parametrize(
    ("file", "question", "leader"),
    [
        (REGIONS, "Which region is largest?", "*Europe* is largest in 2023, at £11, followed by *Asia* (£5)."),
        (PRODUCTS, "Which product is largest?", "*Product A* is largest in Q3 2023, at £12"),
        (UNEVEN, "Which segment has the highest sales?", "*Devices* leads: total *Sales* is 20, 57.1% of the whole."),
        (PRODUCTS, "largest lines", "*Product A* is largest"),
        (
            SEGMENTS,
            "Which segment is largest?",
            "*Devices* is ahead: total *Sales* is 40, 66.7% of the whole, against 20 for *Cloud*",
        ),
    ],
)
def test_a_total_is_no_member_of_a_ranking(
    desk_with: Callable[..., Any], file: tuple[str, str], question: str, leader: str
) -> None:
    said = desk_with(file).ask(question)
    assert leader in said.shown, said.shown
    assert all(row[0] not in ("Total", "Sub-total") for table in said.tables for row in table["rows"])
