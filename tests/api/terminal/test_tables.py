"""Tables in a terminal, at any width."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from api.terminal.tables import LEAST_WORDS, columns_of, drawn, needed, parts
from api.terminal.ticks import Glyphs

Json = dict[str, Any]
FIGURES = st.builds(
    lambda amount, state: {"shown": f"{amount:,}", "amount": str(amount), "state": state, "value_id": "v1"},
    st.integers(-(10**9), 10**9),
    st.sampled_from(["tied", "computed", "open", "differs", "constant"]),
)
LABELS = st.sampled_from(["Revenue", "Cost of sales", "Depreciation, amortisation and impairment", "売上高", ""])
TABLES = st.integers(1, 6).flatmap(
    lambda count: st.builds(
        lambda rows: {
            "title": "T",
            "columns": [{"key": "c", "label": "", "align": "left"}]
            + [{"key": f"c{at}", "label": f"FY{2020 + at}", "align": "right"} for at in range(count)],
            "rows": rows,
            "rows_total": len(rows),
        },
        st.lists(st.tuples(LABELS, *[FIGURES] * count).map(list), max_size=6),
    )
)


def tick_of(state: str, value_id: str) -> str:
    return Glyphs().tick(state)


def screen(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)


def lines_of(data: Json, width: int) -> list[str]:
    return [line.plain for line in drawn(data, screen(width), True, tick_of)]


@given(TABLES, st.integers(20, 140))
def test_a_table_fits_and_no_figure_is_cut(data: Json, width: int) -> None:
    lines = lines_of(data, width)
    widest = max(column.width for column in columns_of(data, tick_of)[1:])
    assert max(map(cell_len, lines)) <= max(width, LEAST_WORDS + 2 + widest)
    text = " ".join(lines)
    for row in data["rows"]:
        for cell in row[1:]:
            assert f"{cell['shown']} {tick_of(cell['state'], '')}".rstrip() in text


@given(TABLES, st.integers(20, 140))
def test_figures_of_a_column_end_at_the_same_place(data: Json, width: int) -> None:
    for column in columns_of(data, tick_of)[1:]:
        ends = {
            len(line.plain) - len(line.plain.lstrip()) + len(cell.words)
            for cell in column.cells
            for line in column.lines(cell, screen(width))
        }
        assert len(ends) <= 1


@given(TABLES, st.integers(20, 140))
def test_the_parts_hold_every_column_once_behind_the_first(data: Json, width: int) -> None:
    columns = columns_of(data, tick_of)
    found = parts(columns, width)
    assert [column.label for part in found for column in part[1:]] == [column.label for column in columns[1:]]
    assert all(part[0].cells == columns[0].cells for part in found)
    assert len(found) == 1 or needed(columns) > width


def test_a_long_table_is_shown_in_part_on_a_terminal_and_whole_elsewhere() -> None:
    data = {
        "title": "Days",
        "columns": [{"label": "Day", "align": "left"}, {"label": "Price", "align": "right"}],
        "rows": [[f"day {at}", {"shown": str(at), "state": "tied"}] for at in range(120)],
        "rows_total": 4_000,
    }
    assert lines_of(data, 80)[-1] == "50 of 4,000 rows"
    piped = Console(file=io.StringIO(), width=100_000)
    assert [line.plain for line in drawn(data, piped, True, tick_of)][-1] == "120 of 4,000 rows"


@pytest.mark.parametrize("rows", [[], [["a"]], [[None, None]]])
def test_a_table_with_little_in_it_is_a_table_all_the_same(rows: list[Any]) -> None:
    data = {
        "title": "T",
        "columns": [{"label": "A"}, {"label": "B", "align": "right"}],
        "rows": rows,
        "rows_total": len(rows),
    }
    assert lines_of(data, 40)[0] == "T"


def test_a_table_without_columns_is_its_title() -> None:
    assert lines_of({"title": "T", "columns": [], "rows": []}, 40) == ["T"]


def test_words_of_two_columns_are_wrapped_beside_each_other() -> None:
    data = {
        "title": "T",
        "columns": [{"label": "Name"}, {"label": "Remark"}],
        "rows": [["The first of all customers", "It pays late, and it pays in the end"]],
    }
    lines = lines_of(data, 40)
    assert max(map(len, lines)) <= 40
    assert lines[3].startswith("The first of")
    assert all(word in " ".join(lines) for word in "customers pays late end".split())
