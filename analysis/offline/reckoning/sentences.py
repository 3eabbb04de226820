"""Sentences: figures of the text around the tables, tied to years, as lines that can be reckoned with.

Reports say much in one pattern: "rent expense was $231 million, $205 million and $210 million for 2012, 2011 and 2010,
respectively", or "$820 million in 2010, $852 million in 2009". Only what stands in these patterns is read; a sentence that
merely holds a year and a figure ties nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.frame import Figure
from analysis.offline.periods import read_periods
from analysis.offline.reckoning.board import YEAR, Board, Cell, Line
from analysis.offline.reckoning.forms import Form
from analysis.offline.reckoning.matching import canonical, telling_stems
from analysis.offline.reckoning.sums import Operand, Sum
from analysis.offline.reckoning.times import Times
from analysis.offline.words import Question
from tools.labels import tokens

FROM_TEXT = frozenset({"growth", "change", "distance", "lookup", "cagr", "average"})
LEAST_WORDS = {"lookup": 3}  # one word alone stands in many sentences
LEAST_SAID = {"lookup": 0.95}
USUALLY_SAID = 0.8  # so much of what was asked must stand in the sentence
SURE = 0.8
_LIST = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:shares\s*)?(?:,|and|,\s*and)\s*")
_YEAR_LIST = re.compile(
    r"\s*(?:,|and|,\s*and)\s*(?:(?:fiscal|december|june|september|march) (?:\d{1,2} ?,? ?)?)?", re.I
)
_IN_YEAR = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:of [\w -]{0,40}?)?(?:in|for|at|during|as of|(?:for|during) the (?:fiscal )?years? ended)\s",
    re.I,
)
_SHARE = re.compile(r"\b(?:percent|percentage|portion|share|ratio|assuming|excluding|exclusive|without)\b")
_AGAIN = re.compile(r"\s*\(\s*")


@dataclass(frozen=True, slots=True)
class _Printed:
    """A figure of a sentence: where it stands, and its value."""

    start: int
    end: int
    figure: Figure


def text_sum(form: Form, question: Question, answer: ToolAnswer) -> Sum | None:
    """What is asked, worked out from one sentence; None where no sentence says it."""
    lines = [line for found in answer.data.get("sentences") or () if (line := _line(found))]
    asked = [stem for stem in telling_stems(form.rest) if stem not in ("million", "thousand", "billion")]
    if len(set(asked)) < LEAST_WORDS.get(form.operation, 2) or answer.is_error:
        return None
    if form.operation == "lookup" and _SHARE.search(form.rest):
        return None
    best: tuple[float, float, Sum] | None = None
    for line in lines:
        made = _over(form, Times(question.text, read_periods(question), Board([line])), line)
        said = len(set(asked) & set(line.row_stems)) / len(set(asked))
        if made and said >= LEAST_SAID.get(form.operation, USUALLY_SAID):
            close = len(set(asked) & set(line.row_stems)) / max(8, len(line.row_stems))
            rank = (said, close)
            best = max(best or (*rank, made), (*rank, made), key=lambda each: each[:2])
    return Sum(best[2].operation, best[2].operands, best[0] * SURE * form.sure) if best else None


def _over(form: Form, times: Times, line: Line) -> Sum | None:
    if form.operation in ("growth", "change"):
        pair = times.pair(line) if times.said else None
        apart = form.operation == "change" and times.in_order
        operands = (Operand(line, pair[0]), Operand(line, pair[1])) if pair else ()
        return Sum("distance" if apart else form.operation, operands, 1.0) if operands else None
    if form.operation == "average":
        cells, _ = times.several(line)
        return (
            Sum("average", tuple(Operand(line, cell) for cell in cells), 1.0) if len(cells) > 1 and times.said else None
        )
    each = [line.at(year) for year in times.said]
    if form.operation != "lookup" or times.span or not each or not all(each):
        return None
    return Sum("lookup", tuple(Operand(line, cell) for cell in each if cell), 1.0)


def _line(found: Mapping[str, Any]) -> Line | None:
    """A sentence as a line whose cells are its figures by year."""
    text = str(found.get("text", ""))
    printed = _once([_printed(each) for each in found.get("figures") or ()], text)
    cells = [Cell(each.figure, year, "", str(year), 0) for year, each in _by_year(text, printed)]
    if not cells or len({cell.year for cell in cells}) < len(cells):
        return None
    line = Line(_subject(text, printed), "", str(found.get("document", "")), 0)
    line.row_stems = tuple(dict.fromkeys(canonical(token.stem) for token in tokens(text) if not token.stem.isdigit()))
    line.cells = cells
    return line


def _printed(found: Mapping[str, Any]) -> _Printed:
    figure = Figure(str(found["value_id"]), Decimal(str(found["amount"])), str(found["unit"]))
    return _Printed(int(found["start"]), int(found["end"]), figure)


def _once(printed: Sequence[_Printed], text: str) -> list[_Printed]:
    """Without figures that only say the one before again: "22.8% (22.8%)", "seven (7)"."""
    kept: list[_Printed] = []
    for each in printed:
        again = (
            kept and kept[-1].figure.amount == each.figure.amount and _AGAIN.fullmatch(text[kept[-1].end : each.start])
        )
        if not again:
            kept.append(each)
    return kept


def _by_year(text: str, printed: Sequence[_Printed]) -> list[tuple[int, _Printed]]:
    years = [(match.start(), int(match[0])) for match in YEAR.finditer(text)]
    return _in_lists(text, printed, years) or _one_by_one(text, printed, years)


def _in_lists(text: str, printed: Sequence[_Printed], years: Sequence[tuple[int, int]]) -> list[tuple[int, _Printed]]:
    """A list of figures and a list of as many years, in the same order."""
    for size in (5, 4, 3, 2):
        figures = next(
            (
                run
                for run in _runs(printed, size)
                if all(_LIST.fullmatch(text[a.end : b.start]) for a, b in pairwise(run))
            ),
            None,
        )
        times = next(
            (
                run
                for run in _runs(years, size)
                if all(_YEAR_LIST.fullmatch(text[a[0] + 4 : b[0]]) for a, b in pairwise(run))
            ),
            None,
        )
        if figures and times and len({each.figure.unit for each in figures}) == 1:
            return [(year, each) for (_, year), each in zip(times, figures, strict=True)]
    return []


def _runs(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[at : at + size] for at in range(len(items) - size + 1)]


def _one_by_one(text: str, printed: Sequence[_Printed], years: Sequence[tuple[int, int]]) -> list[tuple[int, _Printed]]:
    """Each figure with its year behind it: "$820 million in 2010, $852 million in 2009"."""
    found = []
    for number, each in enumerate(printed):
        limit = printed[number + 1].start if number + 1 < len(printed) else len(text)
        inside = [year for at, year in years if each.end <= at < limit]
        if len(inside) == 1 and _IN_YEAR.match(text[each.end : each.end + 80]):
            found.append((inside[0], each))
    return found


def _subject(text: str, printed: Sequence[_Printed]) -> str:
    """What the figures are called: the words before the verb that leads to the first, from the last break on."""
    before = text[: printed[0].start] if printed else text
    clause = re.split(r"[.;:]\s|,\s(?:and\s)?", before)[-1] if len(before) > 90 else before
    named = re.split(r"\s(?:was|were|is|are|totaled|totalled|amounted to|of)\s?$", clause.strip() + " ")[0]
    subject = " ".join(named.split()[-12:]).strip(" ,(")
    return subject if len(subject) > 9 else f"{' '.join(text.split()[:12])} …"
