"""Answers that were wrong, or to another question, when a reader first asked for them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

HOLED = ("m.csv", "Month,Sales\n" + "".join(f"2023-{m:02d},{'oops' if m == 5 else 60 + m}\n" for m in range(1, 13)))
YEARS = ("y.csv", "Year,Sales,Profit\n2022,130,12\n2020,100,10\n2021,120,15\n2023,160,20\n")
LONG = ("long.csv", "Fiscal year,Sales\n" + "".join(f"FY{2010 + n},{100 + 10 * n}\n" for n in range(12)))
COSTS_SHEET = (
    "Income statement (USD m)\n,FY2022,FY2023,FY2024\nNet sales,100,110,130\nCost of goods sold,(40),(45),(60)\n"
    "Marketing expenses,(10),(12),(20)\nInterest expense,(2),(2),3\nOperating profit,42,44,40.5\n"
)
COSTS = ("c.csv", COSTS_SHEET)
UNCOUNTED = ("u.csv", "Shop,Sales\n" + "".join(f"{shop},{n}\n" for n, shop in enumerate("ABCABCABC", 1)))


def test_an_average_says_how_many_rows_hold_a_figure(desk_with: Callable[..., Any]) -> None:
    said = desk_with(HOLED).ask("Average sales")
    assert "averages 66.64, over 11 of 12 rows; the others hold no figure." in said.shown, said.shown
    assert Decimal(11) in said.amounts()


@pytest.mark.parametrize(
    ("file", "question", "sentence"),
    [
        (
            YEARS,
            "How did sales develop? Chart it.",
            "Sales rose every year, from 100 in 2020 to 160 in 2023, 60.0% more",
        ),
        (YEARS, "What was profit in 2022?", "Profit was 12 in 2022, 20.0% less than in 2021 (15)."),
        (YEARS, "Which year had the highest profit?", "Profit was highest in 2023, at 20"),
        (YEARS, "What was the net margin in 2023?", "Net margin was 12.5% in 2023"),
        (YEARS, "Profit in 2019", "covers 2020 to 2023; it has nothing for 2019"),
        (YEARS, "Which column grew most?", "I do not rank the columns of a table whose rows are years."),
        (LONG, "How did sales develop?", "from 100 in FY2010 to 210 in FY2021"),
    ],
)
def test_rows_that_are_years_are_told_in_time(
    desk_with: Callable[..., Any], file: tuple[str, str], question: str, sentence: str
) -> None:
    said = desk_with(file).ask(question)
    assert sentence in said.shown, said.shown
    assert not said.refusals
    assert bool(said.charts) == ("develop" in question or "highest" in question)


def test_an_overview_of_years_finishes(desk_with: Callable[..., Any]) -> None:
    said = desk_with(YEARS).ask("What is in this file?")
    assert "over four years, 2020 to 2023" in said.shown, said.shown
    assert not said.refusals


def test_units_sold_are_counted_and_not_valued(sales: Any, desk_with: Callable[..., Any]) -> None:
    said = sales.ask("Which product line sold the most units?")
    assert "*Kitchen* leads: total *Quantity* is 387,910" in said.shown, said.shown
    assert "Revenue" not in said.shown
    abstained = desk_with(UNCOUNTED).ask("Which shop sold the most units?")
    assert "u.csv has no column of “units” that I can tell." in abstained.shown, abstained.shown


@pytest.mark.parametrize(
    ("question", "called"),
    [
        ("Show a candlestick chart", "candlestick"),
        ("radar chart of revenue by region", "radar chart"),
        ("Show it as a waterfall", "waterfall"),
        ("an area chart of revenue by month", "area chart"),
    ],
)
def test_a_chart_that_cannot_be_drawn_is_named_and_the_others_are_offered(
    sales: Any, question: str, called: str
) -> None:
    sales.ask("How did revenue develop?")
    said = sales.ask(question)
    assert f"I do not draw “{called}”. The kinds of chart I have are line, bar, stacked bar and pie." in said.shown
    assert not said.cited
    assert not said.charts


@pytest.mark.parametrize(
    "question",
    [
        "cumulative revenue by month",
        "revenue per unit by region",
        "top 3 products by revenue in each region",
        "lowest monthly revenue by region",
        "90th percentile of revenue by region",
        "standard deviation of revenue by region",
        "rolling 3 month average of revenue",
    ],
)
def test_an_operation_that_is_not_worked_out_is_never_answered_with_another(sales: Any, question: str) -> None:
    said = sales.ask(question)
    assert "I do not work out “" in said.shown
    assert not said.cited


@pytest.mark.parametrize("ratio", ["inventory days", "interest cover", "quick ratio", "ROCE"])
def test_a_ratio_that_is_not_worked_out_is_named(desk_with: Callable[..., Any], ratio: str) -> None:
    said = desk_with(COSTS).ask(f"What was the {ratio} in FY2024?")
    assert f"I do not work out *{ratio.casefold()}*" in said.shown, said.shown
    assert not said.cited


def test_a_line_of_such_a_name_is_shown_all_the_same(desk_with: Callable[..., Any]) -> None:
    own = ("own.csv", "Key figures\n,FY2022,FY2023\nInterest cover,4.0,5.0\nRevenue,10,11\n")
    assert "Interest cover" in desk_with(own).ask("How did interest cover develop?").shown.partition("rose")[0]


def test_costs_in_brackets_are_compared_by_their_sizes(desk_with: Callable[..., Any]) -> None:
    said = desk_with(COSTS).ask("Which expenses grew most in 2024?")
    assert "*Marketing expenses* (166.7%) grew most, followed by *Cost of goods sold* (133.3%)." in said.shown, (
        said.shown
    )
    assert "Interest" not in said.shown
    assert not said.refusals
    assert said.charts


def test_the_share_of_a_cost_has_no_metric_of_the_other_sign(desk_with: Callable[..., Any]) -> None:
    said = desk_with(COSTS).ask("Cost of goods sold as a share of net sales")
    assert "was 46.2% in FY2024, 5.2 percentage points above FY2023." in said.shown, said.shown
    assert "sizes are told here" in said.shown
    assert not said.metrics


def test_a_course_over_years_of_several_rows_is_declined(desk_with: Callable[..., Any]) -> None:
    said = desk_with(("g.csv", "Year,Region,Sales\n2020,EU,10\n2020,US,5\n2021,EU,12\n2021,US,9\n")).ask(
        "How did sales develop?"
    )
    assert "I cannot tell a course where a year has several rows" in said.shown, said.shown
    assert "Sales by Year" in said.suggestions
