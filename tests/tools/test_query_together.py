"""Querying across rows and tables: joins, pivots, windows, ranks, gaps, dates counted back; exact, with lineage, or refused."""

from __future__ import annotations

import statistics
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.test_query_data import ACCOUNTS, column, figure, query, refusal, words
from tools.documents import handmade
from tools.refusals import ToolError
from tools.results import ResultTable
from tools.values import Value

DAYS = ["2023-01-05", "2023-01-20", "2023-02-03", "2023-04-30", "2024-01-09", "2024-02-01"]
SALES = handmade.records(
    {
        "Date": [date.fromisoformat(day) for day in DAYS],
        "Region": ["North", "South", "North", "South", "North", "South"],
        "Product": ["Tea", "Tea", "Coffee", "Tea", "Tea", "Coffee"],
        "Amount": [Decimal("10.10"), Decimal("20.20"), Decimal("0.01"), Decimal(40), Decimal(50), Decimal("9.99")],
    },
    units={"Amount": "GBP"},
)
PLAN = handmade.records(
    {"region": [" north ", "SOUTH", "West"], "Budget": [Decimal(70), Decimal(60), Decimal(5)]},
    units={"Budget": "GBP"},
    name="plan.csv",
)
BALANCE = handmade.statement(["FY2022", "FY2023", "FY2024"], {"Total equity": [500, 600, 800]}, name="balance.csv")
SUM = [{"op": "sum", "column": "Amount"}]


def sales(**arguments: Any) -> ResultTable:
    return query(SALES, PLAN, table="d1.t1", **arguments)


def refused(**arguments: Any) -> ToolError:
    return refusal(SALES, PLAN, **{"table": "d1.t1", **arguments})


def amounts(*shown: object) -> list[Decimal | None]:
    return [None if each is None else Decimal(str(each)) for each in shown]


# -- joins ---------------------------------------------------------------------------------------------------------------


def test_a_join_sets_figures_of_another_table_beside_each_row_and_keeps_their_places() -> None:
    both = sales(join=[{"table": "d2.t1", "on": [{"column": "Region", "matches": "region"}]}])
    assert column(both, "Budget") == amounts(70, 60, 70, 60, 70, 60)
    cell = figure(both, 1, "Budget")
    assert cell.state == "tied"
    assert cell.place is not None
    assert dict(cell.place.at)["line"] == 3
    assert "1 row of d2.t1 match no row of d1.t1" in both.note
    assert "a figure of d2.t1 stands beside up to 3 rows, so their sum would repeat it" in both.note


def test_a_join_that_would_repeat_figures_is_refused_with_the_way_round() -> None:
    many = refusal(
        PLAN, SALES, table="d1.t1", join=[{"table": "d2.t1", "on": [{"column": "region", "matches": "Region"}]}]
    )
    assert many.code == "several_matches"
    assert "start from d2.t1 and join d1.t1 to it" in many.text
    both = refused(join=[{"table": "d1.t1", "on": [{"column": "Region"}]}])
    assert both.code == "many_to_many"
    assert "group one of them by it first" in both.text


def test_lines_of_two_statements_meet_in_their_periods_though_one_has_only_their_ends() -> None:
    table = query(
        ACCOUNTS,
        BALANCE,
        table="d1.t1",
        lines=["Revenue"],
        transpose=True,
        join=[{"table": "d2.t1", "on": [{"column": "Period"}]}],
        derive=[{"op": "ratio", "column": "Revenue", "against": "Total equity"}],
    )
    assert column(table, "Total equity") == amounts(None, 500, 600, 800)
    assert "1 row without a match in d2.t1 left empty (FY2021)" in table.note
    assert figure(table, 3, "Revenue / Total equity").amount == Decimal(61904000) / 800


def test_only_matching_rows_are_kept_where_that_is_asked_and_no_match_at_all_is_refused() -> None:
    kept = query(
        PLAN,
        handmade.records({"region": ["north"], "Heads": [3]}, name="heads.csv"),
        table="d1.t1",
        join=[{"table": "d2.t1", "on": [{"column": "region"}], "keep": "matching"}],
    )
    assert [row[0] for row in kept.rows] == ["north"]
    none = refused(join=[{"table": "d2.t1", "on": [{"column": "Product", "matches": "region"}]}])
    assert none.code == "no_match"
    assert '"Tea", "Coffee"' in none.text
    assert '"SOUTH"' in none.text


