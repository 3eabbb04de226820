"""Querying: exact figures, honest growth, lineage for every cell, and refusals a model can act on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import query_data
from tools.dataroom import Room
from tools.documents import handmade
from tools.documents.document import Document
from tools.refusals import ToolError
from tools.results import Remark, ResultTable
from tools.values import Value

YEARS = ["FY2021", "FY2022", "FY2023", "FY2024"]
ACCOUNTS = handmade.statement(
    YEARS,
    {
        "Revenue": [48310000, 52775000, 55120000, 61904000],
        "Cost of sales": [-30000000, -32000000, -34500000, -37000000],
        "Gross profit": [18310000, 20775000, 20620000, 24904000],
        "Net income": [1200000, -300000, 0, 450000],
        "Tax rate": ["0.19", "0.21", "0.25", "0.24"],
        "Earnings per share": ["0.41", "0.45", None, "0.5"],
    },
    units={"Tax rate": "ratio", "Earnings per share": "GBP/share"},
    power=3,
)
SALES = handmade.records(
    {
        "Invoice": ["a1", "a2", "a3", "a4", "a5"],
        "Branch": ["North", "South", "North", "South", "North"],
        "Date": [date(2019, 1, 5), date(2019, 1, 9), date(2019, 2, 3), date(2019, 2, 14), date(2019, 3, 1)],
        "Units": [3, 1, 4, 1, 5],
        "Total": [Decimal("10.10"), Decimal("20.25"), Decimal("30.30"), None, Decimal("0.01")],
    },
    units={"Total": "USD"},
)


def query(*documents: Document, room: Room | None = None, **arguments: Any) -> ResultTable:
    table, *_ = query_data.run(room or Room.of(*documents), query_data.Args.model_validate(arguments))
    assert isinstance(table, ResultTable)
    return table


def refusal(*documents: Document, **arguments: Any) -> ToolError:
    with pytest.raises(ToolError) as caught:
        query(*documents, **arguments)
    return caught.value


def words(table: ResultTable) -> list[list[str | None]]:
    return [[cell.shown if isinstance(cell, Value) else cell for cell in row] for row in table.rows]


def column(table: ResultTable, label: str) -> list[Decimal | None]:
    at = [head.label for head in table.columns].index(label)
    return [cell.amount if isinstance(cell := row[at], Value) else None for row in table.rows]


def figure(table: ResultTable, row: int, label: str) -> Value:
    cell = table.rows[row][[head.label for head in table.columns].index(label)]
    assert isinstance(cell, Value)
    return cell


# -- cells and lineage ---------------------------------------------------------------------------------------------------


def test_a_cell_of_a_statement_is_tied_to_its_line_and_column() -> None:
    table = query(ACCOUNTS, table="d1.t1", lines=["revenue"])
    value = figure(table, 0, "FY2024")
    assert (value.label, value.amount, value.unit, value.state) == ("Revenue", Decimal(61904000), "GBP", "tied")
    assert value.place is not None
    assert dict(value.place.at) == {"line": 2, "column": 5}
    assert (value.place.printed, value.place.row, value.place.column) == ("61904", "Revenue", "FY2024")
    assert value.period is not None
    assert value.period.label == "FY2024"


def test_ids_run_along_the_series_so_that_a_range_names_one() -> None:
    upright = query(ACCOUNTS, table="d1.t1", lines=["Revenue", "Gross profit"])
    assert [cell.value_id for cell in upright.rows[0][1:] if isinstance(cell, Value)] == ["~1", "~2", "~3", "~4"]
    turned = query(ACCOUNTS, table="d1.t1", lines=["Revenue", "Gross profit"], transpose=True)
    assert [cell.value_id for row in turned.rows if isinstance(cell := row[1], Value)] == ["~1", "~2", "~3", "~4"]


def test_the_values_of_an_earlier_result_keep_their_ids() -> None:
    first = query(ACCOUNTS, table="d1.t1", lines=["Revenue"], transpose=True)
    named = [Value.from_wire({**value.to_wire(), "value_id": f"v{n}"}) for n, value in enumerate(first.values(), 7)]
    earlier = ResultTable.from_wire(
        {
            **first.to_wire(),
            "result_id": "r1",
            "rows": [[row[0], value.value_id] for row, value in zip(first.rows, named, strict=True)],
        },
        {value.value_id: value for value in named},
    )
    again = query(
        room=Room.of(values=named, results=[earlier]), table="r1", derive=[{"op": "growth", "column": "Revenue"}]
    )
    assert figure(again, 0, "Revenue").value_id == "v7"
    assert figure(again, 3, "Revenue growth").formula == "(v10 - v9) / v9"
    assert again.source_note == "accounts.csv, Income statement"


def test_a_tidy_cell_says_which_row_and_which_day_it_belongs_to() -> None:
    value = figure(query(SALES, table="d1.t1"), 1, "Total")
    assert value.label == "Total, a2"
    assert value.period is not None
    assert value.period.label == "2019-01-09"


def test_an_aggregate_names_its_rows_its_lines_and_its_filter() -> None:
    table = query(
        SALES,
        table="d1.t1",
        where=[{"column": "Units", "op": ">", "value": 0}],
        group_by=[{"column": "Branch"}],
        aggregates=[{"op": "sum", "column": "Total"}],
    )
    north = figure(table, 0, "Sum of Total")
    assert north.amount == Decimal("40.41")
    assert north.state == "computed"
    assert north.label == "Sum of Total, North"
    assert north.formula == 'sum(Total) over 3 rows where Units > 0 and Branch = "North"'
    assert north.place is not None
    assert dict(north.place.at) == {"lines": (2, 4, 6), "rows_total": 3, "column": 5}
    assert north.period is not None
    assert north.period.label == "2019-01-05 to 2019-03-01"
    south = figure(table, 1, "Sum of Total")
    assert south.formula == 'sum(Total) over 1 row (1 empty) where Units > 0 and Branch = "South"'


def test_a_maximum_points_at_the_row_that_has_it() -> None:
    value = figure(query(SALES, table="d1.t1", aggregates=[{"op": "max", "column": "Total"}]), 0, "Maximum of Total")
    assert value.place is not None
    assert dict(value.place.at)["lines"] == (4,)
    assert value.place.printed == "30.30"


def test_an_aggregate_over_many_rows_lists_two_hundred_lines_and_says_how_many_there_are() -> None:
    ledger = handmade.records({"Total": [1] * 1000})
    value = figure(query(ledger, table="d1.t1", aggregates=[{"op": "sum", "column": "Total"}]), 0, "Sum of Total")
    assert value.place is not None
    place = dict(value.place.at)
    assert (len(place["lines"]), place["rows_total"]) == (200, 1000)


# -- exactness -----------------------------------------------------------------------------------------------------------

MONEY = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**14), max_value=10**14)
HUGE = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=9)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | MONEY | HUGE), min_size=1, max_size=40))
def test_aggregates_are_exact(rows: list[tuple[str, Decimal | None]]) -> None:
    if all(amount is None for _, amount in rows):
        rows = [*rows, ("a", Decimal(0))]
    ledger = handmade.records({"Group": [key for key, _ in rows], "Amount": [amount for _, amount in rows]})
    ops = ["sum", "min", "max", "median", "count"]
    table = query(
        ledger,
        table="d1.t1",
        group_by=[{"column": "Group"}],
        aggregates=[{"op": op, "column": "Amount", "name": op} for op in ops],
    )
    for at, row in enumerate(table.rows):
        amounts = [amount for key, amount in rows if key == row[0] and amount is not None]
        assert column(table, "count")[at] == len(amounts)
        for op, expected in (("sum", exact_sum), ("min", min), ("max", max), ("median", exact_median)):
            found = column(table, op)[at]
            assert (None if found is None else Fraction(found)) == (expected(amounts) if amounts else None), op  # type: ignore[operator]


def exact_sum(amounts: list[Decimal]) -> Fraction:
    return sum((Fraction(amount) for amount in amounts), Fraction(0))


def exact_median(amounts: list[Decimal]) -> Fraction:
    ordered = sorted(Fraction(amount) for amount in amounts)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def test_a_mean_keeps_four_digits_more_than_its_data() -> None:
    table = query(
        SALES, table="d1.t1", aggregates=[{"op": "mean", "column": "Units"}, {"op": "mean", "column": "Total"}]
    )
    assert column(table, "Average of Units") == [Decimal("2.8")]
    assert column(table, "Average of Total") == [Decimal("15.165")]


@given(st.lists(st.decimals(places=2, min_value=1, max_value=10**9), min_size=2, max_size=12))
def test_shares_add_up_to_one_and_the_last_running_sum_is_the_total(amounts: list[Decimal]) -> None:
    ledger = handmade.records({"Name": [f"n{i}" for i in range(len(amounts))], "Amount": amounts})
    table = query(
        ledger, table="d1.t1", derive=[{"op": "share", "column": "Amount"}, {"op": "cumulative", "column": "Amount"}]
    )
    shares = [share for share in column(table, "Share of Amount") if share is not None]
    assert abs(sum(shares) - 1) < Decimal("1e-9")
    assert column(table, "Cumulative Amount")[-1] == sum(amounts)


# -- growth, differences, ratios -----------------------------------------------------------------------------------------


def test_growth_in_a_statement_is_against_the_period_before() -> None:
    table = query(ACCOUNTS, table="d1.t1", lines=["Revenue"], derive=[{"op": "growth", "column": "FY2024"}])
    value = figure(table, 0, "Growth, FY2023 to FY2024")
    assert (value.label, value.shown, value.unit) == ("Revenue growth", "12.3%", "ratio")
    assert value.formula == "(~4 - ~3) / ~3"
    assert value.inputs == ("~4", "~3")
    assert value.period is not None
    assert value.period.label == "FY2024"


def test_growth_from_a_base_that_is_zero_negative_or_empty_is_no_number() -> None:
    table = query(
        ACCOUNTS, table="d1.t1", lines=["Net income"], transpose=True, derive=[{"op": "growth", "column": "Net income"}]
    )
    assert column(table, "Net income growth") == [None, Decimal("-1.25"), None, None]
    assert "no growth from a base that is zero or negative (FY2023, FY2024)" in table.note
    missing = query(ACCOUNTS, table="d1.t1", transpose=True, derive=[{"op": "growth", "column": "Earnings per share"}])
    assert column(missing, "Earnings per share growth")[2:] == [None, None]
    assert "one of the two cells is empty (FY2023, FY2024)" in missing.note


def test_periods_are_compared_in_time_however_the_file_orders_them() -> None:
    backwards = handmade.statement(["2024", "2023"], {"Revenue": [120, 100]})
    upright = query(backwards, table="d1.t1", derive=[{"op": "growth", "column": "2024"}])
    assert column(upright, "Growth, 2023 to 2024") == [Decimal("0.2")]
    turned = query(
        backwards,
        table="d1.t1",
        transpose=True,
        derive=[{"op": "growth", "column": "Revenue"}],
        sort=[{"column": "Period", "descending": True}],
    )
    assert words(turned) == [["2024", "£120", "20.0%"], ["2023", "£100", None]]


def test_a_price_file_with_the_newest_day_first_grows_forwards() -> None:
    prices = handmade.records({"Date": [date(2019, 1, 3), date(2019, 1, 2), date(2019, 1, 1)], "Close": [12, 11, 10]})
    table = query(prices, table="d1.t1", derive=[{"op": "growth", "column": "Close"}])
    assert [row[-1] for row in words(table)] == ["9.1%", "10.0%", None]


def test_a_margin_differs_in_percentage_points_and_does_not_grow() -> None:
    margin = {"op": "ratio", "column": "Gross profit", "against": "Revenue", "name": "Gross margin"}
    table = query(
        ACCOUNTS, table="d1.t1", transpose=True, derive=[margin, {"op": "difference", "column": "Gross margin"}]
    )
    assert [row[-1] for row in words(table)] == [None, "1.5 pp", "−2.0 pp", "2.8 pp"]
    value = figure(table, 3, "Change in Gross margin (pp)")
    assert value.unit == "ratio"
    assert value.inputs == (figure(table, 3, "Gross margin").value_id, figure(table, 2, "Gross margin").value_id)
    error = refusal(
        ACCOUNTS, table="d1.t1", transpose=True, derive=[margin, {"op": "growth", "column": "Gross margin"}]
    )
    assert error.code == "growth_of_percentage"
    assert "difference" in error.text


def test_growth_across_a_missing_year_is_noted() -> None:
    gap = handmade.statement(["2020", "2021", "2023"], {"Revenue": [100, 110, 121]})
    table = query(gap, table="d1.t1", transpose=True, derive=[{"op": "growth", "column": "Revenue"}])
    assert "compared with the last one there is (2023 with 2021)" in table.note


def test_a_quarter_is_not_compared_with_a_year() -> None:
    mixed = handmade.statement(["2023", "Q1 2024"], {"Revenue": [400, 110]})
    error = refusal(mixed, table="d1.t1", transpose=True, derive=[{"op": "growth", "column": "Revenue"}])
    assert "different length" in error.text


def test_growth_by_month_stays_within_its_group() -> None:
    table = query(
        SALES,
        table="d1.t1",
        group_by=[{"column": "Date", "every": "month"}, {"column": "Branch"}],
        aggregates=[{"op": "sum", "column": "Units", "name": "Units"}],
        derive=[{"op": "difference", "column": "Units"}],
    )
    assert words(table) == [
        ["2019-01", "North", "3", None],
        ["2019-01", "South", "1", None],
        ["2019-02", "North", "4", "1"],
        ["2019-02", "South", "1", "0"],
        ["2019-03", "North", "5", "1"],
    ]


def test_growth_over_rows_that_repeat_a_date_is_refused() -> None:
    ledger = handmade.records({"Date": [date(2019, 1, 1)] * 3, "Total": [1, 2, 3]})
    error = refusal(ledger, table="d1.t1", derive=[{"op": "growth", "column": "Total"}])
    assert error.code == "not_one_per_period"
    assert "group_by" in error.text


def test_two_currencies_are_never_added_compared_or_divided() -> None:
    mixed = handmade.records({"Deal": ["a", "b"], "Price": [5, 7], "Fee": [1, 1]}, units={"Price": "USD", "Fee": "GBP"})
    mixed.tables[0].columns[1].units = {1: "GBP"}
    assert refusal(mixed, table="d1.t1", aggregates=[{"op": "sum", "column": "Price"}]).code == "mixed_units"
    assert refusal(mixed, table="d1.t1", sort=[{"column": "Price"}]).code == "mixed_units"
    assert refusal(mixed, table="d1.t1", where=[{"column": "Price", "op": ">", "value": 1}]).code == "mixed_units"
    assert refusal(mixed, table="d1.t1", derive=[{"op": "share", "column": "Price"}]).code == "mixed_units"
    assert (
        refusal(mixed, table="d1.t1", derive=[{"op": "ratio", "column": "Price", "against": "Fee"}]).code
        == "mixed_units"
    )
    assert (
        refusal(mixed, table="d1.t1", derive=[{"op": "growth", "column": "Price", "against": "Fee"}]).code
        == "mixed_units"
    )
    apart = query(mixed, table="d1.t1", group_by=[{"column": "Deal"}], aggregates=[{"op": "sum", "column": "Price"}])
    assert words(apart) == [["a", "$5"], ["b", "£7"]]


@pytest.mark.parametrize(
    ("unit", "against", "expected"),
    [
        ("GBP", "GBP", "ratio"),
        ("GBP", "shares", "GBP/share"),
        ("GBP", "count", "GBP"),
        ("GBP", "GBP/share", "shares"),
        ("GBP/share", "GBP/share", "multiple"),
        ("count", "count", "ratio"),
        ("ratio", "ratio", "multiple"),
    ],
)
def test_a_quotient_has_the_unit_of_what_it_is(unit: str, against: str, expected: str) -> None:
    ledger = handmade.records({"Name": ["a"], "Top": [6], "Bottom": [3]}, units={"Top": unit, "Bottom": against})
    table = query(ledger, table="d1.t1", derive=[{"op": "ratio", "column": "Top", "against": "Bottom"}])
    assert figure(table, 0, "Top / Bottom").unit == expected


def test_a_share_names_the_total_it_is_of_and_hands_it_over() -> None:
    room = Room.of(SALES)
    arguments = {
        "table": "d1.t1",
        "group_by": [{"column": "Branch"}],
        "aggregates": [{"op": "sum", "column": "Units"}],
        "derive": [{"op": "share", "column": "Sum of Units"}],
    }
    table, behind = query_data.run(room, query_data.Args.model_validate(arguments))
    assert isinstance(table, ResultTable)
    assert isinstance(behind, Remark)
    share, total = figure(table, 0, "Share of Sum of Units"), behind.values[0]
    assert share.formula == f"{figure(table, 0, 'Sum of Units').value_id} / {total.value_id}"
    assert (total.amount, total.label) == (Decimal(14), "Sum of Units, all rows")
    assert total.inputs == ("~1", "~2")
    assert f"[[{total.value_id}]] 14" in behind.text


def test_a_running_sum_adds_to_the_one_before() -> None:
    table = query(SALES, table="d1.t1", derive=[{"op": "cumulative", "column": "Total"}])
    assert column(table, "Cumulative Total") == [
        Decimal("10.10"),
        Decimal("30.35"),
        Decimal("60.65"),
        None,
        Decimal("60.66"),
    ]
    third = figure(table, 2, "Cumulative Total")
    assert third.formula == f"{figure(table, 1, 'Cumulative Total').value_id} + {figure(table, 2, 'Total').value_id}"


def test_a_running_sum_whose_predecessor_is_not_shown_names_its_rows_instead() -> None:
    table = query(
        SALES,
        table="d1.t1",
        derive=[{"op": "cumulative", "column": "Units"}],
        sort=[{"column": "Units", "descending": True}],
        limit=1,
    )
    value = figure(table, 0, "Cumulative Units")
    assert (value.amount, value.formula) == (Decimal(14), "sum(Units) over 5 rows")
    assert value.place is not None
    assert dict(value.place.at)["lines"] == (2, 3, 4, 5, 6)


# -- selecting -----------------------------------------------------------------------------------------------------------


def test_lines_and_periods_are_found_in_any_case_and_spelling() -> None:
    table = query(ACCOUNTS, table="t1", lines=["gross  PROFIT", "cost-of-sales"], periods=["2023", "fy 2024"])
    assert words(table) == [["Gross profit", "£20.6m", "£24.9m"], ["Cost of sales", "−£34.5m", "−£37.0m"]]


def test_an_unknown_name_is_refused_with_what_is_there() -> None:
    assert 'did you mean "Gross profit"?' in refusal(ACCOUNTS, table="d1.t1", lines=["Gros profit"]).text
    assert 'did you mean "Total"?' in refusal(SALES, table="d1.t1", sort=[{"column": "Totl"}]).text
    assert '"FY2021", "FY2022"' in refusal(ACCOUNTS, table="d1.t1", periods=["FY1999"]).text
    assert refusal(SALES, table="d1.t9").code == "unknown_table"
    assert refusal(SALES, table="r4").code == "unknown_result"


def test_lines_with_one_label_are_told_apart_by_where_they_stand() -> None:
    twice = handmade.statement(["2023", "2024"], {"Other": [1, 2], "Total": [3, 4]})
    twice.tables[0].columns[0].texts = ["Other", "Other"]
    assert len(query(twice, table="d1.t1", lines=["Other"]).rows) == 2
    turned = query(twice, table="d1.t1", transpose=True)
    assert [head.label for head in turned.columns] == ["Period", "Other (line 2)", "Other (line 3)"]
    assert words(query(twice, table="d1.t1", lines=["Other (line 3)"])) == [["Other", "£3", "£4"]]


def test_two_columns_of_one_name_are_told_apart_by_their_keys() -> None:
    twice = handmade.records({"Amount": [1, 2], "amount ": [3, 4]})
    twice.tables[0].columns[1].label = "Amount"
    assert "c0, c1" in refusal(twice, table="d1.t1", aggregates=[{"op": "sum", "column": "Amount"}]).text
    assert column(query(twice, table="d1.t1", aggregates=[{"op": "sum", "column": "c1"}]), "Sum of Amount") == [
        Decimal(7)
    ]


@given(
    st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
    st.integers(-5, 5),
    st.lists(st.none() | st.integers(-5, 5), min_size=1, max_size=12),
)
def test_numbers_are_compared_as_numbers_and_empty_cells_satisfy_nothing(
    op: str, bound: int, cells: list[int | None]
) -> None:
    ledger = handmade.records({"Row": [f"n{i}" for i in range(len(cells) + 1)], "X": [*cells, 0]})
    compare = {"=": int.__eq__, "!=": int.__ne__, ">": int.__gt__, ">=": int.__ge__, "<": int.__lt__, "<=": int.__le__}[
        op
    ]
    expected = [f"n{at}" for at, cell in enumerate([*cells, 0]) if cell is not None and compare(cell, bound)]
    arguments: dict[str, Any] = {"table": "d1.t1", "where": [{"column": "X", "op": op, "value": bound}]}
    if expected:
        assert [row[0] for row in query(ledger, **arguments).rows] == expected
    else:
        assert refusal(ledger, **arguments).code == "no_rows"


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("=", "2019-02", ["a3", "a4"]),
        ("=", 2019, ["a1", "a2", "a3", "a4", "a5"]),
        (">", "2019-02", ["a5"]),
        (">", "2019-02-03", ["a4", "a5"]),
        (">=", "2019-02", ["a3", "a4", "a5"]),
        ("<", "2019-02-03", ["a1", "a2"]),
        ("<=", "2019-02-03", ["a1", "a2", "a3"]),
        ("between", ["2019-01-09", "2019-02-03"], ["a2", "a3"]),
        ("in", ["2019-01", "2019-03"], ["a1", "a2", "a5"]),
        ("!=", "2019 Q1", []),
    ],
)
def test_dates_are_compared_with_days_months_quarters_and_years(op: str, value: Any, expected: list[str]) -> None:
    arguments: dict[str, Any] = {"table": "d1.t1", "where": [{"column": "Date", "op": op, "value": value}]}
    if not expected:
        assert refusal(SALES, **arguments).code == "no_rows"
        return
    assert [row[0] for row in query(SALES, **arguments).rows] == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"column": "Branch", "op": "=", "value": " north "}, ["a1", "a3", "a5"]),
        ({"column": "Branch", "op": "!=", "value": "North"}, ["a2", "a4"]),
        ({"column": "Branch", "op": "contains", "value": "ORT"}, ["a1", "a3", "a5"]),
        ({"column": "Invoice", "op": "in", "value": ["A1", "a4"]}, ["a1", "a4"]),
        ({"column": "Total", "op": "=", "value": "$20.25"}, ["a2"]),
        ({"column": "Total", "op": "in", "value": ["10.1", 30.3]}, ["a1", "a3"]),
    ],
)
def test_conditions_read_what_a_model_writes(condition: dict[str, Any], expected: list[str]) -> None:
    assert [row[0] for row in query(SALES, table="d1.t1", where=[condition]).rows] == expected


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"column": "Branch", "op": ">", "value": "A"}, "use =, !=, in, not in, contains"),
        ({"column": "Total", "op": "contains", "value": "1"}, "does not fit"),
        ({"column": "Total", "op": "between", "value": 3}, "two values"),
        ({"column": "Total", "op": "=", "value": [1, 2]}, "use in for several"),
        ({"column": "Total", "op": ">", "value": "much"}, "is not one"),
        ({"column": "Date", "op": "=", "value": "1/5/2019"}, "2019-03-31"),
        ({"column": "Branch", "op": "=", "value": "East"}, '"North", "South"'),
        ({"column": "Units", "op": ">", "value": 99}, "from 1 to 5"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_with_what_would(condition: dict[str, Any], said: str) -> None:
    assert said in refusal(SALES, table="d1.t1", where=[condition]).text


# -- grouping by date, sorting, limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "labels"),
    [
        ("week", ["2019-W01", "2019-W02", "2019-W05", "2019-W07", "2019-W09"]),
        ("month", ["2019-01", "2019-02", "2019-03"]),
        ("quarter", ["2019 Q1"]),
        ("year", ["2019"]),
    ],
)
def test_dates_fall_into_buckets(every: str, labels: list[str]) -> None:
    table = query(SALES, table="d1.t1", group_by=[{"column": "Date", "every": every}])
    assert [row[0] for row in table.rows] == labels
    assert sum(count for count in column(table, "Rows") if count) == 5
    period = figure(table, 0, "Rows").period
    assert period is not None
    assert (period.label, period.kind) == (labels[0], every)


def test_a_month_that_the_data_fill_only_in_part_is_noted() -> None:
    days = [date(2019, 1, 1) + timedelta(days=n) for n in range(45)]
    ledger = handmade.records({"Date": days, "Total": [1] * 45})
    table = query(ledger, table="d1.t1", group_by=[{"column": "Date", "every": "month"}])
    assert table.note == "2019-02 ends already on 2019-02-14 in the data"


def test_words_cannot_be_grouped_by_month() -> None:
    error = refusal(SALES, table="d1.t1", group_by=[{"column": "Branch", "every": "month"}])
    assert error.code == "not_dates"


def test_sorting_is_stable_and_leaves_empty_cells_last_either_way() -> None:
    for descending, expected in ((False, ["a5", "a1", "a2", "a3", "a4"]), (True, ["a3", "a2", "a1", "a5", "a4"])):
        table = query(SALES, table="d1.t1", sort=[{"column": "Total", "descending": descending}])
        assert [row[0] for row in table.rows] == expected
    table = query(SALES, table="d1.t1", sort=[{"column": "Branch"}, {"column": "Date", "descending": True}])
    assert [row[0] for row in table.rows] == ["a5", "a3", "a1", "a4", "a2"]


def test_a_limited_answer_says_what_is_left_out() -> None:
    table = query(SALES, table="d1.t1", limit=2)
    assert (len(table.rows), table.rows_total) == (2, 5)
    assert table.note == "the first 2 of 5 rows; raise limit (at most 1,000)"


def test_an_answer_holds_at_most_four_thousand_values() -> None:
    wide = handmade.records({f"x{n}": list(range(600)) for n in range(10)})
    table = query(wide, table="d1.t1", limit=1000)
    assert len(table.values()) == 4000
    assert "at most 4,000 values" in table.note


def test_columns_are_kept_by_name_with_what_names_the_row() -> None:
    table = query(ACCOUNTS, table="d1.t1", columns=["FY2024"], lines=["Revenue"])
    assert words(table) == [["Revenue", "£61.9m"]]
    grouped = query(
        SALES,
        table="d1.t1",
        columns=["Total"],
        group_by=[{"column": "Branch"}],
        aggregates=[{"op": "sum", "column": "Total"}, {"op": "count"}],
    )
    assert [head.label for head in grouped.columns] == ["Branch", "Sum of Total"]


def test_document_text_cannot_plant_ids() -> None:
    planted = handmade.records({"Name [[v1]]": ["~1", "[[v9]] ~2"], "Total": [1, 2]})
    table = query(
        planted, table="d1.t1", group_by=[{"column": "Name [[v1]]"}], aggregates=[{"op": "sum", "column": "Total"}]
    )
    assert [row[0] for row in table.rows] == ["~ 1", "[[v9]] ~2"]
    assert all("~2" not in value.formula for value in table.values())


def test_a_year_column_of_numbers_is_time_and_not_a_figure() -> None:
    yearly = handmade.records({"Year": [2020, 2021, 2022], "Sales": [100, 110, 121]}, units={"Sales": "EUR"})
    table = query(yearly, table="d1.t1", derive=[{"op": "growth", "column": "Sales"}])
    assert words(table) == [["2020", "€100", None], ["2021", "€110", "10.0%"], ["2022", "€121", "10.0%"]]
    assert len(query(yearly, table="d1.t1", where=[{"column": "Year", "op": ">=", "value": 2021}]).rows) == 2
