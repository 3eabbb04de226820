"""Ticks as characters."""

from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.terminal.lines import printable, printable_block
from api.terminal.ticks import STATES, Glyphs, hidden, revealed, with_ticks


@pytest.mark.parametrize("module", ["ticks", "lines", "sources", "charts", "rendering"])
def test_the_examples_of_the_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"api.terminal.{module}")).failed == 0


@pytest.mark.parametrize("glyphs", [Glyphs(True), Glyphs(False)])
def test_every_state_has_a_sign_of_its_own_and_is_known_by_it(glyphs: Glyphs) -> None:
    signs = [glyphs.tick(state) for state in STATES]
    assert len(set(signs)) == len(STATES)
    assert [glyphs.state_of(f" {sign}[7]") for sign in signs] == list(STATES)
    assert glyphs.tick("constant") == ""


def test_ascii_signs_are_ascii() -> None:
    assert "".join(Glyphs(False).tick(state, 3) for state in STATES).isascii()


@given(st.text(), st.lists(st.tuples(st.integers(-2, 30), st.sampled_from(["✓", "✓✓[12]", "[ ]", ""]))))
def test_taking_the_ticks_out_again_gives_the_text(text: str, ticks: list[tuple[int, str]]) -> None:
    text = printable_block(text)
    ticked = with_ticks(text, ticks)
    assert "".join(one for one in ticked if revealed(one) == one) == text


def test_a_hidden_tick_holds_no_place_where_a_line_could_break() -> None:
    assert len(hidden(" ✓✓[12]").split()) == 1


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_printable(text: str) -> None:
    for shown in (printable(text), printable_block(text)):
        assert not any(one in shown for one in "\x1b\x07\x08\r\x9b\x7f\u202e\u2028")
    assert len(printable_block(text)) == len(text)
