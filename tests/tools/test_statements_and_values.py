"""get_statement and get_values: statements with standard names, and a line over periods and documents."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.tools.documents.pdfs import Page, pdf, statement_page
from tools import get_statement, get_values
from tools.dataroom import Room
from tools.documents import read
from tools.documents.document import Document
from tools.refusals import ToolError
from tools.results import Remark, ResultTable
from tools.values import Value

INCOME = [("Total revenues", ("100", "110")), ("Cost of sales", ("(60)", "(66)")), ("Net earnings", ("20", "24"))]
CASH = [
    ("Net cash provided by operating activities", ("30", "33")),
    ("Net cash used in investing activities", ("(10)", "(11)")),
    ("Net cash used in financing activities", ("(5)", "(6)")),
]
SEGMENT = [("Revenue", ("40", "44")), ("Cost of sales", ("(20)", "(22)")), ("Net cash from sales", ("1", "2"))]


def page(title: str, years: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Page:
    return statement_page([title, "(In millions of GBP)"], years, rows)


def report(name: str, years: Sequence[str] = ("2023", "2024")) -> Document:
    pages = [
        page("Segment information: Retail", years, SEGMENT),
        page("Consolidated income statement", years, INCOME),
        page("Consolidated statement of cash flows", years, CASH),
    ]
    return read(pdf(*pages), document_id=name, name=f"{name}.pdf")


def values(room: Room, line: str, **more: Any) -> tuple[ResultTable, Remark]:
    table, remark = get_values.run(room, get_values.Args.model_validate({"line": line, **more}))
    assert isinstance(table, ResultTable)
    assert isinstance(remark, Remark)
    return table, remark


def amounts(row: Sequence[str | Value | None]) -> list[Decimal | None]:
    return [cell.amount if isinstance(cell, Value) else None for cell in row[2:]]


def test_a_statement_comes_whole_with_standard_names_beside_its_own() -> None:
    [table, *_] = get_statement.run(Room.of(report("a")), get_statement.Args(document="d1", statement="income"))
    assert isinstance(table, ResultTable)
    assert [column.label for column in table.columns] == ["Line item", "Standard name", "2023", "2024"]
    assert [row[:2] for row in table.rows] == [
        ["Total revenues", "revenue"],
        ["Cost of sales", "cost of sales"],
        ["Net earnings", "net income"],
    ]
    first = table.rows[0][3]
    assert isinstance(first, Value)
    assert first.place is not None
    assert (first.amount, dict(first.place.at)["page"]) == (Decimal(110_000_000), 2)


def test_a_statement_for_one_period_has_that_column_only() -> None:
    args = get_statement.Args(document="a.pdf", statement="cash_flow", periods=["2024"])
    [table, *_] = get_statement.run(Room.of(report("a")), args)
    assert isinstance(table, ResultTable)
    assert [column.label for column in table.columns if column.kind == "number"] == ["2024"]


def test_a_statement_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(ToolError, match=r"income statement.*cash flows"):
        get_statement.run(Room.of(report("a")), get_statement.Args(document="d1", statement="balance"))


@pytest.mark.parametrize("asked", ["revenue", "net sales", "Total revenues", "total REVENUES", "turnover"])
def test_a_line_is_found_by_its_label_and_by_every_standard_name(asked: str) -> None:
    table, remark = values(Room.of(report("a")), asked)
    assert amounts(table.rows[0]) == [Decimal(100_000_000), Decimal(110_000_000)]
    assert remark.data["lines"][0]["address"] == "d1.t2"


def test_the_line_of_a_primary_statement_comes_before_the_same_words_elsewhere() -> None:
    table, remark = values(Room.of(report("a")), "cost of sales")
    assert amounts(table.rows[0]) == [Decimal(-60_000_000), Decimal(-66_000_000)]
    assert "d1.t1" in remark.text  # said as also there


def test_documents_stand_side_by_side_with_their_periods_aligned() -> None:
    table, _ = values(Room.of(report("a"), report("b", ("2024", "2025"))), "operating cash flow")
    assert [column.label for column in table.columns[2:]] == ["2023", "2024", "2025"]
    assert [amounts(row) for row in table.rows] == [
        [Decimal(30_000_000), Decimal(33_000_000), None],
        [None, Decimal(30_000_000), Decimal(33_000_000)],
    ]


def test_a_quarter_never_stands_with_a_year() -> None:
    quarter = statement_page(
        ["Statement of income", "Three months ended December 31,", "(In millions of GBP)"], ["2023", "2024"], INCOME
    )
    other = read(pdf(quarter), document_id="q", name="q.pdf")
    table, _ = values(Room.of(report("a"), other), "revenue")
    assert len(table.columns) == 2 + 4


def test_what_no_document_has_is_refused_with_what_they_have() -> None:
    with pytest.raises(ToolError, match="Total revenues"):
        values(Room.of(report("a")), "goodwill")
    with pytest.raises(ToolError, match="2023"):
        values(Room.of(report("a")), "revenue", periods=["FY1999"])


def test_every_figure_of_a_line_is_a_value_with_its_place() -> None:
    table, _ = values(Room.of(report("a")), "net income")
    for value in table.values():
        assert value.state == "tied"
        assert value.place is not None
        assert value.place.row == "Net earnings"
        assert "box" in dict(value.place.at)


NOTES = [
    ("Stores", ("", "")),
    ("Revenue", ("70", "77")),
    ("Cloud", ("", "")),
    ("Revenue", ("30", "33")),
    ("Memberships (2)", ("9", "10")),
]


@pytest.mark.parametrize(("asked", "amount"), [("Revenue (Cloud)", 30_000_000), ("Memberships", 9_000_000)])
def test_a_line_is_found_under_its_heading_and_without_its_footnote(asked: str, amount: int) -> None:
    years = ["2023", "2024"]
    pages = [page("Consolidated income statement", years, INCOME), page("Segments and products", years, NOTES)]
    table, remark = values(Room.of(read(pdf(*pages), document_id="a", name="a.pdf")), asked)
    assert amounts(table.rows[0])[0] == amount
    assert remark.data["lines"][0]["meant"] == "label"
    assert "Segments and products" in remark.data["lines"][0]["table"]
