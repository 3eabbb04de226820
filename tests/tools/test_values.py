"""Values and their ids."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tools.values import Period, Place, Scale, Value, plain, renumber

amounts = st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=8)
days = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2040, 1, 1)))
periods = st.builds(Period, texts, st.sampled_from(["year", "quarter", "instant"]), days, days)
places = st.builds(Place, texts, st.just("csv"), st.just((("line", 4), ("column", 2))), texts, texts, texts, texts)
values = st.builds(
    Value, st.just("v1"), texts, amounts, st.just("GBP"), texts, st.just("tied"),
    st.one_of(st.none(), periods), st.one_of(st.none(), places), st.one_of(st.none(), st.builds(Scale, st.integers(0, 9), texts)),
    texts, st.lists(st.just("v2"), max_size=2).map(tuple), texts, texts,
)  # fmt: skip


@given(values)
def test_a_value_survives_the_wire(value: Value) -> None:
    assert Value.from_wire(value.to_wire()) == value


@given(amounts)
def test_a_plain_amount_is_the_same_number_without_exponent(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert text != "-0"


def test_renumbering_touches_ids_and_formulas_and_nothing_else() -> None:
    told = {"value_id": "~1", "label": "up ~1 from ~2", "formula": "(~2 - ~1) / ~1", "rows": [["~2", None, 3]]}
    names = {"~1": "v11", "~2": "v12"}
    assert renumber(told, names) == {
        "value_id": "v11",
        "label": "up ~1 from ~2",
        "formula": "(v12 - v11) / v11",
        "rows": [["v12", None, 3]],
    }
