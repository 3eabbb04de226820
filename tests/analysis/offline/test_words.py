"""How questions and labels are cut up, and how names get into prose."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis.offline
from analysis.offline.words import Question, name
from tools.labels import label_stems, stem, tokens

MODULES = sorted(module.name for module in pkgutil.iter_modules(analysis.offline.__path__, "analysis.offline."))


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@given(st.text(max_size=80))
def test_a_name_in_prose_can_neither_refer_nor_format(label: str) -> None:
    prose = name(label)
    assert "[[" not in prose
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*<>|~#\[\]]", prose)


@given(st.text(max_size=300))
def test_tokens_stand_where_they_say(text: str) -> None:
    question = Question.of(text)
    for token in question.tokens:
        assert question.text[token.start : token.end] == token.text
        assert token.stem == stem(token.text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Operating expenses", "operating expense"),
        ("Trade receivables (note 12)", "trade receivable"),
        ("R&D", "r&d"),
        ("Net_income", "net income"),
        ("SG&A expenses", "sg&a expense"),
        ("Profit for the year", "profit of the year"),
        ("Women", "female"),
    ],
)
def test_labels_meet_the_words_of_questions(one: str, other: str) -> None:
    assert label_stems(one) == label_stems(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Operating profit", "Gross profit"), ("rating", "rate"), ("Assets", "Asset turnover")]
)
def test_different_lines_stay_different(one: str, other: str) -> None:
    assert label_stems(one) != label_stems(other)


def test_a_possessive_is_no_word() -> None:
    assert [token.stem for token in tokens("Northwind's revenue, the shareholders’ equity")] == [
        "northwind", "revenue", "the", "shareholder", "equity",
    ]  # fmt: skip


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    assert len(Question.of("revenue " * 100_000).text) == 2_000
