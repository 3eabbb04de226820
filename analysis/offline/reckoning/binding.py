"""Binding: a form's phrases tied to cells, and the sum that follows from them.

Each way to bind gives a `Sum` with a confidence, the product of how sure each step is: the shape of the question, the
lines, the times. Where two readings are about as good, confidence falls, and the analyst abstains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.offline.periods import read_periods
from analysis.offline.reckoning.board import Board, years_said
from analysis.offline.reckoning.forms import Form
from analysis.offline.reckoning.matching import Match, Matcher
from analysis.offline.reckoning.parts import share
from analysis.offline.reckoning.sums import Operand, Sum, paired, sureness
from analysis.offline.reckoning.times import Times
from analysis.offline.words import Question

_PERCENT = re.compile(r"\b(?:percent|percentage|%|margin|rate|ratio)\b")


def bind(form: Form, question: Question, board: Board) -> Sum | None:
    """The sum the question asks for, None where nothing can be tied."""
    if not board.lines:
        return None
    wish = read_periods(question)
    times = Times(question.text, wish, board)
    matcher = Matcher(board)
    made = _two_lines(form, matcher, times) if form.phrases else _one_line(form, matcher, times)
    if made is None and form.operation == "gap":
        made = _one_line(Form("change", (), form.rest, form.sure), matcher, times)
    if made is None:
        return None
    apart = made.operation in ("change", "gap") and times.in_order  # a difference has no sign, a change has
    return Sum("distance" if apart else made.operation, made.operands, made.confidence * form.sure * times.certainty)


def _one_line(form: Form, matcher: Matcher, times: Times) -> Sum | None:
    match = matcher.meant(form.rest)
    if match is None or match.score < LEAST_NAMED:
        match = _balance(matcher) or match
    if match is None:
        return None
    sure, line = sureness(match), match.line
    if form.operation == "cagr":
        ends = times.ends(line)
        return Sum("cagr", tuple(Operand(line, cell) for cell in ends), sure) if ends else None
    if form.operation in ("growth", "change", "gap"):
        pair = times.pair(line)
        if pair is None:
            return None
        later, earlier, timed = pair
        return Sum(form.operation, (Operand(line, later), Operand(line, earlier)), sure * timed)
    if form.operation in ("average", "sum", "highest", "lowest", "when_highest", "when_lowest"):
        cells, timed = times.several(line)
        if len(cells) < 2:
            return None
        return Sum(form.operation, tuple(Operand(line, cell) for cell in cells), sure * timed)
    if form.operation != "lookup":
        return None
    if len(times.said) > 1:
        each = [line.at(year) for year in times.said]
        if times.span or not all(each):
            return None
        return Sum("lookup", tuple(Operand(line, cell) for cell in each if cell), sure * match.explained**2)
    cell, timed = times.one(line)
    if (
        cell is None
        or match.explained < LEAST_EXPLAINED
        or (_PERCENT.search(form.rest) and cell.figure.unit != "ratio")
    ):
        return None
    return Sum("lookup", (Operand(line, cell),), sure * timed * match.explained**2)


def _over_time(match: Match, phrases: Sequence[str], times: Times) -> Sum | None:
    """One line in two years, set against each other in the order of the question."""
    years = [year for phrase in phrases for year in years_said(phrase)]
    cells = [match.line.at(year) for year in years]
    if len(years) != 2 or not all(cells):
        return None
    return Sum("ratio", tuple(Operand(match.line, cell) for cell in cells if cell), sureness(match))


def _balance(matcher: Matcher) -> Match | None:
    """The closing balance of a roll-forward: the one line that is what the whole table is about, and never says so."""
    found = [
        line for line in matcher.lines if set(line.row_stems) <= _CLOSING and {"balance", "end"} & set(line.row_stems)
    ]
    closing = [line for line in found if {"end", "ending", "closing"} & set(line.row_stems)] or found
    opening = {"beginning", "opening", "start", "january"} & {stem for line in matcher.lines for stem in line.row_stems}
    return Match(closing[0], BALANCE, BALANCE, 1.0) if len(closing) == 1 and opening else None


LEAST_NAMED = 0.4
LEAST_EXPLAINED = 0.6  # of the words of a question for one cell
BALANCE = 0.45
_CLOSING = frozenset(
    "balance end ending closing year period december of at unrecognised unrecognized tax benefit".split()
)


def _two_lines(form: Form, matcher: Matcher, times: Times) -> Sum | None:
    first, second = (matcher.telling(phrase) for phrase in form.phrases)
    if form.operation == "gap" and (not first or not second):  # "the difference between 2019 and 2018"
        return None
    if form.operation == "share":
        return share(form, matcher, times)
    one, other = (matcher.meant(phrase) for phrase in form.phrases)
    if form.operation == "ratio" and one and not second:  # "the ratio of 2017 debt to 2016"
        return _over_time(one, form.phrases, times)
    if one is None or other is None or one.line is other.line:
        return None
    return paired(form.operation, times, one, other)
