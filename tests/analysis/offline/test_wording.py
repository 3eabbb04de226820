"""Sentences over figures: the words follow the amounts, and no amount is ever typed."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from analysis.offline.frame import Figure
from analysis.offline.wording import FLAT_GROWTH, Course, Point, course_sentences, extremes, finding, moved, steps

AMOUNTS = st.lists(st.decimals(-1000, 1000, places=2), min_size=2, max_size=10)


def course(amounts: list[Decimal], share: bool = False) -> Course:
    points = tuple(
        Point(f"Y{chr(65 + n)}", Figure(f"v{n + 1}", amount, "ratio" if share else "GBP"))
        for n, amount in enumerate(amounts)
    )
    return Course("Revenue", points, "year", share)


@given(AMOUNTS, st.booleans())
def test_prose_holds_no_digit_outside_a_reference(amounts: list[Decimal], share: bool) -> None:
    said = course_sentences(course(amounts, share))
    assert not re.search(r"\d", re.sub(r"\[\[v\d+(?:\|[a-z+,]+)?\]\]", "", said)), said


@given(AMOUNTS)
def test_the_verb_follows_the_amounts(amounts: list[Decimal]) -> None:
    first, last = amounts[0], amounts[-1]
    said = finding(course(amounts))
    if first * last < 0:
        assert "turned from" in said
    elif not first:
        assert ("rose" in said) == (last > 0)
    else:
        growth = (last - first) / abs(first)
        assert ("rose" in said) == (growth >= FLAT_GROWTH)
        assert ("fell" in said) == (growth <= -FLAT_GROWTH)


@given(AMOUNTS)
def test_every_year_is_said_only_where_every_year_moved_that_way(amounts: list[Decimal]) -> None:
    if "every year" in finding(course(amounts)):
        assert len(set(steps(course(amounts)))) == 1
        ordered = sorted(amounts)
        assert amounts in (ordered, ordered[::-1])


@given(AMOUNTS)
def test_high_and_low_are_the_highest_and_the_lowest(amounts: list[Decimal]) -> None:
    high, low = extremes(course(amounts))
    assert high.figure
    assert low.figure
    assert (high.figure.amount, low.figure.amount) == (max(amounts), min(amounts))


def test_a_cost_printed_as_negative_is_told_by_its_size() -> None:
    points = (Point("A", Figure("v1", Decimal(-10), "GBP")), Point("B", Figure("v2", Decimal(-12), "GBP")))
    said = finding(Course("Tax paid", points, "year", outflow=True))
    assert said == "Tax paid rose from [[v1|abs]] in A to [[v2|abs]] in B."


def test_a_gap_is_said() -> None:
    points = (
        Point("A", Figure("v1", Decimal(1), "GBP")),
        Point("B", None),
        Point("C", Figure("v2", Decimal(2), "GBP")),
    )
    assert course_sentences(Course("Revenue", points)).endswith("There is no figure for B.")


def test_no_figures_at_all_are_said() -> None:
    assert (
        course_sentences(Course("Revenue", (Point("A", None),)))
        == "Revenue: the file has no figures for these periods."
    )


def test_what_hardly_moved_did_not_move() -> None:
    assert moved(Decimal(1000), Decimal(1004), share=False) == "flat"
    assert moved(Decimal(1000), Decimal(1006), share=False) == "up"
    assert moved(Decimal("0.4120"), Decimal("0.4124"), share=True) == "flat"
    assert moved(Decimal("0.4120"), Decimal("0.4110"), share=True) == "down"
