"""The plan for one subject over several filings: the course of a company over its reports, or companies side by side."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import date

from analysis.offline.artifacts import course_chart, course_metric, course_table
from analysis.offline.filing_periods import make_a_course, step_of
from analysis.offline.filing_plans import (
    SAY_LITTLE,
    Answers,
    Step,
    Told,
    called_line,
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
from analysis.offline.sides import Side, end_of, sides_told
from analysis.offline.telling import show
from analysis.offline.wording import Course, Point, course_sentences, with_articles
from analysis.offline.words import listed, name
from tools.values import Period


def compared_told(asked: Compared) -> Part:
    """One subject over several filings: the course that those of one company make, or the latest of each side by side."""
    called = asked.each[0].called
    wanted = next(iter(asked.each[0].names), "") if not called else called[0]
    found: list[tuple[Asked, Told]] = []
    lost: list[str] = []
    for each in asked.each:
        told, reason = (yield from _by_call(each)) if called else (yield from _by_name(wanted, each))
        if told is None:
            lost.append(f"{name(each.filing.document)}: {reason or 'it has not the period you name.'}")
        else:
            found.append((each, told))
    if not found:
        raise Refused("", " ".join(lost))
    if asked.one_company and asked.each[0].trend and make_a_course([period for period, _ in _in_order(found)]):
        yield from _one_course(found, lost)
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
    yield from sides_told(
        titled(SAY_LITTLE.get(wanted, wanted)), sorted(sides, key=lambda side: (end_of(side.period), side.document))
    )
    yield " ".join([*dict.fromkeys(method for _, told in found for method in told.methods), *lost])


def _by_name(wanted: str, each: Asked) -> Generator[Step, Answers, tuple[Told | None, str]]:
    """A standard line or a formula of one filing, or why there is none."""
    worked = worked_for(wanted, each.filing)
    if isinstance(worked, Missing):
        return None, lacking(wanted, worked)
    series = yield from series_of(worked.lines, each.filing)
    reason = why_not(wanted, worked, series)
    return (None, reason) if reason else ((yield from subject_told(wanted, worked, series, each)), "")


def _by_call(each: Asked) -> Generator[Step, Answers, tuple[Told | None, str]]:
    told = yield from called_line(each)
    return told, f"nothing in it that I can tell surely is called “{name(each.called[0])}”."


def _in_order(found: Sequence[tuple[Asked, Told]]) -> list[tuple[Period, Figure]]:
    """The periods that several filings show, each once, with their figures, oldest first."""
    figures: dict[tuple[str, date | None], tuple[Period, Figure]] = {}
    for _, told in found:
        for period, point in zip(told.periods, told.course.points, strict=True):
            if point.figure:
                figures.setdefault((period.kind, period.end), (period, point.figure))
    return sorted(figures.values(), key=lambda pair: end_of(pair[0]))


def _one_course(found: Sequence[tuple[Asked, Told]], lost: Sequence[str]) -> Part:
    """The periods that several filings of one company show as one course."""
    ordered = _in_order(found)
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
