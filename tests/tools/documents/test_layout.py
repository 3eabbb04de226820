"""Where tables begin in a grid, and what stands above, between and below their rows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.documents.layout import Block, find_blocks


def grid(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.removesuffix("\n").split("\n")]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Date,Region,Amount\n2024-01-01,N,1\n2024-01-02,S,TBD\n", [Block([], [0], [1, 2])]),
        ("Date,Desc,Amount\n2024-01-01,foo,\n2024-01-01,foo,TBD\n2024-01-02,bar,5\n", [Block([], [0], [1, 2, 3])]),
        ("Year,Sales\n2021,2000\n2022,48000\n", [Block([], [0], [1, 2])]),
        ("Region,Year\nN,2021\nS,2022\n", [Block([], [0], [1, 2])]),
        ("N,5,6\nS,6,7\n", [Block([], [], [0, 1])]),
        ("Revenue\n100\n200\n", [Block([], [0], [1, 2])]),
        ("Q,A\nwhy,because\nhow,so\n", [Block([], [0], [1, 2])]),
    ],
)
def test_a_table_of_records_has_its_header_where_words_stand_over_numbers(text: str, blocks: list[Block]) -> None:
    assert find_blocks(grid(text)) == blocks


def test_group_headings_and_unit_rows_belong_to_the_header() -> None:
    text = "Title\n,Group,,Company,\n,2024,2023,2024,2023\n,£m,£m,£m,£m\nRevenue,1,2,3,4\n"
    assert find_blocks(grid(text)) == [Block([0], [1, 2, 3], [4])]


def test_a_section_heading_under_the_header_is_no_header() -> None:
    text = ",2024,2023\nContinuing operations,,\nRevenue,5,6\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1, 2])]


def test_a_blank_line_ends_a_table_only_when_a_header_follows() -> None:
    text = "Item,2024\nRevenue,5\n\nExpenses\nWages,1\n\nBalance sheet\nItem,2024\nCash,3\n\nSource: us\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1, 3, 4]), Block([6], [7], [8], [10])]


def test_a_second_header_of_periods_begins_a_second_table_without_a_blank_line() -> None:
    text = "Income,2024,2023\nRevenue,1,2\nBalance sheet\nItem,2024,2023\nCash,1,2\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1]), Block([2], [3], [4])]


def test_the_header_at_the_top_of_a_printed_page_is_left_out() -> None:
    text = "Date,Amount\n2024-01-01,5\nDate,Amount\n2024-01-02,6\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1, 3], [], repeated=1)]


def test_a_row_of_years_under_a_label_is_data() -> None:
    text = "Item,2024,2023\nRevenue,1,2\nYear founded,1998,2011\nCosts,3,4\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1, 2, 3])]


def test_pairs_of_words_above_a_table_are_its_titles() -> None:
    text = "Company:,Northwind\nCurrency:,GBP\n\nItem,2024,2023\nRevenue,1,2\n"
    assert find_blocks(grid(text)) == [Block([0, 1], [3], [4])]


def test_remarks_under_a_table_are_notes() -> None:
    text = "Date,Region,Amount\n2024-01-01,N,1\n2024-01-02,S,2\n\nPrepared by,J. Smith\n\nRows exported:,2,\n"
    assert find_blocks(grid(text)) == [Block([], [0], [1, 2], [4, 6])]


def test_columns_that_a_program_numbered_have_a_header() -> None:
    assert find_blocks(grid("Region,1,2,3\nN,5,6,7\nS,1,2,3\n")) == [Block([], [0], [1, 2])]


CELLS = st.sampled_from(["", "a", "2024", "5", "Q1 2024", "£m", "Total", "1,2", "-", "2024-01-01", "Item:"])


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=25))
def test_no_row_is_counted_twice(rows: list[list[str]]) -> None:
    blocks = find_blocks(rows)
    used = [index for block in blocks for index in (*block.titles, *block.header, *block.body, *block.notes)]
    assert len(used) == len(set(used))
    assert all(any(rows[index]) for index in used)
    assert all(block.body for block in blocks)


def test_ten_thousand_blank_lines_do_not_make_ten_thousand_tables() -> None:
    rows = grid("a,b\n" + "x,1\n\n" * 10_000)
    assert [len(block.body) for block in find_blocks(rows)] == [10_000]
