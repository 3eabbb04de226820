"""Days and times of lines and columns: balances, roll-forwards, lists, schedules."""

from __future__ import annotations

from datetime import date

import pytest

from tests.tools.documents.test_defaults import grid, page
from tools.documents.document import Table


def dated(table: Table, row: int, column: int = 1) -> tuple[str, str, str]:
    """kind, first and last day of a cell's period."""
    period = table.columns[column].period_at(row)
    if period is None:
        return ("", "", "")
    return (period.kind, _said(period.start), _said(period.end))


def _said(day: date | None) -> str:
    return day.isoformat() if day else ""


def test_balances_are_days_and_what_lies_between_them_is_the_time_between() -> None:
    [table] = page(
        grid(
            "Changes in equity (in millions)",
            "| Common stock | Retained earnings",
            "Balance at December 31, 2022 | $5,061 | $29,473",
            "Net loss | | (2,222)",
            "Balance at December 31, 2023 | 5,061 | 27,251",
            "Net loss | | (11,817)",
            "Balance at December 31, 2024 | 5,061 | 15,362",
        )
    ).tables
    assert dated(table, 0) == ("instant", "", "2022-12-31")
    assert dated(table, 1, 2) == ("year", "2023-01-01", "2023-12-31")
    assert dated(table, 3, 2) == ("year", "2024-01-01", "2024-12-31")
    assert dated(table, 4, 2) == ("instant", "", "2024-12-31")


def test_a_roll_forward_begins_and_ends_on_days() -> None:
    [table] = page(
        grid(
            "Warranty (in millions)",
            "Years ended December 31, | 2024 | 2023",
            "Beginning balance – January 1 | $2,448 | $2,275",
            "Payments made | (392) | (320)",
            "Ending balance – December 31 | $2,056 | $1,955",
        )
    ).tables
    assert dated(table, 0) == ("instant", "", "2023-12-31")
    assert dated(table, 1) == ("year", "2024-01-01", "2024-12-31")
    assert dated(table, 2, 2) == ("instant", "", "2023-12-31")


def test_a_line_of_its_own_dates_the_lines_under_it() -> None:
    [table] = page(
        grid(
            "Segments (in millions)",
            "| Compute | Graphics",
            "Year Ended Jan 26, 2025 | |",
            "Revenue | $116,193 | $14,304",
            "Year Ended Jan 28, 2024 | |",
            "Revenue | $47,405 | $13,517",
        )
    ).tables
    assert dated(table, 1) == ("year", "2024-01-27", "2025-01-26")
    assert dated(table, 3)[2] == "2024-01-28"


@pytest.mark.parametrize(
    ("title", "corner", "lines", "kind"),
    [
        ("Inventories", "December 31,", ("Raw materials", "Finished goods"), "instant"),
        ("Other (in millions)", "Years ended December 31,", ("Raw materials", "Finished goods"), "year"),
        ("Deferred taxes at December 31 were as follows:", "", ("Benefits", "Other"), "instant"),
        ("Accounts receivable", "", ("Trade receivables", "Less allowance"), "instant"),
        ("Income taxes payable and other", "", ("Income taxes payable", "Accrued expenses"), "instant"),
        ("Other income", "", ("Interest income", "Gains on sales"), "year"),
    ],
)
def test_a_bare_year_is_its_last_day_over_what_is_held(
    title: str, corner: str, lines: tuple[str, str], kind: str
) -> None:
    [table] = page(grid(title, f"{corner} | 2024 | 2023", *(f"{line} | $1,200 | $1,100" for line in lines))).tables
    assert dated(table, 0)[0] == kind
    assert dated(table, 0)[2] == "2024-12-31"


def test_a_title_dates_a_table_whose_columns_say_nothing() -> None:
    [table] = page(
        grid(
            "Fair values as of September 28, 2024 (in millions)",
            "| Level 1 | Level 2",
            "Bonds | $12 | $10",
            "Other | 8 | 9",
        )
    ).tables
    assert dated(table, 0) == ("instant", "", "2024-09-28")


def test_what_falls_due_in_years_to_come_is_owed_on_the_day_of_the_report() -> None:
    *_, table = page(
        grid(
            "Balance sheet (in millions)",
            "| December 31, 2024 | December 31, 2023",
            "Debt | $500 | $400",
            "Cash | 8 | 9",
        ),
        grid(
            "Leases fall due (in millions):",
            "| Operating leases",
            "2025 | $95",
            "2026 | 80",
            "2027 | 70",
            "Thereafter | 14",
        ),
    ).tables
    assert dated(table, 1) == ("instant", "", "2024-12-31")


def test_columns_between_two_balances_belong_to_the_time_between() -> None:
    [table] = page(
        grid(
            "Level 3 (in millions)",
            "| January 1, 2024 | Purchases | Gains | December 31, 2024",
            "Bonds | $12 | $3 | $1 | $16",
            "Loans | 8 | 1 | — | 9",
        )
    ).tables
    assert [dated(table, 0, column)[0] for column in range(1, 5)] == ["instant", "year", "year", "instant"]


def test_what_nothing_dates_stays_undated() -> None:
    [table] = page(grid("Ratings (in millions)", "| Good | Fair", "Loans | $12 | $10", "Notes | 8 | 9")).tables
    assert dated(table, 0) == ("", "", "")


def test_a_quarter_in_the_column_of_a_year_is_that_years() -> None:
    [table] = page(
        grid(
            "Purchases of shares for the years ended September 30 (in millions)",
            "| FY2024 | FY2023",
            "First quarter | $12 | $10",
            "Fourth quarter | 8 | 9",
        )
    ).tables
    assert dated(table, 0) == ("quarter", "2023-10-01", "2023-12-31")
    assert dated(table, 1, 2) == ("quarter", "2023-07-01", "2023-09-30")


def test_a_title_of_two_kinds_leaves_three_years_of_sales_their_years() -> None:
    [table] = page(
        grid(
            "Net sales for 2024, 2023 and 2022 and assets as of September 28, 2024 (in millions):",
            "| 2024 | 2023 | 2022",
            "Sales abroad | $12 | $10 | $9",
            "Total net sales | $20 | $19 | $18",
        )
    ).tables
    assert dated(table, 0)[0] == "year"
