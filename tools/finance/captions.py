"""One honest sentence under a chart: what it shows, computed from its values and worded with them.

The sentence says only what the points say: rose every year, highest and lowest, from and to. It gives no reason and no
judgement, and every figure in it is the words of one of the chart's values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.finance.words import counted, tame
from tools.values import Value

_NOUNS = {"year": "year", "half": "half-year", "quarter": "quarter", "month": "month", "week": "week", "day": "day"}
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Strand:
    """A series to talk about: its name and a value, or a gap, for each place on the x axis."""

    name: str
    values: Sequence[Value | None]

    def points(self, places: Sequence[str]) -> list[tuple[str, Value]]:
        return [(place, value) for place, value in zip(places, self.values, strict=True) if value is not None]


def caption(kind: str, places: Sequence[str], strands: Sequence[Strand], timed: bool) -> str:
    """The sentence. `places` are the words of the x axis; `timed` says that they follow each other in time."""
    filled = [strand for strand in strands if strand.points(places)]
    if not filled:
        return "No values."
    if kind == "scatter":
        return _scattered(places, filled)
    if timed:
        return _one_in_time(filled[0], places) if len(filled) == 1 else _several_in_time(filled, places)
    return _one_ranked(filled[0], places, kind) if len(filled) == 1 else _several_ranked(filled, places)


def _one_in_time(strand: Strand, places: Sequence[str]) -> str:
    points = strand.points(places)
    (first_place, first), (last_place, last) = points[0], points[-1]
    name, gaps = _name(strand), len(places) - len(points)
    missing = f"; {counted(gaps, 'gap')}" if gaps else ""
    if len(points) == 1:
        return f"{name} was {first.shown} {_at(points[0])}{missing}."
    steps = [later.amount - earlier.amount for (_, earlier), (_, later) in pairwise(points)]
    kind = "year" if all(map(_YEAR.fullmatch, places)) else first.period.kind if first.period else ""
    noun = _NOUNS.get(kind, "step")
    if len(steps) > 1 and not gaps and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        verb = "rose" if steps[0] > 0 else "fell"
        if min(first.amount, last.amount) < 0:
            verb = "increased" if steps[0] > 0 else "decreased"
        return f"{name} {verb} every {noun}, from {first.shown} {_at(points[0])} to {last.shown} {_at(points[-1])}."
    high, low = max(points, key=lambda point: point[1].amount), min(points, key=lambda point: point[1].amount)
    told = _movement(first, last)
    between = (
        "" if len(points) == 2 or high[1].amount == low[1].amount else _extremes(high, low, (first_place, last_place))
    )
    return f"{name} {told} between {first_place} and {last_place}{between}{missing}."


_YEAR = re.compile(r"(?:FY ?)?[0-9]{2,4}", re.I)  # a balance sheet may call the day by its year


def _at(point: tuple[str, Value]) -> str:
    """`in FY2024`, `on 2019-02-16`."""
    place, value = point
    daily = value.period is not None and value.period.kind in ("day", "instant") and not _YEAR.fullmatch(place)
    return f"{'on' if daily else 'in'} {place}"


def _movement(first: Value, last: Value) -> str:
    if last.amount == first.amount:
        return f"began and ended at {first.shown}"
    if min(first.amount, last.amount) < 0:  # a cost of −£37m after −£30m: nobody calls that a fall
        return f"went from {first.shown} to {last.shown}"
    return f"{'rose' if last.amount > first.amount else 'fell'} from {first.shown} to {last.shown}"


def _extremes(high: tuple[str, Value], low: tuple[str, Value], ends: tuple[str, str]) -> str:
    """The peak and the trough, where they are not simply the ends."""
    words = [
        f"a {word} of {point[1].shown} {_at(point)}"
        for word, point in (("high", high), ("low", low))
        if point[0] not in ends
    ]
    return f", with {' and '.join(words)}" if words else ""


def _several_in_time(strands: Sequence[Strand], places: Sequence[str]) -> str:
    told = []
    for strand in strands[:_MOST_NAMED]:
        points = strand.points(places)
        told.append(
            f"{_name(strand)} {_movement(points[0][1], points[-1][1])}"
            if len(points) > 1
            else f"{_name(strand)} was {points[0][1].shown}"
        )
    more = f"; and {counted(len(strands) - _MOST_NAMED, 'more line')}" if len(strands) > _MOST_NAMED else ""
    return f"{places[0]} to {places[-1]}: {'; '.join(told)}{more}."


def _one_ranked(strand: Strand, places: Sequence[str], kind: str) -> str:
    points = strand.points(places)
    high, low = max(points, key=lambda point: point[1].amount), min(points, key=lambda point: point[1].amount)
    if len(points) == 1:
        return f"{_name(strand)}: {high[1].shown} for {high[0]}."
    noun = "part" if kind == "pie" else "value"
    if high[1].amount == low[1].amount:
        return f"{_name(strand)}: {high[1].shown} for each of {len(points)}."
    largest, smallest = f"{high[0]} with {high[1].shown}", f"{low[0]} with {low[1].shown}"
    return f"{_name(strand)}: the largest {noun} is {largest}, the smallest {smallest}, of {len(points)}."


def _several_ranked(strands: Sequence[Strand], places: Sequence[str]) -> str:
    told = []
    for strand in strands[:_MOST_NAMED]:
        place, value = max(strand.points(places), key=lambda point: point[1].amount)
        told.append(f"{_name(strand)} is highest for {place}, at {value.shown}")
    more = f"; and {len(strands) - _MOST_NAMED} more" if len(strands) > _MOST_NAMED else ""
    return "; ".join(told) + more + "."


def _scattered(places: Sequence[str], strands: Sequence[Strand]) -> str:
    told = []
    for strand in strands[:_MOST_NAMED]:
        values = [value for _, value in strand.points(places)]
        low, high = min(values, key=lambda value: value.amount), max(values, key=lambda value: value.amount)
        told.append(f"{_name(strand)} from {low.shown} to {high.shown}")
    return f"{counted(len(places), 'point')}: {', '.join(told)}."


def _name(strand: Strand) -> str:
    return tame(strand.name, 60) or "The series"
