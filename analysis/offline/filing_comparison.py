"""The plan for one subject over several filings: the course of a company over its reports, or companies side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from analysis.offline.artifacts import course_chart, course_metric, course_table
from analysis.offline.filing_periods import step_of
from analysis.offline.filing_plans import (
    SAY_LITTLE,
    Told,
    changes_between,
    lacking,
    series_of,
    subject_told,
    why_not,
    worked_for,
)
from analysis.offline.filings import Asked, Compared
from analysis.offline.formulas import Missing, titled
from analysis.offline.frame import Figure, Refused
from analysis.offline.script import Part
from analysis.offline.sides import Side, sides_told
from analysis.offline.telling import show
from analysis.offline.wording import Course, Point, course_sentences, with_articles
from analysis.offline.words import listed, name
from tools.values import Period


def compared_told(asked: Compared) -> Part:
    """One subject over several filings: the course that those of one company make, or the latest of each side by side."""
    (wanted,) = asked.each[0].names
    found: list[tuple[Asked, Told]] = []
    lost: list[str] = []
    for each in asked.each:
        worked = worked_for(wanted, each.filing)
        series = {} if isinstance(worked, Missing) else (yield from series_of(worked.lines, each.filing))
        reason = lacking(wanted, worked) if isinstance(worked, Missing) else why_not(wanted, worked, series)
        told = (
            None if reason or isinstance(worked, Missing) else (yield from subject_told(wanted, worked, series, each))
        )
        if told is None:
            lost.append(f"{name(each.filing.document)}: {reason or 'it has not the period you name.'}")
        else:
            found.append((each, told))
    if not found:
        raise Refused("", " ".join(lost))
    if asked.one_company and asked.each[0].trend:
        yield from _one_course(wanted, found, lost)
        return
    sides = [
        Side(
            each.filing.document,
            told.course.subject,
            told.periods[-1].label,
            told.periods[-1],
            told.course.points[-1].figure,
        )
        for each, told in found
        if told.course.points[-1].figure
    ]
    yield from sides_told(titled(SAY_LITTLE.get(wanted, wanted)), sorted(sides, key=_by_time))
    yield " ".join([*dict.fromkeys(method for _, told in found for method in told.methods), *lost])


def _by_time(side: Side) -> tuple[date, str]:
    return (side.period.end if side.period and side.period.end else date.min, side.document)


def _one_course(wanted: str, found: Sequence[tuple[Asked, Told]], lost: Sequence[str]) -> Part:
    """The periods that several filings of one company show, each once, as one course."""
    figures: dict[tuple[str, date | None], tuple[Period, Figure]] = {}
    for _, told in found:
        for period, point in zip(told.periods, told.course.points, strict=True):
            if point.figure:
                figures.setdefault((period.kind, period.end), (period, point.figure))
    ordered = sorted(figures.values(), key=lambda pair: pair[0].end or date.min)
    first = found[0][1].course
    changes, overall = yield from changes_between(first.subject, ordered, first.share, first.outflow)
    points = tuple(Point(p.label, figure, change) for (p, figure), change in zip(ordered, changes, strict=True))
    course = Course(
        first.subject, points, step_of([period for period, _ in ordered]), first.share, overall, first.outflow
    )
    yield with_articles(course_sentences(course))
    failed = yield from show([course_metric(course), course_chart([course], found[0][0].looks), course_table([course])])
    documents = listed([name(each.filing.document) for each, _ in found])
    methods = dict.fromkeys(method for _, told in found for method in told.methods)
    yield with_articles(" ".join([f"From {documents}.", *methods, *lost, *failed]))
