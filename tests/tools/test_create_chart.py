"""Charts: every point is a value, units decide the axes, and what would mislead is refused in words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tools import create_chart, figures
from tools.dataroom import Room
from tools.documents import handmade
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, Chart, ResultColumn, ResultTable
from tools.units import show
from tools.values import Period, Value

ACCOUNTS = handmade.statement(
    ["FY2022", "FY2023", "FY2024"],
    {
        "Revenue": [50_000_000, 55_000_000, 62_000_000],
        "Costs": [-30_000_000, -34_000_000, -37_000_000],
        "Tax": [1, None, 3],
    },
)


def money(number: int, amount: int | str, unit: str = "GBP", year: int = 2024) -> Value:
    exact = Decimal(amount)
    return Value(f"v{number}", f"Figure {number}", exact, unit, show(exact, unit), "tied", Period(f"FY{year}", "year"))


YEARLY = [money(9, 48, year=2022), money(10, 52, year=2023), money(11, 61, year=2024)]
MARGINS = [money(21, "0.3", "ratio", 2022), money(22, "0.31", "ratio", 2023), money(23, "0.35", "ratio", 2024)]
EARLIER = [*YEARLY, *MARGINS, money(31, 5, "USD"), money(32, -5)]


def draw(room: Room | None = None, **arguments: Any) -> Chart:
    room = room or Room.of(ACCOUNTS, values=EARLIER)
    (chart,) = create_chart.run(
        room, create_chart.Args.model_validate({"kind": "line", "title": "A chart", **arguments})
    )
    assert isinstance(chart, Chart)
    return chart


def refusal(room: Room | None = None, **arguments: Any) -> ToolError:
    with pytest.raises(ToolError) as caught:
        draw(room, **arguments)
    return caught.value


def test_a_statement_is_drawn_along_its_periods() -> None:
    payload = draw(table="d1.t1", y=["revenue", "Costs"]).payload
    assert payload["x"] == {"label": "Period", "values": ["FY2022", "FY2023", "FY2024"]}
    assert [(each["name"], each["unit"], each["axis"], each["values"]) for each in payload["series"]] == [
        ("Revenue", "GBP", "left", [50_000_000, 55_000_000, 62_000_000]),
        ("Costs", "GBP", "left", [-30_000_000, -34_000_000, -37_000_000]),
    ]
    assert (
        payload["summary"]
        == "FY2022 to FY2024: Revenue rose from £50.0m to £62.0m; Costs went from −£30.0m to −£37.0m."
    )
    assert payload["source_note"] == "accounts.csv, Income statement"
    assert set(payload) == {"kind", "title", "unit", "x", "series", "summary", "source_note", "figure"}


def test_columns_of_a_statement_can_be_drawn_line_by_line() -> None:
    payload = draw(kind="bar", table="d1.t1", x="Period", y=["Revenue"]).payload
    assert payload["x"]["values"] == ["FY2022", "FY2023", "FY2024"]
    payload = draw(kind="bar", table="d1.t1", y=["FY2023", "FY2024"]).payload
    assert payload["x"]["values"] == ["Revenue", "Costs", "Tax"]


def test_points_carry_the_ids_of_their_values_and_gaps_stay_gaps() -> None:
    chart = draw(table="d1.t1", y=["Tax"])
    (series,) = chart.payload["series"]
    assert series["values"] == [1, None, 3]
    assert series["value_ids"] == ["~1", None, "~2"]
    trace = chart.payload["figure"]["data"][0]
    assert (trace["y"], trace["customdata"], trace["connectgaps"]) == ([1, None, 3], ["~1", None, "~2"], False)
    assert [value.value_id for value in chart.values] == ["~1", "~2"]


def test_values_are_named_by_ranges_and_one_by_one() -> None:
    payload = draw(
        categories=["FY2022", "FY2023", "FY2024"], series=[{"name": "Revenue", "values": ["v9..v10", "[[v11]]"]}]
    ).payload
    assert payload["series"][0]["value_ids"] == ["v9", "v10", "v11"]
    assert payload["summary"] == "Revenue rose every year, from £48 in FY2022 to £61 in FY2024."


def test_categories_may_be_left_out_when_the_values_know_their_periods() -> None:
    assert draw(series=[{"name": "Revenue", "values": ["v9..v11"]}]).payload["x"]["values"] == [
        "FY2022",
        "FY2023",
        "FY2024",
    ]


def test_a_typed_number_is_an_open_value_in_the_unit_of_its_neighbours() -> None:
    chart = draw(categories=["a", "b", "c"], series=[{"name": "Revenue", "values": ["v9", 50.5, None]}])
    typed = chart.values[1]
    assert (typed.state, typed.unit, typed.amount, typed.note) == (
        "open",
        "GBP",
        Decimal("50.5"),
        "typed, without a source",
    )
    assert "1 point typed by hand" in chart.payload["source_note"]


def test_two_units_take_two_axes_and_bars_with_a_margin_become_bars_and_a_line() -> None:
    series = [{"name": "Revenue", "values": ["v9..v11"]}, {"name": "Margin", "values": ["v21..v23"]}]
    payload = draw(kind="bar", series=series).payload
    assert [each["axis"] for each in payload["series"]] == ["left", "right"]
    figure = payload["figure"]
    assert [trace["type"] for trace in figure["data"]] == ["bar", "scatter"]
    assert figure["data"][1]["yaxis"] == "y2"
    assert figure["layout"]["yaxis2"]["ticktext"][1:3] == ["0%", "10%"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({}, "arguments", "either table"),
        ({"table": "d1.t1", "categories": ["a"]}, "arguments", "not both"),
        ({"series": [{"name": "A", "values": [1]}], "x": "Year"}, "arguments", "belong to table"),
        (
            {"categories": ["a", "b", "c", "d"], "series": [{"name": "A", "values": ["v9..v11"]}]},
            "lengths",
            "series[0].values: 3 values, but there are 4 categories",
        ),
        ({"categories": ["a", "a"], "series": [{"name": "A", "values": [1, 2]}]}, "repeated_x", 'categories[1]: "a"'),
        ({"categories": ["a"], "series": [{"name": "A", "values": ["v99"]}]}, "unknown_value", "v99"),
        ({"categories": ["a"], "series": [{"name": "A", "values": ["revenue"]}]}, "bad_reference", "v9..v12"),
        ({"categories": ["a"], "series": [{"name": "A", "values": ["v11..v9"]}]}, "bad_reference", "lower id first"),
        ({"categories": ["a"], "series": [{"name": "A", "values": [None]}]}, "no_values", "every point is empty"),
        (
            {"categories": ["FY2022", "FY2023", "FY2025"], "series": [{"name": "A", "values": ["v9..v11"]}]},
            "wrong_period",
            "series[0].values[2]: v11 belongs to FY2024",
        ),
        ({"categories": ["a", "b"], "series": [{"name": "A", "values": ["v9", "v31"]}]}, "mixed_units", "GBP and USD"),
        (
            {"kind": "stacked_bar", "series": [{"name": n, "values": [v]} for n, v in (("A", "v11"), ("B", "v23"))]},
            "mixed_units",
            "one unit",
        ),
        (
            {
                "categories": ["x"],
                "series": [{"name": n, "values": [v]} for n, v in (("A", "v9"), ("B", "v22"), ("C", "v31"))],
            },
            "mixed_units",
            "two units",
        ),
        (
            {
                "categories": ["x"],
                "series": [{"name": "A", "values": ["v9"], "axis": "right"}, {"name": "B", "values": ["v31"], "axis": "right"}],
            },
            "mixed_units",
            "right axis",
        ),
        ({"kind": "pie", "categories": ["a", "b"], "series": [{"name": "A", "values": ["v9", "v32"]}]}, "not_a_whole", "negative"),
        ({"kind": "pie", "categories": ["x"], "series": [{"name": n, "values": [1]} for n in "AB"]}, "not_a_whole", "one series"),
        ({"kind": "pie", "categories": ["a"], "series": [{"name": "A", "values": [0]}]}, "not_a_whole", "zero"),
        ({"kind": "area", "categories": ["a"], "series": [{"name": n, "values": ["v32"]} for n in "AB"]}, "not_stackable", "line"),
        ({"table": "d1.t1", "y": ["Profit"]}, "unknown_line", '"Revenue"'),
        ({"table": "d1.t1", "title": "Up [[v99]]"}, "unknown_value", "v99"),
        ({"table": "d1.t1", "y": ["Tax"], "title": "Up [[v9|wild]]"}, "bad_display", "bp"),
    ],
)  # fmt: skip
def test_what_would_mislead_is_refused_in_words(arguments: dict[str, Any], code: str, said: str) -> None:
    error = refusal(**arguments)
    assert error.code == code
    assert said in error.text


def test_a_title_may_hold_references() -> None:
    assert draw(table="d1.t1", y=["Tax"], title="From [[v9]] to [[v11|2]]").payload["title"] == "From £48 to £61.00"


def test_a_long_table_becomes_a_series_for_each_name() -> None:
    ledger = handmade.records(
        {
            "Month": ["2019-01", "2019-01", "2019-02"],
            "Branch": ["North", "South", "North"],
            "Total": [1, 2, 3],
        }
    )
    payload = draw(Room.of(ledger), table="d1.t1").payload
    assert payload["x"]["values"] == ["2019-01", "2019-02"]
    assert [(each["name"], each["values"]) for each in payload["series"]] == [("North", [1, 3]), ("South", [2, None])]


def test_places_that_repeat_otherwise_are_refused() -> None:
    ledger = handmade.records({"Date": [date(2019, 1, 5)] * 2, "Total": [1, 2]})
    error = refusal(Room.of(ledger), table="d1.t1")
    assert error.code == "repeated_x"
    assert "2019-01-05" in error.text
    assert "query_data" in error.text


def test_a_scatter_gives_its_x_values_their_identity_too() -> None:
    ledger = handmade.records({"Size": [1, 2, None], "Price": [10, 40, 5]}, units={"Price": "USD"})
    payload = draw(Room.of(ledger), kind="scatter", table="d1.t1", x="Size", y=["Price"]).payload
    assert payload["x"] == {"label": "Size", "values": [1, 2], "unit": "count", "value_ids": ["~3", "~4"]}
    assert payload["summary"] == "2 points: Size from 1 to 2, Price from $10 to $40."
    assert payload["figure"]["layout"]["xaxis"]["type"] == "linear"


def test_a_pie_leaves_out_what_has_no_value_and_says_so() -> None:
    payload = draw(
        kind="pie", categories=["a", "b", "c"], series=[{"name": "Mix", "values": ["v9", None, "v10"]}]
    ).payload
    assert payload["x"]["values"] == ["a", "c"]
    assert payload["figure"]["data"][0]["values"] == [48, 52]
    assert "1 part without a value left out" in payload["source_note"]


def test_many_points_are_thinned_and_the_note_says_so() -> None:
    days = [date(1990, 1, 1) + timedelta(days=n) for n in range(9000)]
    prices: list[int | None] = [(n * 7919) % 1000 for n in range(9000)]
    prices[4321], prices[5000] = 99_999, -99_999
    ledger = handmade.records({"Date": days, "Close": prices}, units={"Close": "USD"})
    chart = draw(Room.of(ledger), table="d1.t1")
    payload = chart.payload
    drawn = payload["series"][0]["values"]
    assert 1000 < len(drawn) <= 5000
    assert {max(drawn), min(drawn), drawn[0], drawn[-1]} == {99_999, -99_999, prices[0], prices[-1]}
    assert len(payload["x"]["values"]) == len(drawn) == len(chart.values)
    assert f"{len(drawn):,} of 9,000 points drawn" in payload["source_note"]
    assert len(json.dumps(payload).encode()) < MAX_PAYLOAD_BYTES


def test_many_series_still_fit_an_event() -> None:
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(3000)]
    ledger = handmade.records(
        {"Date": days, **{f"A rather long name {n}": list(range(n, n + 3000)) for n in range(10)}}
    )
    payload = draw(Room.of(ledger), table="d1.t1", y=[f"A rather long name {n}" for n in range(10)]).payload
    assert len(json.dumps(payload).encode()) < MAX_PAYLOAD_BYTES
    assert len(payload["x"]["values"]) > 100


def test_a_result_that_was_cut_is_drawn_with_a_note() -> None:
    values = [money(1, 5)]
    table = ResultTable(
        "Top",
        [ResultColumn("c0", "Name", "text"), ResultColumn("c1", "Sum of Total", "number", "GBP")],
        [["a", values[0]]],
        40,
        result_id="r1",
    )
    payload = draw(Room.of(values=values, results=[table]), kind="bar", table="r1", y=["Total"]).payload
    assert "r1 holds the first 1 of 40 rows" in payload["source_note"]


def test_document_names_are_the_source_of_values() -> None:
    table = draw(table="d1.t1", y=["Revenue"])
    named = [Value.from_wire({**value.to_wire(), "value_id": f"v{n}"}) for n, value in enumerate(table.values, 1)]
    derived = Value("v4", "Sum", Decimal(1), "GBP", "£1", "computed", formula="v1", inputs=("v1",))
    payload = draw(
        Room.of(ACCOUNTS, values=[*named, derived]), categories=["x"], series=[{"name": "S", "values": ["v4"]}]
    ).payload
    assert payload["source_note"] == "accounts.csv"


def test_the_figure_holds_no_key_that_is_not_allowed() -> None:
    assert figures.foreign_keys(draw(table="d1.t1", y=["Revenue"]).payload["figure"]) == []
