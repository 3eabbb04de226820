"""Shares and counts in a column of money, told by where a filed report prints the sign of money."""

from __future__ import annotations

from decimal import Decimal

from tests.tools.documents.workbooks import Cell, Stored, workbook
from tools.documents import read
from tools.documents.document import Table

MONEY = '_("$ "#,##0_);_("$ "(#,##0)'
EACH = '_("$ "#,##0.00_);_("$ "(#,##0.00)'
PLAIN = "#,##0_);(#,##0)"
MIXED = "OPTIONS (Details) - USD ($) $ / shares in Units, shares in Thousands, $ in Millions"


def only(rows: list[list[Stored]]) -> Table:
    (table,) = read(workbook({"Options": rows}), document_id="doc_1", name="report.xlsx").tables
    return table


def units(table: Table, column: int = 1) -> dict[str, tuple[Decimal | None, str]]:
    cells = table.columns[column]
    return {table.row_label(row): (cells.amounts[row], cells.unit_at(row)) for row in range(table.row_count)}


def options(first: Stored) -> list[list[Stored]]:
    return [
        [MIXED, "Dec. 31, 2024", "Dec. 31, 2023"],
        ["Granted (in shares)", Cell(2, PLAIN), Cell(3, PLAIN)],
        ["Outstanding on December 31", Cell(31, PLAIN), Cell(47, PLAIN)],
        ["Weighted-average exercise price", Cell(60.28, EACH), Cell(58.5, EACH)],
        ["Vested", Cell(30, PLAIN), Cell(41, PLAIN)],
        ["Compensation expense", first, Cell(251, MONEY)],
        ["Tax benefit", Cell(47, PLAIN), Cell(40, PLAIN)],
        ["Gross margin", Cell(90, PLAIN), Cell(80, PLAIN)],
        ["Other income", Cell(12, PLAIN), Cell(11, PLAIN)],
    ]


def test_a_line_that_opens_no_run_of_money_is_a_number_of_shares() -> None:
    assert units(only(options(Cell(286, MONEY)))) == {
        "Granted (in shares)": (Decimal(2000), "shares"),
        "Outstanding on December 31": (Decimal(31000), "shares"),
        "Weighted-average exercise price": (Decimal("60.28"), "USD/share"),
        "Vested": (Decimal(30000), "shares"),
        "Compensation expense": (Decimal(286_000_000), "USD"),
        "Tax benefit": (Decimal(47_000_000), "USD"),
        "Gross margin": (Decimal(90_000_000), "USD"),
        "Other income": (Decimal(12_000_000), "USD"),
    }


def test_without_any_sign_of_money_nothing_is_concluded() -> None:
    rows = [[Cell(cell.value) if isinstance(cell, Cell) else cell for cell in row] for row in options(286)]
    assert units(only(rows))["Outstanding on December 31"] == (Decimal(31_000_000), "USD")


def test_where_lines_name_their_units_one_that_names_none_is_a_count() -> None:
    head = "POLICIES - Narrative (Details) shares in Thousands, $ in Millions"
    found = units(
        only(
            [
                [head, "Dec. 31, 2024 USD ($) shares", "Dec. 31, 2023 USD ($) shares"],
                ["Servings a day", Cell(2_200_000_000, PLAIN), None],
                ["Advertising costs", Cell(5000, MONEY), Cell(4000, MONEY)],
                ["Depreciation", Cell(997, PLAIN), Cell(998, PLAIN)],
                ["Excluded from dilution | shares", Cell(3, PLAIN), Cell(8, PLAIN)],
                ["Longest maturity (in months)", Cell(3, PLAIN), None],
            ]
        )
    )
    assert found == {
        "Servings a day": (Decimal(2_200_000_000), "count"),
        "Advertising costs": (Decimal(5_000_000_000), "USD"),
        "Depreciation": (Decimal(997_000_000), "USD"),
        "Excluded from dilution | shares": (Decimal(3000), "shares"),
        "Longest maturity (in months)": (Decimal(3), "count"),
    }


def test_in_a_table_of_components_what_lies_between_numbers_of_shares_is_shares() -> None:
    found = units(
        only(
            [
                ["CHANGES IN EQUITY - USD ($) shares in Millions, $ in Millions", "Total", "Treasury stock"],
                ["Balance at beginning (in shares)", Cell(4325, PLAIN), None],
                ["Issued to employees", Cell(24, PLAIN), None],
                ["Purchased for treasury", Cell(-21, PLAIN), None],
                ["Balance at end (in shares)", Cell(4328, PLAIN), None],
                ["Balance at beginning", Cell(24860, MONEY), Cell(-51641, MONEY)],
                ["Net income", Cell(9542, PLAIN), None],
                ["Effect of dilutive securities", Cell(11, PLAIN), None],
                ["Balance at end", Cell(25826, PLAIN), Cell(-52601, PLAIN)],
            ]
        )
    )
    assert found["Issued to employees"] == (Decimal(24_000_000), "shares")
    assert found["Purchased for treasury"] == (Decimal(-21_000_000), "shares")
    assert found["Net income"] == (Decimal(9_542_000_000), "USD")
    assert found["Balance at end"] == (Decimal(25_826_000_000), "USD")
