"""Binding: a form's phrases tied to cells, and the sum that follows from them.

Each way to bind gives a `Sum` with a confidence, the product of how sure each step is: the shape of the question, the
lines, the times. Where two readings are about as good, confidence falls, and the analyst abstains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.offline.periods import PeriodWish, read_periods
from analysis.offline.reckoning.board import Board, Cell, Line, years_said
from analysis.offline.reckoning.forms import Form, Operation
from analysis.offline.reckoning.matching import Match, Matcher, telling_stems
from analysis.offline.words import Question


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell and the line it belongs to."""

    line: Line
    cell: Cell


@dataclass(frozen=True, slots=True)
class Sum:
    """What to work out: the operation over operands in order (later and earlier, part and whole), and how sure it is."""

    operation: Operation
    operands: tuple[Operand, ...]
    confidence: float


_DIFFERENCE = re.compile(r"\bdifference\b", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:19|20)\d\d\s?(?:-|–|to|through|until)\s?(?:the )?(?:year |fiscal )?(?:19|20)?\d\d", re.IGNORECASE
)
_WHOLE = re.compile(
    r"\b(?:(?:three|four|five|six|seven|ten|\d+)[ -]years?\b|cumulative|over the (?:whole |entire )?period|total return)",
    re.I,
)
_PERCENT = re.compile(r"\b(?:percent|percentage|%|margin|rate|ratio)\b")


def bind(form: Form, question: Question, board: Board) -> Sum | None:
    """The sum the question asks for, None where nothing can be tied."""
    if not board.lines:
        return None
    wish = read_periods(question)
    times = _Times(question.text, wish, board)
    matcher = Matcher(board)
    made = _two_lines(form, matcher, times) if form.phrases else _one_line(form, matcher, times)
    if made is None and form.operation == "gap":
        made = _one_line(Form("change", (), form.rest, form.sure), matcher, times)
    if made is None:
        return None
    return Sum(made.operation, made.operands, made.confidence * form.sure * times.certainty)


class _Times:
    """The years a question names, tied to those the board has."""

    def __init__(self, text: str, wish: PeriodWish, board: Board) -> None:
        self.wish = wish
        said = years_said(text)
        here = [year for year in said if year in board.years]
        self.said = tuple(here or said)
        self.span = wish.mode == "span" or bool(_SPAN.search(text))
        self.whole = bool(_WHOLE.search(text))
        self.in_order = bool(_DIFFERENCE.search(text))
        self.certainty = 0.5 if board.years and len(here) < len(said) else 1.0

    def one(self, line: Line) -> tuple[Cell | None, float]:
        """The cell of a line that a question for one figure means."""
        if self.said:
            for year in reversed(self.said) if self.span else self.said:
                cell = line.at(year)
                if cell:
                    return cell, 1.0
            return (line.cells[0], 0.5) if len(line.cells) == 1 else (None, 0.0)
        if len(line.cells) == 1:
            return line.cells[0], 0.95
        if line.years:
            latest = line.at(line.years[-1])
            return (latest, 0.6) if latest else (None, 0.0)
        return None, 0.0

    def pair(self, line: Line) -> tuple[Cell, Cell, float] | None:
        """The later and the earlier cell that a change is between."""
        years = line.years
        if len(self.said) >= 2:
            first, last = (self.said[0], self.said[1]) if self.in_order else (max(self.said), min(self.said))
            later, earlier = line.at(first), line.at(last)
            return (later, earlier, 1.0) if later and earlier else None
        if self.whole and len(years) >= 2:
            later, earlier = line.at(years[-1]), line.at(years[0])
            return (later, earlier, 0.85) if later and earlier else None
        if len(self.said) == 1:
            year = self.said[0]
            later, earlier = line.at(year), line.at(year - 1)
            if self.wish.mode == "since" and years and years[-1] != year:
                later, earlier = line.at(years[-1]), line.at(year)
                return (later, earlier, 0.8) if later and earlier else None
            return (later, earlier, 0.85) if later and earlier else None
        if len(years) >= 2:
            later, earlier = line.at(years[-1]), line.at(years[-2])
            return (later, earlier, 0.9 if len(years) == 2 else 0.5) if later and earlier else None
        return None

    def several(self, line: Line) -> tuple[list[Cell], float]:
        """The cells an average or a sum runs over."""
        years = line.years
        if self.span and len(self.said) == 2:
            wanted = range(min(self.said), max(self.said) + 1)
            return [cell for year in wanted if (cell := line.at(year))], 1.0
        if len(self.said) >= 2:
            found = [cell for year in self.said if (cell := line.at(year))]
            return (found, 1.0) if len(found) == len(self.said) else ([], 0.0)
        if len(self.said) == 1:
            return [], 0.0
        if years:
            return (list(line.cells), 0.8) if len(years) == len(line.cells) else ([], 0.0)
        return list(line.cells), 0.5


def _sureness(match: Match) -> float:
    """How far a match can be trusted: how well it fits, and how far the next line is behind."""
    lead = min(1.0, 0.6 + match.margin * 4)
    return match.score * lead


def _one_line(form: Form, matcher: Matcher, times: _Times) -> Sum | None:
    phrase = telling_stems(form.rest)
    match = matcher.best(phrase)
    if match is None:
        return None
    sure, line = _sureness(match), match.line
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
    if cell is None or (_PERCENT.search(form.rest) and cell.figure.unit != "ratio"):
        return None
    return Sum("lookup", (Operand(line, cell),), sure * timed * match.explained**2)


def _two_lines(form: Form, matcher: Matcher, times: _Times) -> Sum | None:
    first, second = (telling_stems(phrase) for phrase in form.phrases)
    if form.operation == "gap" and (not first or not second):  # "the difference between 2019 and 2018"
        return None
    one, other = matcher.best(first), matcher.best(second)
    if form.operation == "share":
        return _share(matcher, times, first, second, one, other)
    if one is None or other is None or one.line is other.line:
        return None
    return _paired(form.operation, times, one, other)


def _paired(operation: Operation, times: _Times, one: Match, other: Match) -> Sum | None:
    top, timed = times.one(one.line)
    bottom, also = times.one(other.line)
    if top is None or bottom is None:
        return None
    sure = min(_sureness(one), _sureness(other)) * min(timed, also)
    return Sum(operation, (Operand(one.line, top), Operand(other.line, bottom)), sure)


def _share(
    matcher: Matcher, times: _Times, part: Sequence[str], whole: Sequence[str], one: Match | None, other: Match | None
) -> Sum | None:
    """A part over its whole; a whole that nothing names is the total of the part's own column."""
    if one is None:
        return None
    if other is None or other.line is one.line or (other.score < 0.6 and "total" in whole):
        totals = [line for line in _beside(matcher, one.line) if line.is_total and line is not one.line]
        if len(totals) != 1:
            return None
        other = Match(totals[0], 0.8, 0.5)
    if one.line.is_total and not other.line.is_total:  # "the percentage of audit fees in total fees"
        one, other = other, one
    return _paired("share", times, one, other)


def _beside(matcher: Matcher, line: Line) -> list[Line]:
    """The lines of the same column of the same table."""
    return [each for each in matcher.lines if each.table == line.table and each.column_stems == line.column_stems]
