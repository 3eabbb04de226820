"""Metrics: one figure, an honest change, a line of where it came from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tools import create_metric
from tools.dataroom import Room
from tools.refusals import ToolError
from tools.results import Metric
from tools.units import show
from tools.values import Period, Value


def value(number: int, amount: int | str, unit: str = "GBP") -> Value:
    period = Period(f"FY{2020 + number}", "year")
    return Value(f"v{number}", f"Figure {number}", Decimal(amount), unit, show(Decimal(amount), unit), "tied", period)


def metric(*values: Value, **arguments: Any) -> Metric:
    given = {"label": "Revenue", "value": "v2", **arguments}
    (made,) = create_metric.run(Room.of(values=values), create_metric.Args.model_validate(given))
    assert isinstance(made, Metric)
    return made


def test_the_change_of_an_amount_is_its_growth_and_a_value_of_its_own() -> None:
    made = metric(value(1, 55_120_000), value(2, 61_904_000), against="v1")
    change = made.payload["change"]
    assert (change["shown"], change["direction"], change["against"]) == ("+12.3%", "up", "FY2021")
    assert change["value"]["formula"] == "(v2 - v1) / v1"
    assert change["value"]["label"] == "Revenue growth"
    assert made.summary == "Metric “Revenue”: [[v2]] £61.9m, change [[~1]] +12.3% against FY2021"
    assert set(made.payload) == {"label", "value", "change"}


@pytest.mark.parametrize(
    ("base", "amount", "unit", "shown", "direction", "change_unit"),
    [
        ("0.382", "0.37", "ratio", "−1.2 pp", "down", "ratio"),
        ("0.37", "0.382", "ratio", "+1.2 pp", "up", "ratio"),
        ("100", "80", "GBP", "−20.0%", "down", "ratio"),
        ("100", "100", "GBP", "0.0%", "flat", "ratio"),
        ("-5", "10", "GBP", "+£15", "up", "GBP"),
        ("0", "-10", "USD", "−$10", "down", "USD"),
    ],
)
def test_a_change_is_worded_by_what_it_is(
    base: str, amount: str, unit: str, shown: str, direction: str, change_unit: str
) -> None:
    change = metric(value(1, base, unit), value(2, amount, unit), against="v1").payload["change"]
    assert (change["shown"], change["direction"], change["value"]["unit"]) == (shown, direction, change_unit)


def test_two_figures_of_one_period_are_told_apart_by_their_labels() -> None:
    north, south = (
        value(1, 50),
        Value("v2", "Total, South", Decimal(60), "GBP", "£60", "computed", Period("FY2021", "year")),
    )
    assert metric(north, south, value="v1", against="v2").payload["change"]["against"] == "Total, South"


def test_the_sparkline_has_periods_and_numbers() -> None:
    made = metric(value(1, 5), value(2, 6), value(3, "7.5"), sparkline=["v1..v2", "[[v3]]"])
    assert made.payload["sparkline"] == {"periods": ["FY2021", "FY2022", "FY2023"], "values": [5, 6, 7.5]}
    assert [each.value_id for each in made.values] == ["v2", "v1", "v3"]


def test_a_typed_figure_is_open() -> None:
    shown = metric(value=3.5).payload["value"]
    assert (shown["state"], shown["amount"], shown["unit"], shown["value_id"]) == ("open", "3.5", "count", "~1")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"against": "v3"}, "mixed_units"),
        ({"against": "v9"}, "unknown_value"),
        ({"against": "last year"}, "bad_reference"),
        ({"sparkline": ["v2", "v3"]}, "mixed_units"),
        ({"sparkline": ["v1..v900"]}, "unknown_value"),
        ({"label": "Up [[v77]]"}, "unknown_value"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        metric(value(1, 5), value(2, 6), value(3, 7, "USD"), **arguments)
    assert caught.value.code == code
