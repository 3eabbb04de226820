"""The sample company is invented, but its numbers are a company's: they add up, and the reader sees them so."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tools.documents import read
from tools.documents.document import Document, Table

SAMPLES = Path(__file__).parents[3] / "fixtures" / "samples"
YEARS = ["FY2021", "FY2022", "FY2023", "FY2024"]


def sample(name: str) -> Document:
    return read((SAMPLES / name).read_bytes(), document_id="doc_1", name=name)


@pytest.fixture(scope="module")
def statements() -> Document:
    return sample("northwind_statements.csv")


def line(table: Table, label: str) -> list[Decimal]:
    row = next(index for index in range(table.row_count) if table.row_label(index) == label)
    return [column.amounts[row] or Decimal(0) for column in table.columns if column.kind == "number"]


def total(table: Table, *labels: str) -> list[Decimal]:
    return [sum(amounts, Decimal(0)) for amounts in zip(*(line(table, label) for label in labels), strict=True)]


def less(table: Table, first: str, *rest: str) -> list[Decimal]:
    return [amount - other for amount, other in zip(line(table, first), total(table, *rest), strict=True)]


def test_three_statements_of_four_years_in_pounds(statements: Document) -> None:
    assert statements.notes == []
    assert [(t.table_id, t.title, t.shape) for t in statements.tables] == [
        ("t1", "Income statement", "statement"),
        ("t2", "Balance sheet", "statement"),
        ("t3", "Cash flow statement", "statement"),
    ]
    for table in statements.tables:
        assert [column.label for column in table.columns[1:]] == YEARS
        assert [column.period.label for column in table.columns if column.period] == YEARS
        assert {column.unit for column in table.columns[1:]} == {"GBP"}
    assert line(statements.tables[0], "Revenue") == [48310000, 52775000, 55120000, 61904000]


def test_the_income_statement_adds_up(statements: Document) -> None:
    income = statements.tables[0]
    costs = [
        "Selling and distribution costs",
        "Administrative expenses",
        "Research and development",
        "Depreciation and amortisation",
    ]
    assert line(income, "Gross profit") == less(income, "Revenue", "Cost of sales")
    assert line(income, "Total operating expenses") == total(income, *costs)
    assert line(income, "Operating profit") == less(income, "Gross profit", "Total operating expenses")
    assert line(income, "Profit before tax") == less(income, "Operating profit", "Finance costs")
    assert line(income, "Profit for the year") == less(income, "Profit before tax", "Tax")
    margins = [
        gross / revenue for gross, revenue in zip(line(income, "Gross profit"), line(income, "Revenue"), strict=True)
    ]
    assert [str(round(margin * 100, 1)) for margin in margins] == ["41.2", "38.9", "40.3", "42.6"]


def test_the_lines_that_are_not_thousands_of_pounds_are_read_so(statements: Document) -> None:
    income = statements.tables[0]
    shares = line(income, "Weighted average number of shares (thousands)")
    earnings = line(income, "Basic earnings per share (pence)")
    assert shares == [20_000_000] * 4
    profits = line(income, "Profit for the year")
    assert earnings == [
        round(profit / count * 100 + Decimal("0.0001"), 1) / 100 for profit, count in zip(profits, shares, strict=True)
    ]
    assert line(income, "Average headcount") == [312, 338, 341, 356]
    latest = income.columns[4]
    assert [latest.unit_at(row) for row in range(13, 17)] == ["GBP/share", "GBP/share", "shares", "count"]


def test_the_balance_sheet_balances(statements: Document) -> None:
    balance = statements.tables[1]
    assert line(balance, "Total current assets") == total(
        balance, "Inventories", "Trade receivables", "Cash and cash equivalents"
    )
    assert line(balance, "Total assets") == total(balance, "Property, plant and equipment", "Total current assets")
    assert line(balance, "Total current liabilities") == total(balance, "Trade payables", "Current tax payable")
    assert line(balance, "Total liabilities") == total(balance, "Total current liabilities", "Borrowings")
    assert line(balance, "Total equity") == total(balance, "Share capital", "Retained earnings")
    assert line(balance, "Total assets") == line(balance, "Total equity and liabilities")
    assert line(balance, "Total assets") == total(balance, "Total liabilities", "Total equity")


def test_the_cash_flow_rolls_forward_into_the_balance_sheet(statements: Document) -> None:
    income, balance, cash = statements.tables
    working_capital = ["Change in inventories", "Change in receivables", "Change in payables"]
    generated = total(cash, "Operating profit", "Depreciation and amortisation", *working_capital)
    assert line(cash, "Cash generated from operations") == generated
    operating = total(cash, "Cash generated from operations", "Tax paid", "Interest paid")
    assert line(cash, "Net cash from operating activities") == operating
    flows = [f"Net cash {way} activities" for way in ("from operating", "used in investing", "used in financing")]
    assert line(cash, "Net change in cash") == total(cash, *flows)
    assert line(cash, "Cash at the end of the year") == total(
        cash, "Cash at the start of the year", "Net change in cash"
    )
    assert line(cash, "Cash at the end of the year") == line(balance, "Cash and cash equivalents")
    assert line(cash, "Cash at the start of the year")[1:] == line(cash, "Cash at the end of the year")[:-1]
    assert line(cash, "Operating profit") == line(income, "Operating profit")
    retained = line(balance, "Retained earnings")
    earned = total(income, "Profit for the year")
    paid = line(cash, "Dividends paid")
    assert [after - before for before, after in pairwise(retained)] == [
        profit + dividend for profit, dividend in zip(earned[1:], paid[1:], strict=True)
    ]


def test_the_sales_ledger_multiplies_out_and_is_the_revenue_of_its_year(statements: Document) -> None:
    document = sample("northwind_sales.csv")
    [table] = document.tables
    assert (table.shape, table.row_count, document.notes) == ("tidy", 240, [])
    assert [(column.label, column.kind, column.unit) for column in table.columns] == [
        ("Date", "date", ""),
        ("Region", "text", ""),
        ("Product line", "text", ""),
        ("Channel", "text", ""),
        ("Quantity", "number", "count"),
        ("Unit price (GBP)", "number", "GBP"),
        ("Revenue (GBP)", "number", "GBP"),
    ]
    quantities, prices, revenues = (column.amounts for column in table.columns[4:])
    for quantity, price, revenue in zip(quantities, prices, revenues, strict=True):
        assert quantity is not None
        assert price is not None
        assert quantity * price == revenue
    assert sum(amount for amount in revenues if amount) == line(statements.tables[0], "Revenue")[3]
    assert {day.year for day in table.columns[0].dates if day} == {2024}
