"""Amounts in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.units import Display, DisplayError, cell_scale, is_unit, reworded, show, show_cell, unit_words

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6)


@pytest.mark.parametrize(
    ("amount", "unit", "words", "shown"),
    [
        ("61904000", "GBP", "", "£61.9m"),
        ("999960000", "USD", "", "$1.0bn"),
        ("1000000000000", "USD", "", "$1.0tn"),
        ("61904", "GBP", "", "£61,904"),
        ("-950.5", "USD", "", "−$950.50"),
        ("12", "CHF", "", "CHF 12"),
        ("1.24", "GBP/share", "", "£1.24 per share"),
        ("0.12307", "ratio", "", "12.3%"),
        ("0.0004", "ratio", "", "0.04%"),
        ("-0.0321", "ratio", "abs", "3.2%"),
        ("0.0321", "ratio", "+,2", "+3.21%"),
        ("0.0321", "ratio", "bp", "321 bp"),
        ("-0.0138", "ratio", "pp,abs", "1.4 percentage points"),
        ("2.345", "multiple", "", "2.3x"),
        ("1", "days", "", "1 day"),
        ("1234567", "count", "", "1,234,567"),
        ("1234.5", "count", "", "1,234.5"),
        ("61904000", "GBP", "exact", "£61,904,000"),
        ("61904000", "GBP", "2", "£61.90m"),
        ("-0.00001", "ratio", "1", "0.0%"),
        ("0.125", "ratio", "0", "13%"),
    ],
)
def test_an_amount_is_worded_as_an_analyst_writes_it(amount: str, unit: str, words: str, shown: str) -> None:
    assert show(Decimal(amount), unit, Display.parse(words)) == shown


@given(amounts, st.sampled_from(["GBP", "JPY", "ratio", "count", "multiple", "shares", "USD/share", "days"]))
def test_a_sign_is_shown_exactly_when_a_digit_is(amount: Decimal, unit: str) -> None:
    shown = show(amount, unit)
    assert ("−" in shown) == (amount < 0 and any(digit in shown for digit in "123456789"))


@given(amounts)
def test_exact_wording_loses_nothing(amount: Decimal) -> None:
    shown = show(amount, "count", Display(exact=True)).replace(",", "").replace("−", "-")
    assert Decimal(shown) == amount


def test_unknown_display_words_are_refused_with_the_known_ones() -> None:
    with pytest.raises(DisplayError, match="use 0 to 6, k, m"):
        Display.parse("m,pretty")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "−1.2 pp"),
        ("1", "−1.2 pp"),
        ("abs", "1.2 pp"),
        ("exact", "−1.234 pp"),
        ("%", "−1.2 pp"),
        ("bp", "−123 bp"),
        ("pp,abs", "1.2 percentage points"),
    ],
)
def test_a_difference_of_ratios_keeps_its_points_under_display_words(words: str, told: str) -> None:
    assert reworded(Decimal("-0.01234"), "ratio", "−1.2 pp", words) == told


@given(amounts, st.sampled_from(["GBP", "ratio", "count"]), st.sampled_from(["1", "abs", "+", "exact", "bp"]))
def test_other_values_are_reworded_as_they_are_shown(amount: Decimal, unit: str, words: str) -> None:
    assert reworded(amount, unit, show(amount, unit), words) == show(amount, unit, Display.parse(words))


def test_units_are_iso_codes_and_a_few_words() -> None:
    assert all(map(is_unit, ["GBP", "USD/share", "ratio", "count"]))
    assert not any(map(is_unit, ["", "gbp", "pounds", "ratio/share", "GBP/day"]))


def test_a_table_of_round_thousands_is_printed_in_thousands() -> None:
    column = [Decimal("61904000"), Decimal("55120000"), Decimal("-812000")]
    power = cell_scale(column)
    assert (power, [show_cell(amount, "GBP", power) for amount in column]) == (3, ["61,904", "55,120", "−812"])
    assert unit_words("GBP", power) == "GBP thousand"
    assert cell_scale([Decimal("950.25")]) == 0
