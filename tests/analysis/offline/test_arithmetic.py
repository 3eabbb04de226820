"""Over statements made up at random: what an answer cites is what plain arithmetic over the same figures gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

FIGURES = st.one_of(st.none(), st.integers(-5_000, 5_000))
ROWS = st.integers(2, 5).flatmap(
    lambda years: st.lists(st.lists(FIGURES, min_size=years, max_size=years), min_size=3, max_size=3)
)
LABELS = ("Revenue", "Gross profit", "Operating profit")


def written(rows: list[list[int | None]]) -> str:
    """A CSV with some cells empty and negatives in parentheses; the years stand newest first."""

    def cell(number: int | None) -> str:
        return "" if number is None else f"({-number})" if number < 0 else str(number)

    years = [str(2025 - n) for n in range(len(rows[0]))]
    lines = [",".join(["GBP", *years])]
    lines += [",".join([label, *map(cell, row)]) for label, row in zip(LABELS, rows, strict=True)]
    return "Made-up Ltd\nGBP\n" + "\n".join(lines) + "\nStaff," + ",".join(["7"] * len(years)) + "\n"


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_trend_lookup_margin_and_average(desk_with: Callable[..., Any], rows: list[list[int | None]]) -> None:
    desk = desk_with(("made.csv", written(rows)))
    oldest_first = {label: row[::-1] for label, row in zip(LABELS, rows, strict=True)}
    revenue, profit = oldest_first["Revenue"], oldest_first["Operating profit"]
    known = [number for number in revenue if number is not None]
    year = 2025 - len(revenue) + 1

    said = desk.ask("How did revenue develop?")
    assert not said.refusals, said.refusals
    if len(known) > 1:
        assert said.amounts()[:2] == [known[0], known[-1]]
        for value in said.cited:
            if value.formula and value.unit == "ratio":
                assert value.amount in {
                    round_like(Decimal(b - a) / a) for n, a in enumerate(known) for b in known[n + 1 :] if a > 0
                }

    said = desk.ask(f"What was operating profit in {year}?")
    assert said.amounts() == ([profit[0]] if profit[0] is not None else [])

    said = desk.ask("What was the operating margin in 2025?")
    if not any(top is not None and under for top, under in zip(profit[-2:], revenue[-2:], strict=True)):
        assert "no figures for operating margin" in said.shown or "Operating margin has no value" in said.shown
        return
    assert not said.refusals, said.refusals
    if profit[-1] is not None and revenue[-1]:
        assert abs(said.cited[0].amount) == abs(round_like(Decimal(profit[-1]) / revenue[-1]))

    said = desk.ask("What was the average revenue over all years?")
    if len(known) > 1:
        assert abs(said.cited[0].amount - Decimal(sum(known)) / len(known)) < Decimal("0.001")


def round_like(ratio: Decimal) -> Decimal:
    """Twelve significant digits, as the tools keep."""
    return +ratio.normalize() if not ratio else Decimal(f"{ratio:.12g}")
