"""Shown tables: scaled for reading, exact underneath, every figure a value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tools import create_table
from tools.dataroom import Room
from tools.documents import handmade
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, ShownTable
from tools.units import show
from tools.values import Value

ACCOUNTS = handmade.statement(
    ["FY2023", "FY2024"],
    {"Revenue": [55_120_000, 61_904_000], "Margin": ["0.374", "0.4023"], "Earnings per share": ["-0.02", "0.5"]},
    units={"Margin": "ratio", "Earnings per share": "GBP/share"},
)


def value(number: int, amount: int | str, unit: str = "GBP") -> Value:
    return Value(f"v{number}", f"Figure {number}", Decimal(amount), unit, show(Decimal(amount), unit), "tied")


def shown(*values: Value, room: Room | None = None, **arguments: Any) -> ShownTable:
    room = room or Room.of(ACCOUNTS, values=values)
    (table,) = create_table.run(room, create_table.Args.model_validate({"title": "A table", **arguments}))
    assert isinstance(table, ShownTable)
    return table


def words(table: ShownTable) -> list[list[str]]:
    return [[cell["shown"] if isinstance(cell, dict) else cell for cell in row] for row in table.payload["rows"]]


def test_money_is_scaled_for_the_whole_table_and_the_unit_is_in_the_header() -> None:
    table = shown(table="d1.t1", columns=["FY2023", "FY2024"])
    assert table.payload["unit"] == "GBP thousand"
    assert words(table) == [
        ["Revenue", "55,120", "61,904"],
        ["Margin", "37.4%", "40.2%"],
        ["Earnings per share", "−£0.02 per share", "£0.50 per share"],
    ]
    assert table.payload["rows"][0][2] == {"shown": "61,904", "amount": "61904000", "value_id": "~2", "state": "tied"}
    assert [column["align"] for column in table.payload["columns"]] == ["left", "right", "right"]
    assert set(table.payload) == {"title", "unit", "columns", "rows", "rows_total"}


def test_a_column_has_one_number_of_decimals_and_says_its_own_unit() -> None:
    table = shown(
        value(1, "1200.5"),
        value(2, 900),
        value(3, 250, "shares"),
        value(4, 1000, "shares"),
        columns=["Name", "Cost", "Held"],
        rows=[["a", "v1", "v3"], ["b", "v2", "v4"]],
    )
    assert words(table) == [["a", "1,200.5", "250"], ["b", "900.0", "1,000"]]
    assert table.payload["unit"] == "GBP"
    assert [column["label"] for column in table.payload["columns"]] == ["Name", "Cost", "Held (shares)"]
    assert [column.get("unit") for column in table.payload["columns"]] == [None, "GBP", "shares"]


def test_two_currencies_each_keep_their_own_column_or_their_own_sign() -> None:
    table = shown(value(1, 5), value(2, 7, "USD"), columns=["In pounds", "In dollars"], rows=[["v1", "v2"]])
    assert [column["label"] for column in table.payload["columns"]] == ["In pounds (GBP)", "In dollars (USD)"]
    assert words(table) == [["5", "7"]]
    assert words(shown(value(1, 5), value(2, 7, "USD"), rows=[["v1"], ["v2"]])) == [["£5"], ["$7"]]


def test_cells_are_values_words_or_numbers_without_a_source() -> None:
    table = shown(
        value(1, 61_904_000),
        columns=["", "A", "B"],
        rows=[["Revenue", "[[v1|m,2]]", 12.5], ["was [[v1]]", None, "n/a"]],
    )
    assert words(table) == [["Revenue", "£61.90m", "12.5"], ["was £61.9m", "", "n/a"]]
    typed = table.payload["rows"][0][2]
    assert (typed["state"], typed["amount"], typed["value_id"]) == ("open", "12.5", "~1")
    assert "1 figure typed by hand" in table.summary
    assert [each.label for each in table.values] == ["Figure 1", "Revenue, B"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({}, "arguments", "either table, or rows"),
        ({"table": "d1.t1", "rows": [["a"]]}, "arguments", "either table, or rows"),
        ({"columns": ["a", "b"], "rows": [["x", "y"], ["x"]]}, "lengths", "rows[1]: 1 cell, but there are 2 columns"),
        ({"rows": [["v9"]]}, "unknown_value", "v9"),
        ({"rows": [["see [[v9]]"]]}, "unknown_value", "v9"),
        ({"table": "d1.t1", "columns": ["FY1999"]}, "unknown_column", "FY2023"),
        ({"rows": [["x"] * 50] * 100}, "too_many_cells", "4,000"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(ToolError) as caught:
        shown(**arguments)
    assert caught.value.code == code
    assert said in caught.value.text


def test_a_long_table_sends_its_first_rows_and_keeps_all() -> None:
    ledger = handmade.records({"Name": [f"n{i}" for i in range(800)], "Total": list(range(800))})
    table = shown(room=Room.of(ledger), table="d1.t1")
    assert (len(table.payload["rows"]), table.payload["rows_total"], len(table.full)) == (500, 800, 800)
    assert len(table.values) == 800


def test_a_wide_table_is_cut_where_an_event_would_overflow() -> None:
    wide = {f"A long label of a column {n}": ["some words that take room " * 8] * 500 for n in range(50)}
    table = shown(room=Room.of(handmade.records(wide)), table="d1.t1")
    assert 10 < len(table.payload["rows"]) < 500
    assert len(json.dumps(table.payload).encode()) < MAX_PAYLOAD_BYTES
    assert len(table.full) == 500
