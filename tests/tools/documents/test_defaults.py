"""Scale and unit where a table leaves them to the document, to its first figures, or to words in brackets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.documents import read
from tools.documents.defaults import document_default, settle_scales
from tools.documents.document import Column, Document, Table
from tools.values import Scale


def page(*parts: str) -> Document:
    return read("".join(parts).encode(), document_id="d", name="page.html")


def grid(title: str, *rows: str) -> str:
    """A table of HTML under a title; cells are parted by bars."""
    cells = ("".join(f"<td>{cell.strip()}</td>" for cell in row.split("|")) for row in rows)
    return f"<p>{title}</p><table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


STATED = grid("Results (in millions)", "| 2024 | 2023", "Sales | $1,300 | $1,200", "Costs | (700) | (650)")


def cell(table: Table, row: int, column: int = 1) -> tuple[Decimal | None, str, str]:
    found = table.columns[column]
    scale = found.scale_at(row)
    return found.amounts[row], found.unit_at(row), scale.source if scale else ""


def test_money_that_states_no_scale_is_in_the_documents() -> None:
    _, notes = page(STATED, grid("Other assets", "| 2024 | 2023", "Prepaid | $12 | $10", "Other | 8 | 9")).tables
    assert cell(notes, 0) == (Decimal(12_000_000), "USD", "document default")
    assert cell(notes, 1) == (Decimal(8_000_000), "USD", "document default")


def test_a_table_that_states_its_scale_keeps_it_and_says_where() -> None:
    stated, thousands = page(
        STATED, grid("Rent (in thousands)", "| 2024 | 2023", "Rent | $12 | $10", "Rates | 8 | 9")
    ).tables
    assert cell(stated, 0) == (Decimal(1_300_000_000), "USD", "table title")
    assert cell(thousands, 1) == (Decimal(8_000), "USD", "table title")


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        (("| 2024 | 2023", "Average headcount | 1,200 | 1,100", "Sites | 12 | 11"), 0, (Decimal(1_200), "count", "")),
        (("| 2024 | 2023", "Earnings per share | $1.25 | $1.10", "Other | $3 | $2"), 0, (Decimal("1.25"), "USD/share", "")),
        (("| High | Low", "First quarter | $12.34 | $10.11", "Second quarter | 13.00 | 11.50"), 0, (Decimal("12.34"), "USD", "")),
        (("| 2024 | 2023", "Margin | 46.2% | 45.8%", "Sales | $3 | $2"), 0, (Decimal("0.462"), "ratio", "")),
        (("| Issued | Held", "Balance | 1,012,261,159 | 9", "Issued | 8,877,047 | 2"), 1, (Decimal(8_877_047), "count", "")),
        (("| 2023 | 2024", "Ours | $100 | $121", "Index | 100 | 117"), 0, (Decimal(100), "USD", "")),
    ],
)  # fmt: skip
def test_the_default_holds_for_nothing_that_is_no_money(
    table: tuple[str, ...], row: int, expected: tuple[Decimal, str, str]
) -> None:
    assert cell(page(STATED, grid("Notes", *table)).tables[1], row) == expected


def test_a_document_that_never_states_a_scale_has_none() -> None:
    tables = page(grid("Notes", "| 2024 | 2023", "Prepaid | $12 | $10", "Other | 8 | 9")).tables
    assert document_default(tables) is None
    assert cell(tables[0], 0) == (Decimal(12), "USD", "")


def test_a_column_that_opens_with_percent_is_in_percent() -> None:
    [table] = page(
        grid(
            "Tax (in millions)",
            "| Amount | Rate",
            "Statutory | $210 | 21.0%",
            "States | 15 | 1.5",
            "Total | $225 | 22.5%",
        )
    ).tables
    assert cell(table, 1, 2) == (Decimal("0.015"), "ratio", "column")
    assert cell(table, 1, 1) == (Decimal(15_000_000), "USD", "table title")


@pytest.mark.parametrize(
    ("caption", "power"),
    [
        ("(In millions, except per share data)", 6),
        ("(Dollars in millions, except per share amounts)", 6),
        ("(In millions, except number of shares, which are reflected in thousands, and per-share amounts)", 3),
        ("(net income in millions and shares in thousands)", 3),
        ("(In millions, except share and per share data)", 0),
        ("(in thousands of USD)", 0),
    ],
)
def test_shares_are_in_the_scale_that_is_stated_for_them(caption: str, power: int) -> None:
    [table] = page(
        grid(
            f"Earnings per share {caption}",
            "| 2024 | 2023",
            "Net income | $93,736 | $96,995",
            "Weighted average shares outstanding | 15,343 | 15,744",
        )
    ).tables
    assert cell(table, 1)[:2] == (Decimal(15_343).scaleb(power), "shares")


def test_a_table_of_shares_alone_says_their_scale_once() -> None:
    [table] = page(
        grid(
            "Not included (Shares in millions)",
            "| 2024 | 2023",
            "Stock options | 0.8 | 0.7",
            "Restricted stock | 0.5 | 1.0",
        )
    ).tables
    assert cell(table, 1) == (Decimal(500_000), "shares", "table title")


@pytest.mark.parametrize("label", ["Other items [b]", "Treasury stock issued for 401(k) contribution", "Interest (b)"])
def test_a_letter_in_brackets_is_no_scale(label: str) -> None:
    [table] = page(grid("Flows (in millions)", "| 2024 | 2023", f"{label} | $31 | $30", "Other | 2 | 1")).tables
    assert cell(table, 0) == (Decimal(31_000_000), "USD", "table title")


def test_a_price_in_a_label_does_not_make_the_line_a_price() -> None:
    [table] = page(
        grid(
            "Flows (in millions)",
            "| 2024 | 2023",
            "Dividends paid ($0.16 per common share) | (398) | (395)",
            "Other | $2 | $1",
        )
    ).tables
    assert cell(table, 0) == (Decimal(-398_000_000), "USD", "table title")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 0, 3, 6, 9]), st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5)
        ),
        max_size=8,
    )
)
def test_no_printed_digit_is_ever_changed(made: list[tuple[int | None, list[int]]]) -> None:
    tables = [_money(power, sizes) for power, sizes in made]
    settle_scales(tables)
    for table, (_, sizes) in zip(tables, made, strict=True):
        column = table.columns[1]
        for row, size in enumerate(sizes):
            scale = column.scale_at(row)
            assert column.amounts[row] == Decimal(size).scaleb(scale.power if scale else 0)
    again: list[Any] = [(column.amounts, column.scales) for table in tables for column in table.columns]
    settle_scales(tables)
    assert again == [(column.amounts, column.scales) for table in tables for column in table.columns]


def _money(power: int | None, sizes: list[int]) -> Table:
    labels = Column("c0", "Line item", "text", [f"Cost {row}" for row in range(len(sizes))])
    scale = Scale(power, "table title") if power else None
    amounts: list[Decimal | None] = [Decimal(size).scaleb(power or 0) for size in sizes]
    return Table(
        "t1", "T", [labels, Column("c1", "A", "number", [f"${s:,}" for s in sizes], amounts, [], "USD", scale=scale)]
    )
