"""Thinning keeps the picture; captions say what the points say and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.finance.captions import Strand, caption
from tools.finance.thinning import kept
from tools.values import Period, Value

CELLS = st.none() | st.integers(-1000, 1000).map(Decimal)


@given(st.integers(1, 3), st.integers(10, 60), st.data())
def test_thinning_keeps_both_ends_every_extreme_and_the_limit(count: int, most: int, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 200))
    series = [data.draw(st.lists(CELLS, min_size=length, max_size=length)) for _ in range(count)]
    found = kept(series, most)
    assert found == sorted(set(found))
    assert len(found) <= max(most, 2 + 3 * count)
    assert {found[0], found[-1]} == {0, length - 1}
    for cells in series:
        filled = [cell for cell in cells if cell is not None]
        if filled:
            drawn = [cell for position in found if (cell := cells[position]) is not None]
            assert (min(drawn), max(drawn)) == (min(filled), max(filled))
        assert (None in cells) == any(cells[position] is None for position in found)


def strand(name: str, *amounts: int | None, kind: str = "year") -> Strand:
    period = Period("p", kind)  # type: ignore[arg-type]
    return Strand(
        name, [None if a is None else Value("v1", name, Decimal(a), "GBP", f"£{a}", "tied", period) for a in amounts]
    )


@pytest.mark.parametrize(
    ("strands", "said"),
    [
        ([strand("Revenue", 1, 2, 3)], "Revenue rose every year, from £1 in a to £3 in c."),
        ([strand("Costs", 3, 2, 1, kind="month")], "Costs fell every month, from £3 in a to £1 in c."),
        ([strand("Revenue", 1, 9, 3)], "Revenue rose from £1 to £3 between a and c, with a high of £9 in b."),
        ([strand("Revenue", 5, 1, 5)], "Revenue began and ended at £5 between a and c, with a low of £1 in b."),
        ([strand("Loss", -1, -2, -3)], "Loss decreased every year, from £-1 in a to £-3 in c."),
        ([strand("Cash", 4, None, 6)], "Cash rose from £4 to £6 between a and c; 1 gap."),
        ([strand("Cash", None, 6, None)], "Cash was £6 in b; 2 gaps."),
        ([strand("Price", 4, 9, 6, kind="day")], "Price rose from £4 to £6 between a and c, with a high of £9 on b."),
        ([strand("A", 1, 2, 3), strand("B", 3, 2, 1)], "a to c: A rose from £1 to £3; B fell from £3 to £1."),
        ([strand("A", None, None, None)], "No values."),
    ],
)
def test_a_line_in_time_is_told_as_it_runs(strands: list[Strand], said: str) -> None:
    assert caption("line", ["a", "b", "c"], strands, timed=True) == said


@pytest.mark.parametrize(
    ("kind", "strands", "said"),
    [
        ("bar", [strand("Total", 3, 9, 1)], "Total: the largest value is b with £9, the smallest c with £1, of 3."),
        ("pie", [strand("Total", 3, 9, 1)], "Total: the largest part is b with £9, the smallest c with £1, of 3."),
        ("bar", [strand("Total", 3, 3, 3)], "Total: £3 for each of 3."),
        ("bar", [strand("Total", None, 3, None)], "Total: £3 for b."),
        ("bar", [strand("A", 1, 2, 3), strand("B", 3, 2, 1)], "A is highest for c, at £3; B is highest for a, at £3."),
    ],
)
def test_categories_are_told_by_their_extremes(kind: str, strands: list[Strand], said: str) -> None:
    assert caption(kind, ["a", "b", "c"], strands, timed=False) == said


@pytest.mark.parametrize(
    ("places", "high"), [(["2022", "FY2023", "2024"], "in FY2023"), (["a", "31 Dec 2023", "c"], "on 31 Dec 2023")]
)
def test_a_balance_is_of_a_year_or_on_a_day_as_its_label_says(places: list[str], high: str) -> None:
    assert caption("line", places, [strand("Cash", 4, 9, 6, kind="instant")], timed=True).endswith(
        f"between {places[0]} and {places[2]}, with a high of £9 {high}."
    )
    noun = "step" if "a" in places else "year"
    rising = caption("line", places, [strand("Cash", 4, 6, 9, kind="instant")], timed=True)
    assert rising.startswith(f"Cash rose every {noun}, from £4 ")
