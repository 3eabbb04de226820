"""Captions, headers and row labels say currency, scale and kind; prose about numbers does not."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.documents.measures as measures
from tools.documents.measures import is_caption, read_column_measure, read_measure


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(measures).failed == 0


@pytest.mark.parametrize(
    ("text", "currency", "power"),
    [
        ("in thousands of GBP", "GBP", 3),
        ("£000", "GBP", 3),
        ("£'000", "GBP", 3),
        ("$m", "USD", 6),
        ("USD millions", "USD", 6),
        ("€ in Mio.", "EUR", 6),
        ("in Tsd. €", "EUR", 3),
        ("TEUR", "EUR", 3),
        ("k€", "EUR", 3),
        ("mEUR", "EUR", 6),
        ("$ in millions", "USD", 6),
        ("(in millions, except per share data)", "", 6),
        ("en milliers d'euros", "EUR", 3),
        ("HK$'000", "HKD", 3),
        ("RMB million", "CNY", 6),
        ("₹ crore", "INR", 7),
        ("All figures in £", "GBP", None),
        ("Currency: GBP", "GBP", None),
        ("Revenue (GBP)", "GBP", None),
        ("2024 £m", "GBP", 6),
        ("Millions of yen", "JPY", 6),
    ],
)
def test_a_caption_says_currency_and_scale(text: str, currency: str, power: int | None) -> None:
    found = read_measure(text)
    assert (found.currency, found.power, found.kind) == (currency, power, "")


@pytest.mark.parametrize(
    ("text", "kind", "power"),
    [
        ("Gross margin (%)", "ratio", -2),
        ("Gross margin percentage", "ratio", -2),
        ("Leverage (bps)", "ratio", -4),
        ("Basic earnings per share (pence)", "per_share", -2),
        ("EPS", "per_share", None),
        ("Weighted average number of shares (thousands)", "shares", 3),
        ("Shares used in computing earnings per share", "shares", None),
        ("Average headcount", "count", None),
        ("Customers ('000)", "count", 3),
        ("Debtor days", "days", None),
        ("Interest cover (x)", "multiple", None),
        ("Effective tax rate", "soft_ratio", None),
        ("Exchange rate USD/GBP", "count", None),
        ("Certified | shares", "shares", None),
        ("Weighted-average exercise price | $ / shares", "per_share", None),
        ("Number of vendors | Vendor", "count", None),
        ("Antidilutive securities excluded from computation of earnings per share", "shares", None),
    ],
)
def test_a_row_label_says_what_is_not_money(text: str, kind: str, power: int | None) -> None:
    found = read_measure(text)
    assert (found.kind, found.power) == (kind, power)


@pytest.mark.parametrize(
    "text",
    [
        "Revenue",
        "Tax 5%",
        "20% VAT",
        "Sales of 5 million tonnes",
        "Proceeds from issue of shares",
        "Ordinary shares",
        "Employee costs",
        "Deposits from customers",
        "Change in inventories",
        "Marketing in Europe",
        "Effect of exchange rate changes on cash",
        "Stock issued to employees",
        "Foreign currency exchange rate changes",
        "Common stock: 50,400,000 shares authorized; 14,939,315 shares issued and outstanding",
        "AAPL.Open",
        "",
        "m",
        "b",
    ],
)
def test_words_that_only_look_like_a_measure_say_nothing(text: str) -> None:
    assert read_measure(text).says_nothing


def test_a_heading_lists_what_its_lines_are_counted_in() -> None:
    assert read_column_measure("Dec. 31, 2024 shares").kind == "shares"
    assert read_column_measure("Dec. 31, 2024 $ / shares shares").says_nothing is False
    assert read_column_measure("Dec. 31, 2024 $ / shares shares").kind == ""


def test_a_caption_is_told_from_a_title() -> None:
    assert is_caption("(in thousands of GBP, unless otherwise stated)")
    assert is_caption("£m")
    assert not is_caption("Northwind Trading plc, £m")


@settings(deadline=None)
@given(
    st.text(max_size=500)
    | st.lists(st.sampled_from("in m mm £ 000 % per share of , (".split()), max_size=200).map(" ".join)
)
def test_any_words_are_read_in_bounded_time(text: str) -> None:
    read_measure(text)
    is_caption(text)