def test_joined_columns_of_one_name_are_told_apart() -> None:
    other = handmade.statement(["FY2023", "FY2024"], {"Revenue": [1, 2]}, name="other.csv")
    table = query(ACCOUNTS, other, table="d1.t1", join=[{"table": "d2.t1", "on": [{"column": "column 1"}]}])
    labels = [head.label for head in table.columns]
    assert len(set(labels)) == len(labels) == 7


# -- pivots and gaps -----------------------------------------------------------------------------------------------------


def test_a_pivot_has_a_column_for_each_word_and_every_cell_its_rows() -> None:
    table = sales(group_by=[{"column": "Region"}], pivot={"column": "Product", "totals": True}, aggregates=SUM)
    assert words(table) == [["North", "£60.10", "£0.01", "£60.11"], ["South", "£60.20", "£9.99", "£70.19"]]
    assert [head.label for head in table.columns] == ["Region", "Tea", "Coffee", "All"]
    cell = figure(table, 0, "Tea")
    assert cell.place is not None
    assert dict(cell.place.at)["lines"] == (2, 6)
    assert cell.formula == 'sum(Amount) over 2 rows where Region = "North" and Product = "Tea"'


def test_a_pivot_over_periods_is_a_statement_that_can_grow() -> None:
    table = sales(
        group_by=[{"column": "Region"}],
        pivot={"column": "Date", "every": "year"},
        aggregates=SUM,
        derive=[{"op": "growth", "column": "2024"}],
    )
    assert round(figure(table, 0, "Growth, 2023 to 2024").amount, 6) == Decimal("3.945598")


def test_a_pivot_with_more_columns_than_fit_is_refused() -> None:
    wide = handmade.records({"Name": [f"n{at}" for at in range(90)], "Amount": [1] * 90})
    assert refusal(wide, table="d1.t1", pivot={"column": "Name"}).code == "too_many_columns"


def test_months_without_a_row_are_there_when_asked_for_and_empty() -> None:
    by = {"column": "Date", "every": "month", "gaps": True}
    table = sales(where=[{"column": "Date", "op": "=", "value": "2023"}], group_by=[by], aggregates=SUM)
    assert [row[0] for row in table.rows] == ["2023-01", "2023-02", "2023-03", "2023-04"]
    assert column(table, "Sum of Amount") == amounts("30.30", "0.01", None, 40)
    assert "1 group without a row: no figure, not zero" in table.note


# -- aggregates ----------------------------------------------------------------------------------------------------------

CENTS = st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=30)


@given(cents=CENTS, percent=st.integers(0, 100))
def test_spreads_and_percentiles_are_those_of_statistics(cents: list[int], percent: int) -> None:
    values = [Decimal(each).scaleb(-2) for each in cents]
    figures: list[dict[str, Any]] = [
        {"op": "std", "column": "Amount"},
        {"op": "percentile", "column": "Amount", "percent": percent},
        {"op": "distinct", "column": "Amount"},
    ]
    table = query(handmade.records({"Amount": values}), table="d1.t1", aggregates=figures)
    found = [cell.amount for cell in table.values()]
    ranked = sorted(values)
    spot = Decimal(percent) / 100 * (len(ranked) - 1)
    low, high = ranked[int(spot)], ranked[min(int(spot) + 1, len(ranked) - 1)]
    assert found[1:] == [low + (spot - int(spot)) * (high - low), len(set(values))]
    assert float(found[0]) == pytest.approx(float(statistics.stdev(values)), rel=1e-9, abs=1e-9)


def test_first_and_last_are_so_in_time() -> None:
    figures = [
        {"op": "first", "column": "Amount"},
        {"op": "last", "column": "Amount"},
        {"op": "last", "column": "Date"},
    ]
    shuffled = handmade.records(
        {"Date": [date(2024, 1, 3), date(2024, 1, 1), date(2024, 1, 2)], "Amount": [3, 1, 2]}, units={"Amount": "GBP"}
    )
    table = query(shuffled, table="d1.t1", aggregates=figures)
    assert column(table, "First of Amount") == amounts(1)
    assert column(table, "Last of Amount") == amounts(3)
    assert table.rows[0][-1] == "2024-01-03"
    assert dict(figure(table, 0, "Last of Amount").place.at)["lines"] == (2,)  # type: ignore[union-attr]


# -- windows, ranks, shares ----------------------------------------------------------------------------------------------

