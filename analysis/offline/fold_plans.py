"""Plans that fold a line over periods into one figure: its average, its total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis.offline.artifacts import course_chart, course_table, metric
from analysis.offline.asks import StatementAsk
from analysis.offline.frame import Figure, Frame
from analysis.offline.gathering import Findings, gather
from analysis.offline.script import Call, Part
from analysis.offline.statement_plans import closing, opening_words
from analysis.offline.telling import show
from analysis.offline.wording import (
    Course,
    course_sentences,
    extremes,
    inline,
    sentence_case,
    span_words,
)
from analysis.offline.words import counted, name


def average(ask: StatementAsk) -> Part:
    """The mean of a line over periods."""
    yield from _folded(ask, "mean", "averaged")


def total(ask: StatementAsk) -> Part:
    """The sum of a line over periods."""
    yield from _folded(ask, "sum", "came to")


def _folded(ask: StatementAsk, op: str, verb: str) -> Part:
    yield opening_words(ask)
    findings = yield from gather(ask.parts, ask.noun)
    word = "Average" if op == "mean" else "Total"
    frames = _frames_of(findings)
    summable = [c for c in findings.courses if op == "mean" or not (c.share or _is_stock(ask, c.subject))]
    figures: Mapping[str, Figure | None] = {}
    if summable:
        answers = yield tuple(
            Call("query_data", {"table": address, "aggregates": [_aggregate(op, c, word) for c in courses]})
            for address, courses in frames(summable)
        )
        figures = {label: row for answer in answers for label, row in _only_row(Frame.of(answer)).items()}
    for course in findings.courses:
        yield _folded_words(course, figures.get(f"{word} {course.subject}"), verb, course in summable)
    main = next((figure for figure in figures.values() if figure), None)
    first = findings.courses[0]
    heading = f"{word} {inline(first.subject)}, {span_words([p.label for p in first.points])}"
    calls = [
        metric(heading, main) if main else None,
        course_chart(findings.courses, ask.looks) if ask.looks.chart else None,
        course_table(findings.courses),
    ]
    failed = yield from show(calls)
    yield closing(ask, findings, *failed)


def _frames_of(findings: Findings) -> Callable[[Sequence[Course]], list[tuple[str, list[Course]]]]:
    def grouped(courses: Sequence[Course]) -> list[tuple[str, list[Course]]]:
        found = [(f.address, [c for c in courses if c.subject in f.labels]) for f in findings.frames]
        return [(address, own) for address, own in found if own]

    return grouped


def _aggregate(op: str, course: Course, word: str) -> dict[str, Any]:
    return {"op": op, "column": course.subject, "name": f"{word} {course.subject}"}


def _only_row(frame: Frame) -> dict[str, Figure | None]:
    if not frame.rows:
        return {}
    return {
        label: cell if isinstance(cell, Figure) else None
        for label, cell in zip(frame.labels, frame.rows[0], strict=True)
        if not isinstance(cell, str)
    }


def _is_stock(ask: StatementAsk, subject: str) -> bool:
    return any(s.stock for s in ask.subjects if s.name == subject)


def _folded_words(course: Course, figure: Figure | None, verb: str, allowed: bool) -> str:
    if not allowed:
        kind = "a ratio" if course.share else "a balance"
        return f"{sentence_case(course.subject)} is {kind} and is not added up over time. {course_sentences(course)}"
    if not figure:
        return course_sentences(course)
    span = span_words([point.label for point in course.known])
    number = counted(len(course.known), course.noun)
    high, low = extremes(course)
    assert high.figure
    assert low.figure
    between = f", between {low.figure.cite()} in {name(low.label)} and {high.figure.cite()} in {name(high.label)}"
    range_words = between if len(course.known) > 1 else ""
    return f"{sentence_case(course.subject)} {verb} {figure.cite()} over {span} ({number}){range_words}."


PLANS: Mapping[str, Callable[[StatementAsk], Part]] = {"average": average, "total": total}
