"""Which periods of a filing an answer tells: those that are named, or the latest and the one before, all of one length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from analysis.offline.frame import Figure
from analysis.offline.periods import Moment, PeriodWish
from tools.values import Period

NEAR_DAYS = 16
_LENGTHS: Mapping[str, tuple[str, ...]] = {"part": ("half", "span"), "quarter": ("quarter",), "year": ("year",)}


@dataclass(frozen=True, slots=True)
class Series:
    """A line's figures by period, and what the document calls it."""

    label: str
    figures: Mapping[Period, Figure]

    @property
    def is_held(self) -> bool:
        """Whether it is a balance: all its figures are those of a day."""
        return all(period.kind == "instant" for period in self.figures)

    def at(self, period: Period) -> Figure | None:
        """The figure of a period: its own, or the balance at its end."""
        if period in self.figures:
            return self.figures[period]
        return next(
            (figure for own, figure in self.figures.items() if own.kind == "instant" and _ends_near(own, period)), None
        )


def axis(lines: Sequence[Series]) -> list[Period]:
    """The periods for which every line has a figure, those of a line that runs over time before those of a balance."""
    lead = next((line for line in lines if not line.is_held), lines[0])
    return [period for period in lead.figures if all(line.at(period) for line in lines)]


def chosen(
    periods: Sequence[Period],
    wish: PeriodWish,
    lengths: Sequence[str],
    trend: bool,
) -> list[Period]:
    """The periods to tell, oldest first. `lengths`: which kind of period is meant, the likeliest first. Empty where the
    question names periods and none of these is there.
    """
    dated = sorted(periods, key=_end)
    named = [period for period in dated if any(is_named(moment, period) for moment in wish.moments)]
    if not dated or (wish.moments and not named):
        return []
    there = [period.kind for period in named or dated]
    length = next((kind for kind in lengths if kind in there), there[-1])
    alike = [period for period in dated if period.kind == length]
    if named:
        return _around([period for period in named if period in alike], alike, wish)
    if wish.mode == "last_n" and wish.count:
        return alike[-wish.count :]
    if wish.mode == "first":
        return alike[:1]
    return alike if trend else _with_before(alike, alike[-1])


def lengths_said(kind: str, own: Sequence[Period], over_balances: bool) -> list[str]:
    """The kinds of period to look for: the one that is said; a year for what is set against balances; the filing's own."""
    first = ["year"] if over_balances and not kind else []
    return [*_LENGTHS.get(kind, ()), *first, *(period.kind for period in own)]


def _around(named: Sequence[Period], alike: Sequence[Period], wish: PeriodWish) -> list[Period]:
    if wish.mode == "since":
        return [period for period in alike if _end(period) >= _end(named[0])]
    if wish.mode == "span" and len(named) > 1:
        return [period for period in alike if _end(named[0]) <= _end(period) <= _end(named[-1])]
    return list(named) if len(named) > 1 else _with_before(alike, named[0])


def _with_before(alike: Sequence[Period], period: Period) -> list[Period]:
    """The period, after the same one a year before where that is there, or else the one before it."""
    earlier = [other for other in alike if _end(other) < _end(period)]
    a_year = [other for other in earlier if abs((_end(period) - _end(other)).days - 365) <= NEAR_DAYS]
    return [*(a_year or earlier)[-1:], period]


def is_named(moment: Moment, period: Period) -> bool:
    """Whether a period is the one that was said: a fiscal year goes by the year it ends in."""
    if period.end is None:
        return False
    if moment.kind == "year":
        return period.end.year == moment.year or (period.kind == "year" and period.label.endswith(str(moment.year)))
    window = moment.window()
    if window is None:
        return False
    if moment.kind == "day":  # "the six months ended June 30, 2023"
        return period.end == window[1]
    return period.kind in (moment.kind, "instant") and abs((period.end - window[1]).days) <= NEAR_DAYS


def make_a_course(periods: Sequence[Period]) -> bool:
    """Whether periods in their order can be told as one course: balances, or periods of one length without a gap."""
    if any(period.start is None or period.end is None for period in periods):
        return True
    lengths = [days_of(period) for period in periods]
    gaps = [(after.start - before.end).days for before, after in pairwise(periods) if after.start and before.end]
    return max(lengths) - min(lengths) <= NEAR_DAYS and all(abs(gap - 1) <= NEAR_DAYS for gap in gaps)


def step_of(periods: Sequence[Period]) -> str:
    """What one step between the periods is called."""
    kinds = {period.kind for period in periods}
    words = {"year": "year", "quarter": "quarter", "half": "half-year"}
    return words.get(next(iter(kinds)), "period") if len(kinds) == 1 else "period"


def days_of(period: Period) -> int:
    """How many days it runs over."""
    return (period.end - period.start).days + 1 if period.start and period.end else 365


def _ends_near(own: Period, period: Period) -> bool:
    return bool(own.end and period.end) and abs((_end(own) - _end(period)).days) <= NEAR_DAYS


def _end(period: Period) -> date:
    return period.end or date.min
