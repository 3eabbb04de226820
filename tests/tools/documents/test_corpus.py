"""Real files of others: types, dates and row counts as anybody would read them."""

from __future__ import annotations

import gzip
import os
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tools.documents import read
from tools.documents.document import Document

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[3].parent / "shared" / "data"))
pytestmark = pytest.mark.corpus


def filed(path: str) -> Document:
    file = CORPUS / path
    if not file.exists():
        pytest.skip(f"{file} is missing; set TICKMARK_CORPUS to the folder that holds {path}")
    data = file.read_bytes()
    if file.suffix == ".gz":
        data = gzip.decompress(data)
    return read(data, document_id="doc_1", name=file.name.removesuffix(".gz"))


def test_a_thousand_supermarket_sales_have_american_dates() -> None:
    document = filed("csv/supermarket_Sales.csv")
    [table] = document.tables
    assert (table.shape, table.row_count, document.notes) == ("tidy", 1000, [])
    kinds = {column.label: (column.kind, column.unit) for column in table.columns}
    assert kinds["Date"] == ("date", "")
    assert kinds["Time"] == ("text", "")
    assert kinds["Invoice ID"] == ("text", "")
    assert {
        kinds[label] for label in ("Unit price", "Quantity", "Tax 5%", "Total", "Cost of goods sold", "Gross income")
    } == {("number", "count")}
    assert kinds["Gross margin percentage"] == ("number", "ratio")
    columns = {column.label: column for column in table.columns}
    assert columns["Date"].dates[:3] == [date(2019, 1, 5), date(2019, 3, 8), date(2019, 3, 3)]
    assert {day.month for day in columns["Date"].dates if day} == {1, 2, 3}
    assert sum(amount for amount in columns["Total"].amounts if amount) == Decimal("322966.749")
    assert columns["Gross margin percentage"].amounts[0] == Decimal("0.04761904762")
    by_line: dict[str, Decimal] = {}
    for line, amount in zip(columns["Product line"].texts, columns["Total"].amounts, strict=True):
        by_line[line] = by_line.get(line, Decimal(0)) + (amount or 0)
    assert max(by_line, key=lambda line: by_line[line]) == "Food and beverages"


@pytest.mark.parametrize(
    ("path", "rows", "kinds", "first"),
    [
        ("csv/2014_apple_stock.csv", 240, ["date", "number"], date(2014, 1, 2)),
        ("csv/finance-charts-apple.csv", 506, ["date", *["number"] * 9, "text"], date(2015, 2, 17)),
        ("csv/stockdata.csv", 2306, [*["number"] * 5, "date"], date(2007, 1, 3)),
    ],
)
def test_price_series_are_dates_and_numbers(path: str, rows: int, kinds: list[str], first: date) -> None:
    document = filed(path)
    [table] = document.tables
    assert (table.shape, table.row_count, document.notes) == ("tidy", rows, [])
    assert [column.kind for column in table.columns] == kinds
    assert next(column for column in table.columns if column.kind == "date").dates[0] == first
    assert all(None not in column.amounts for column in table.columns if column.kind == "number")


def test_facts_in_long_form_take_their_unit_from_the_column_beside_them() -> None:
    [table] = filed("csv/apple_gaap_facts.csv.gz").tables
    columns = {column.label: column for column in table.columns}
    assert table.row_count == 258
    assert [columns[label].kind for label in ("fact", "value", "start_date", "end_date")] == [
        "text",
        "number",
        "date",
        "date",
    ]
    row = columns["fact"].texts.index("GrossProfit")
    assert (columns["value"].amounts[row], columns["value"].unit_at(row)) == (Decimal(170782000000), "USD")
    units = {
        text: columns["value"].unit_at(index)
        for index, text in enumerate(columns["units"].texts)
        if columns["value"].amounts[index] is not None
    }
    assert (units["shares"], units["USD per shares"]) == ("shares", "USD/share")


def test_questions_with_answers_over_many_lines_keep_the_lines_they_begin_on() -> None:
    [table] = filed("questions/vals_finance_agent_public.csv").tables
    assert table.row_count == 50
    assert [column.label for column in table.columns] == [
        "Question",
        "Answer",
        "Question Type",
        "Expert time (mins)",
        "Rubric",
    ]
    assert table.lines[:2] == [2, 3]
    assert table.lines[-1] > 51


APPLE = "xlsx/aapl_10q_2025q2_Financial_Report.xlsx"
COKE = "xlsx/ko_10k_Financial_Report.xlsx"


@pytest.mark.parametrize(
    ("path", "title", "line", "cell", "amount", "unit", "period"),
    [
        (APPLE, "OPERATIONS", "Net sales", "B3", "95359000000", "USD", ("quarter", date(2025, 3, 29))),
        (APPLE, "OPERATIONS", "Net sales", "E3", "210328000000", "USD", ("half", date(2024, 3, 30))),
        (APPLE, "OPERATIONS", "Diluted (in dollars per share)", "B17", "1.65", "USD/share", ("quarter", date(2025, 3, 29))),
        (APPLE, "OPERATIONS", "Diluted (in shares)", "B20", "15056133000", "shares", ("quarter", date(2025, 3, 29))),
        (APPLE, "BALANCE SHEETS (Unaudited)", "Total assets", "C15", "364980000000", "USD", ("instant", date(2024, 9, 28))),
        (APPLE, "CASH FLOWS", "Share-based compensation expense", "B9", "6512000000", "USD", ("half", date(2025, 3, 29))),
        (COKE, "STATEMENTS OF INCOME", "Gross Profit", "B5", "28737000000", "USD", ("year", date(2024, 12, 31))),
        (COKE, "STATEMENTS OF INCOME", "Diluted Net Income Per Share1", "D19", "2.19", "USD/share", ("year", date(2022, 12, 31))),
        (COKE, "OF INCOME", "Average Shares Outstanding — Basic", "B20", "4309000000", "shares", ("year", date(2024, 12, 31))),
        (COKE, "BALANCE SHEETS", "Inventories", "B8", "4728000000", "USD", ("instant", date(2024, 12, 31))),
    ],
)  # fmt: skip
def test_filed_reports_are_statements_with_unit_scale_and_period(
    path: str, title: str, line: str, cell: str, amount: str, unit: str, period: tuple[str, date]
) -> None:
    document = filed(path)
    table = next(each for each in document.tables if title in each.title)
    assert table.shape == "statement"
    [value] = [
        value
        for row in range(table.row_count)
        for column in range(1, len(table.columns))
        if (value := table.value(document, row, column, "v1")) and value.place and dict(value.place.at)["cell"] == cell
    ]
    assert (value.label, value.amount, value.unit) == (line, Decimal(amount), unit)
    assert value.period is not None
    assert (value.period.kind, value.period.end) == period


def test_a_report_of_130_sheets_is_read_in_a_few_seconds() -> None:
    started_s = time.process_time()
    document = filed(COKE)
    assert time.process_time() - started_s < 8
    assert len({table.table_id for table in document.tables}) == len(document.tables) > 80
    assert all(table.shape != "tidy" for table in document.tables if "Details" in table.title)
    assert any("Basis of Presentation" in passage.text for passage in document.passages)