MONTHS = handmade.records(
    {
        "Date": [date(2022 + at // 12, at % 12 + 1, 1) for at in range(24) if at != 5],
        "Amount": [Decimal(100 + at) for at in range(24) if at != 5],
    },
    units={"Amount": "EUR"},
)
MONTHLY: dict[str, Any] = {"group_by": [{"column": "Date", "every": "month"}], "aggregates": SUM}


def test_a_rolling_figure_needs_a_full_window_and_names_its_rows() -> None:
    rolling = {"op": "rolling_mean", "column": "Sum of Amount", "window": 3, "name": "Average"}
    table = query(MONTHS, table="d1.t1", **MONTHLY, derive=[rolling], limit=10)
    assert column(table, "Average")[:8] == amounts(None, None, 101, 102, 103, None, None, 107)
    value = figure(table, 2, "Average")
    assert value.period is not None
    assert (value.period.label, value.formula) == ("2022-01 to 2022-03", "mean(Sum of Amount) over 3 rows")
    assert len(value.inputs) == 3
    assert "a period of the window is missing (2 rows, such as 2022-07)" in table.note


def test_growth_over_twelve_months_compares_the_same_month_although_one_is_missing() -> None:
    growth = {"op": "growth", "column": "Sum of Amount", "back": 12, "name": "Growth"}
    table = query(MONTHS, table="d1.t1", **MONTHLY, derive=[growth])
    found = dict(zip([row[0] for row in table.rows], column(table, "Growth"), strict=True))
    assert found["2023-01"] == Decimal("0.12")
    assert found["2023-06"] is None  # there is no June 2022
    assert found["2023-12"] == round(Decimal(12) / 111, 12)


APART = handmade.records(
    {
        "Date": [date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2023, 4, 1), None],
        "Region": ["N", "S", "N", "S", "N"],
        "Amount": [100, 300, 110, 330, 5],
    }
)


@pytest.mark.parametrize("undated", [False, True])
def test_series_of_a_group_stay_apart_though_no_period_repeats(undated: bool) -> None:
    where = [] if undated else [{"column": "Date", "op": "not empty"}]
    derive = [{"op": op, "column": "Sum of Amount", "name": op} for op in ("growth", "cumulative", "index")]
    keys = [{"column": "Region"}, {"column": "Date", "every": "month"}]
    table = query(APART, table="d1.t1", where=where, group_by=keys, aggregates=SUM, derive=derive)
    rows = {(row[0], row[1]): [c.amount if isinstance(c, Value) else None for c in row[3:]] for row in table.rows}
    assert rows["S", "2023-02"] == [None, 300, 100]
    assert rows["N", "2023-03"] == [Decimal("0.1"), 210, 110]
    assert rows["S", "2023-04"] == [Decimal("0.1"), 630, 110]
    assert ("rows without a date are left out" in table.note) == undated


@pytest.mark.parametrize("op", ["rolling_sum", "cumulative", "index"])
def test_a_year_is_not_added_to_its_quarters(op: str) -> None:
    mixed = handmade.statement(["Q3 2023", "Q4 2023", "FY2023"], {"Revenue": [2, 3, 9]})
    derive = {"op": op, "column": "Revenue", **({"window": 2} if op == "rolling_sum" else {})}
    assert refusal(mixed, table="d1.t1", transpose=True, derive=[derive]).code == "unlike_periods"


def test_months_are_missed_in_plain_rows_too() -> None:
    derive = [
        {"op": "growth", "column": "Amount", "back": 12, "name": "Growth"},
        {"op": "rolling_sum", "column": "Amount", "window": 3, "name": "Rolling"},
    ]
    table = query(MONTHS, table="d1.t1", derive=derive)
    found = dict(zip([row[0] for row in table.rows], column(table, "Growth"), strict=True))
    assert (found["2023-06-01"], found["2023-01-01"]) == (None, Decimal("0.12"))
    assert column(table, "Rolling")[3:7] == amounts(306, 309, None, None)


def test_the_total_of_a_line_over_periods_names_each_of_its_cells() -> None:
    total = {"op": "sum", "column": "Total equity"}
    table = query(BALANCE, table="d1.t1", transpose=True, aggregates=[total])
    value = figure(table, 0, "Sum of Total equity")
    assert (value.amount, value.place, len(value.inputs)) == (1900, None, 3)


def test_codes_that_differ_by_a_sign_do_not_match() -> None:
    rated = handmade.records({"Rating": ["AA+", "BBB"], "Amount": [1, 2]})
    risks = handmade.records({"Rating": ["aa-", "bbb"], "PD": [3, 4]}, name="risks.csv")
    table = query(rated, risks, table="d1.t1", join=[{"table": "d2.t1", "on": [{"column": "Rating"}]}])
    assert column(table, "PD") == amounts(None, 4)


def test_rows_are_grouped_by_an_amount_and_not_by_how_it_is_printed() -> None:
    table = query(
        handmade.records({"Amount": [Decimal("1.0"), 1, 1200001]}), table="d1.t1", group_by=[{"column": "Amount"}]
    )
    assert words(table) == [["1", "2"], ["1200001", "1"]]


def test_ranks_and_shares_within_a_group() -> None:
    derive = [
        {"op": "rank", "column": "Sum of Amount", "within": "Region"},
        {"op": "share", "column": "Sum of Amount", "within": "Region"},
    ]
    keys = [{"column": "Region"}, {"column": "Product"}]
    table = sales(group_by=keys, aggregates=SUM, derive=derive)
    assert column(table, "Rank by Sum of Amount") == amounts(1, 2, 1, 2)
    shares = column(table, "Share of Sum of Amount in Region")
    assert [round(sum(filter(None, shares[at : at + 2])), 9) for at in (0, 2)] == [1, 1]
    value = figure(table, 1, "Rank by Sum of Amount")
    assert value.formula == f"rank of {value.inputs[0]} among 2, highest first"


def test_the_top_of_each_group_is_what_sorting_put_first() -> None:
    table = sales(sort=[{"column": "Amount", "descending": True}], first_of_each={"column": "Region", "rows": 1})
    assert [row[1] for row in table.rows] == ["North", "South"]
    assert column(table, "Amount") == amounts(50, 40)


def test_an_index_starts_at_100_for_every_series() -> None:
    table = query(MONTHS, table="d1.t1", **MONTHLY, derive=[{"op": "index", "column": "Sum of Amount"}], limit=3)
    assert column(table, "Sum of Amount (first = 100)") == amounts(100, 101, 102)


@pytest.mark.parametrize(
    ("derive", "code"),
    [
        ({"op": "rolling_sum", "column": "Amount"}, "arguments"),
        ({"op": "rank", "column": "Amount", "window": 3}, "arguments"),
        ({"op": "ratio", "column": "Amount"}, "arguments"),
        ({"op": "cumulative", "column": "Amount", "within": "Region"}, "arguments"),
        ({"op": "share", "column": "Amount", "back": 12}, "arguments"),
        ({"op": "rolling_sum", "column": "Amount", "window": 400}, "window"),
        ({"op": "rank", "column": "Amount", "within": "Amount"}, "not_words"),
    ],
)
def test_what_a_derivation_cannot_mean_is_refused(derive: dict[str, Any], code: str) -> None:
    assert refused(derive=[derive]).code == code


def test_two_currencies_are_not_ranked_pooled_or_rolled() -> None:
    mixed = handmade.records({"Name": ["a", "b"], "Amount": [1, 2]}, units={"Amount": "GBP"})
    mixed.tables[0].columns[1].units[1] = "USD"
    for derive in ({"op": "rank", "column": "Amount"}, {"op": "rolling_sum", "column": "Amount", "window": 2}):
        assert refusal(mixed, table="d1.t1", derive=[derive]).code == "mixed_units"
    for op in ("std", "median", "last"):
        assert refusal(mixed, table="d1.t1", aggregates=[{"op": op, "column": "Amount"}]).code == "mixed_units"


# -- dates and empty cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "value", "rows"),
    [
        ("before", "2023-02", 2),
        ("after", "2023", 2),
        ("last", "1 month", 2),
        ("last", "12 months", 4),
        ("last", "1 quarter", 2),
        ("last", "30 days", 2),
        ("last", "year to date", 2),
        ("not in", ["2023-01", "2024-01"], 3),
    ],
)
def test_dates_are_counted_and_counted_back(op: str, value: object, rows: int) -> None:
    assert len(sales(where=[{"column": "Date", "op": op, "value": value}]).rows) == rows


@pytest.mark.parametrize("value", ["soon", "0 months", 3, None])
def test_a_stretch_that_is_none_is_refused(value: object) -> None:
    assert refused(where=[{"column": "Date", "op": "last", "value": value}]).code == "bad_condition"


def test_empty_cells_can_be_found_and_left_out() -> None:
    gappy = handmade.records({"Name": ["a", "", "c"], "Amount": [1, 2, None]})
    assert len(query(gappy, table="d1.t1", where=[{"column": "Amount", "op": "not empty"}]).rows) == 2
    assert column(query(gappy, table="d1.t1", where=[{"column": "Name", "op": "empty"}]), "Amount") == amounts(2)
