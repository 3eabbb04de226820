"""Cursors are whole numbers from 0, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CallerError
from api import cursor


@given(st.integers(0, 10**15 - 1))
def test_a_number_is_read_back_from_its_digits(number: int) -> None:
    assert cursor.parse(str(number)) == number
    assert cursor.from_frame(number) == cursor.from_frame(str(number)) == number


@given(st.text().filter(lambda text: not (text.isascii() and text.isdigit() and len(text) <= 15)))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CallerError) as refusal:
        cursor.parse(text)
    assert refusal.value.code == "bad_cursor"
    refusal.value.text.encode()


@pytest.mark.parametrize("after", [-1, True, 1.5, [], {}, "", "1 ", "٣", "+1", 10**15])
def test_a_resume_frame_with_no_number_is_refused(after: object) -> None:
    with pytest.raises(CallerError, match="not a whole number"):
        cursor.from_frame(after)


def test_the_header_wins_and_an_empty_header_is_none() -> None:
    assert cursor.requested("7", "3") == 7
    assert cursor.requested("", "3") == 3
    assert cursor.requested(None, "0") == 0
    assert cursor.requested(None, None) is None


def test_an_empty_query_is_not_a_cursor() -> None:
    with pytest.raises(CallerError):
        cursor.requested(None, "")


def test_a_cursor_above_the_end_is_refused_with_the_end() -> None:
    assert cursor.checked(5, 5) == 5
    with pytest.raises(CallerError) as refusal:
        cursor.checked(6, 5)
    assert (refusal.value.code, refusal.value.extra) == ("cursor_ahead", {"last_seq": 5})
