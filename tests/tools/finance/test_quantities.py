"""Quantities: what units make of sums, products and quotients, and which of them are worded as percentages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.finance import functions
from tools.finance.quantities import Quantity, add, compared, divide, multiply, raised
from tools.refusals import ToolError

UNITS = ["GBP", "USD", "GBP/share", "shares", "ratio", "multiple", "days", "count"]
AMOUNTS = st.integers(-1_000, 1_000).filter(bool).map(Decimal)
QUANTITIES = st.builds(Quantity.of, AMOUNTS, st.sampled_from(UNITS)) | AMOUNTS.map(Quantity.numeral)


def of(amount: str, unit: str) -> Quantity:
    return Quantity.of(Decimal(amount), unit)


def test_the_unit_of_a_quotient_follows_from_what_it_is_a_quotient_of() -> None:
    pounds, shops, staff, margin = of("200", "GBP"), of("3", "count"), of("12", "count"), of("0.25", "ratio")
    assert divide(pounds, of("160", "GBP")).unit == "ratio"
    assert divide(pounds, of("40", "shares")).unit == "GBP/share"
    assert divide(pounds, of("365", "days")).unit == "GBP"
    assert divide(staff, shops).unit == "ratio"
    assert divide(staff, Quantity.numeral(4)).unit == "count"
    assert divide(Quantity.numeral(1), shops).unit == "count"
    assert divide(of("12.5", "count"), Quantity.numeral(100)).unit == "ratio"
    assert divide(margin, Quantity.numeral(100)).unit == "ratio"
    assert divide(margin, of("0.2", "ratio")).unit == "multiple"
    assert divide(multiply(pounds, margin), pounds).unit == "ratio"


def test_the_growth_of_a_margin_is_a_ratio_and_not_a_multiple() -> None:
    now, before = of("0.25", "ratio"), of("0.20", "ratio")
    assert divide(add(now, before, -1), before).unit == "ratio"


@pytest.mark.parametrize("name", ["average", "mean", "median", "stdev", "min", "max", "sum", "abs", "round"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_statistic_keeps_the_unit_of_its_figures(name: str, unit: str) -> None:
    figures = [of("3", unit), of("4", unit)]
    taken = figures[:1] if functions.FUNCTIONS[name].most else figures
    assert functions.call(name, taken).unit == unit


@pytest.mark.parametrize("unit", ["GBP", "count"])
def test_a_payment_is_in_the_unit_of_its_loan(unit: str) -> None:
    terms = [Quantity.numeral(Decimal("0.05")), Quantity.numeral(12), of("1000", unit)]
    assert [functions.call(name, terms).unit for name in ("pmt", "pv", "fv")] == [unit] * 3


def test_a_ratio_times_a_written_hundred_is_a_plain_number_and_no_ratio_is_added_to_it() -> None:
    ratio = of("0.134", "ratio")
    percent = multiply(ratio, Quantity.numeral(100))
    assert (percent.amount, percent.unit) == (Decimal("13.400"), "count")
    assert multiply(Quantity.numeral(100), ratio).unit == "count"
    assert multiply(ratio, of("100", "count")).unit == "ratio"
    assert divide(percent, Quantity.numeral(100)).unit == "ratio"
    with pytest.raises(ToolError, match="100"):
        add(percent, ratio)


def test_a_power_of_none_is_a_plain_one() -> None:
    one = raised(of("200", "GBP"), Quantity.numeral(0))
    assert add(one, Quantity.numeral(1)).amount == 2
    assert raised(of("3", "count"), Quantity.numeral(2)).unit == "count"


def test_a_daily_rate_compounds_over_years_and_towers_of_powers_do_not() -> None:
    daily = Quantity.numeral(Decimal("1.0001"))
    assert Decimal("1.44") < raised(daily, Quantity.numeral(3_650)).amount < Decimal("1.441")
    for one, exponent in (("9", 387_420_489), ("1.0001", 10_001), ("2", 10_000), ("0.5", 9_999)):
        with pytest.raises(ToolError) as caught:
            raised(Quantity.numeral(Decimal(one)), Quantity.numeral(exponent))
        assert caught.value.code == "out_of_range"


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("0.125", 2, "0.13"), ("61904", -3, "62000"), ("0", 15, "0")],
)
def test_rounding_is_half_away_from_zero_as_in_published_accounts(amount: str, places: int, expected: str) -> None:
    assert functions.call("round", [of(amount, "GBP"), Quantity.numeral(places)]).amount == Decimal(expected)


def test_a_figure_of_forty_digits_is_not_rounded_to_fifteen_places() -> None:
    with pytest.raises(ToolError) as caught:
        functions.call("round", [Quantity.numeral(Decimal(10) ** 40), Quantity.numeral(15)])
    assert caught.value.code == "out_of_range"


def test_flows_with_several_rates_of_return_have_none() -> None:
    def irr(*flows: int) -> Decimal:
        return functions.call("irr", [Quantity.numeral(flow) for flow in flows]).amount

    assert abs(irr(-100, 60, 60) - Decimal("0.130662386291808")) < Decimal("1e-14")
    assert abs(irr(-100, 120, -10, 50) - Decimal("0.38761124334661")) < Decimal("1e-14")  # may have three, and has one
    for flows in ((-1, 6, -11, 6), (-100, 230, -132), (-100, 230, -20), (1, 1), (0, 0)):
        with pytest.raises(ToolError) as caught:
            irr(*flows)
        assert caught.value.code == "no_solution"


def test_days_are_no_number_of_years() -> None:
    with pytest.raises(ToolError, match="years"):
        functions.call("cagr", [of("200", "GBP"), of("160", "GBP"), of("730", "days")])


@given(QUANTITIES, QUANTITIES, QUANTITIES)
def test_sums_and_products_do_not_depend_on_the_order(one: Quantity, other: Quantity, third: Quantity) -> None:
    assert multiply(one, other) == multiply(other, one)
    try:
        total = add(add(one, other), third)
    except ToolError:
        with pytest.raises(ToolError):
            add(add(third, other), one)
    else:
        again = add(add(third, other), one)
        assert (again.amount, dict(again.dimensions)) == (total.amount, dict(total.dimensions))


@given(QUANTITIES, QUANTITIES)
def test_what_can_be_compared_can_be_added_and_the_other_way_round(one: Quantity, other: Quantity) -> None:
    try:
        add(one, other)
    except ToolError:
        with pytest.raises(ToolError):
            compared(one, other)
    else:
        assert compared(one, other) == -compared(other, one)


@given(QUANTITIES.filter(lambda one: one.unit != "GBP"))
def test_pounds_are_never_added_to_what_has_another_unit(other: Quantity) -> None:
    if not other.is_bare:
        with pytest.raises(ToolError):
            add(of("1", "GBP"), other)


def test_more_flows_than_a_loan_has_months_are_no_question_for_a_rate_of_return() -> None:
    with pytest.raises(ToolError, match="2 to 400 figures"):
        functions.call("irr", [Quantity.numeral(1)] * (functions.MOST_FLOWS + 1))
