"""Number formats: what they show, and that what they show never changes what is stored."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.documents import formats, oddities, precedents
from tools.documents.formats import MAX_FORMAT, read_format, typed_day, typed_number
from tools.documents.numbers import read_number

CODES = [
    "General",
    "0",
    "0.00",
    "#,##0",
    "#,##0.00_);(#,##0.00)",
    "0.0%",
    "[$£-809]#,##0",
    '0.0,,"m"',
    "0.00E+00",
    "0.0x",
    "@",
]
STORED = st.floats(-1e15, 1e15).filter(lambda stored: stored == 0 or abs(stored) > 1e-50)


@pytest.mark.parametrize("module", [formats, precedents, oddities])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@given(stored=STORED, code=st.sampled_from(CODES))
def test_the_amount_is_what_is_stored_whatever_is_shown(stored: float, code: str) -> None:
    cell = typed_number(stored, code)
    assert cell is not None
    assert cell.number is not None
    assert cell.number.amount == Decimal(repr(stored))


@given(
    stored=st.integers(-(10**12), 10**12),
    code=st.sampled_from(["0", "#,##0", "#,##0_);(#,##0)", "[$£-809]#,##0", "0.00"]),
)
def test_what_is_shown_in_full_reads_back_as_what_is_stored(stored: int, code: str) -> None:
    cell = typed_number(stored, code)
    assert cell is not None
    read = read_number(str(cell))
    assert read is not None
    assert read.amount == stored


@given(
    code=st.text(max_size=60)
    | st.lists(st.sampled_from(list('0#?.,;%"\\_*[]$€-EymdhsGeneral ()x@')), max_size=40).map("".join)
)
def test_any_format_reads_and_shows(code: str) -> None:
    read_format(code)
    assert typed_number(-1234.5, code) is not None
    assert str(typed_day(datetime(2024, 3, 31, 13, 5, tzinfo=UTC), code))


def test_an_endless_format_says_nothing() -> None:
    assert read_format("0" * (MAX_FORMAT + 1)) == read_format("General")


@pytest.mark.parametrize("stored", [float("inf"), float("nan"), 1e300, 1e-300])
def test_what_no_account_holds_is_no_number(stored: float) -> None:
    assert typed_number(stored, "") is None


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("dd/mm/yyyy", "2024-03-31"),
        ("mmm-yy", "Mar 2024"),
        ("[$-409]mmmm\\ yyyy;@", "Mar 2024"),
        ("yyyy", "2024"),
        ('"FY"yyyy', "FY2024"),
        ("yyyy-mm-dd hh:mm", "2024-03-31 13:05:00"),
    ],
)
def test_a_date_shows_as_much_of_itself_as_its_format(code: str, shown: str) -> None:
    moment = datetime(2024, 3, 31, 13, 5, tzinfo=UTC)
    assert str(typed_day(moment, code)) == shown
    assert typed_day(moment, code).day == moment.date()
