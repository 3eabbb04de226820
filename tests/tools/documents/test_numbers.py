"""Printed numbers are read exactly, or not at all."""

from __future__ import annotations

import doctest
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.documents.numbers as numbers
from tools.documents.numbers import is_blank, read_number, weigh


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(numbers).failed == 0


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234", "1234"),
        ("-0.0", "0"),
        (".5", "0.5"),
        ("+5", "5"),
        ("1,234.50", "1234.50"),
        ("12,34,567", "1234567"),
        ("1 234 567.8", "1234567.8"),
        ("1\u00a0234.5", "1234.5"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("(1,234)", "-1234"),
        ("1,234-", "-1234"),
        ("−5", "-5"),
        ("–5", "-5"),
        ("(-5)", "-5"),
        ("1,234 (1)", "1234"),
        ("1,234*", "1234"),
        ("1,234¹", "1234"),
        ("1,234[a]", "1234"),
        ("(1)", "-1"),
        ("1.5E+06", "1500000"),
    ],
)
def test_a_plain_number_is_read_whatever_its_groups_signs_and_footnotes(text: str, amount: str) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.amount, number.unit, number.power) == (Decimal(amount), "", 0)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "power"),
    [
        ("$1,234.50", "1234.50", "USD", 0),
        ("$(1,234)", "-1234", "USD", 0),
        ("($1,234)", "-1234", "USD", 0),
        ("-$5", "-5", "USD", 0),
        ("1,234 €", "1234", "EUR", 0),
        ("EUR 1,234", "1234", "EUR", 0),
        ("1,234 USD", "1234", "USD", 0),
        ("HK$5.1", "5.1", "HKD", 0),
        ("12.3%", "0.123", "ratio", 0),
        ("(5.2)%", "-0.052", "ratio", 0),
        ("(5.2%)", "-0.052", "ratio", 0),
        ("25 bps", "0.0025", "ratio", 0),
        ("1.5x", "1.5", "multiple", 0),
        ("€1.2m", "1200000", "EUR", 6),
        ("1.2 Mio. EUR", "1200000", "EUR", 6),
        ("$3bn", "3000000000", "USD", 9),
        ("24.1p", "0.241", "GBP", -2),
    ],
)
def test_signs_and_words_in_a_cell_say_unit_and_scale(text: str, amount: str, unit: str, power: int) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.amount, number.unit, number.power) == (Decimal(amount), unit, power)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1.2.3",
        "2024-01-02",
        "13:08",
        "750-67-8428",
        "--5",
        "12.",
        "1,23",
        "5 apples",
        "$",
        "$5%",
        "1e99",
        "A4",
        "12 34",
        "9" * 40,
        "1" * 5000,
        "١٢٣",
        "1,234 CR",
        "NaN",
        "Infinity",
    ],
)
def test_what_is_not_exactly_one_number_is_not_read(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "amount"), [("1.234,50", "1234.50"), ("1,5", "1.5"), ("1.234", "1234"), ("1 234,5", "1234.5")]
)
def test_under_a_decimal_comma_points_group(text: str, amount: str) -> None:
    number = read_number(text, ",")
    assert number is not None
    assert number.amount == Decimal(amount)


@pytest.mark.parametrize("text", ["", " ", "-", "–", "—", "n/a", "N/A", "nil", "#DIV/0!", "NaN", "n.m."])
def test_dashes_and_words_for_nothing_are_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "x", "none of it"])
def test_a_zero_and_words_are_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("texts", "mark", "is_open"),
    [
        (["1.234,50", "7"], ",", False),
        (["1,234", "1,234.5"], ".", False),
        (["1.234.567"], ",", False),
        (["1,234,567"], ".", False),
        (["0.123"], ".", False),
        (["12,5"], ",", False),
        (["1.234", "5.678"], ".", True),
        (["2024", "17"], ".", False),
        (["31.12.2024", "10.0.0.1", "13:08.5"], ".", False),
    ],
)
def test_a_column_decides_its_decimal_mark_by_evidence(texts: list[str], mark: str, is_open: bool) -> None:
    evidence = weigh(texts)
    assert (evidence.decimal(), evidence.is_open) == (mark, is_open)


STYLES = st.sampled_from(
    [(".", ","), (".", " "), (".", "'"), (".", ""), (",", "."), (",", " "), (",", "\u00a0"), (",", "")]
)
SIGNS = st.sampled_from(["{}", "-{}", "−{}", "({})", "{}-"])
MARKS = st.sampled_from([("{}", ""), ("£{}", "GBP"), ("{} €", "EUR"), ("USD {}", "USD"), ("{}*", ""), ("{} (1)", "")])


@settings(deadline=None)
@given(cents=st.integers(0, 10**14), style=STYLES, sign=SIGNS, marks=MARKS)
def test_whatever_is_printed_is_read_back_exactly(
    cents: int, style: tuple[str, str], sign: str, marks: tuple[str, str]
) -> None:
    decimal, group = style
    printed = f"{cents // 100:,}".replace(",", group) + decimal + f"{cents % 100:02d}"
    text = marks[0].format(sign.format(printed))
    number = read_number(text, decimal)
    assert number is not None
    assert number.amount == Decimal(cents) / 100 * (1 if sign == "{}" else -1)
    assert number.unit == marks[1]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_finite_number_or_nothing(text: str) -> None:
    for mark in ".,":
        number = read_number(text, mark)
        assert number is None or (number.amount.is_finite() and len(number.amount.as_tuple().digits) <= 40)
    weigh([text])
    is_blank(text)
