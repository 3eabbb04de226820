"""Plans for questions to statements: what is asked of the tools, and the answer around it.

Each plan is a script (see script.py). The order is always the same: what is looked at, the queries, the finding, the
things to show, and last how it was worked out and what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from analysis.offline.artifacts import course_chart, course_metric, course_table, metric, table_title
from analysis.offline.asks import StatementAsk, StatementPart
from analysis.offline.frame import Figure
from analysis.offline.gathering import Findings, gather
from analysis.offline.script import Call, Part
from analysis.offline.subjects import Book, line_subject, quotient_subject
from analysis.offline.telling import WHY, show
from analysis.offline.wording import (
    Course,
    Point,
    course_sentences,
    extremes,
    finding,
    in_time,
    inline,
    moved,
    sentence_case,
    span_words,
    was,
)
from analysis.offline.words import listed, name
from tools.concepts import concept_of

NO_CAGR = "I do not compound growth over several years; the rates shown are from one {noun} to the next."
MOST_PARAGRAPHS = 2
_OF_REVENUE = frozenset(
    {"cost of sales", "gross profit", "operating expenses", "operating profit", "net income", "ebitda"}
)


def opening_words(ask: StatementAsk) -> str:
    """Where the figures are from, and how doubtful words were read. A plan opens with it; a reader gets it last."""
    labels = list(dict.fromkeys(label for part in ask.parts for label in part.periods))
    document = name(ask.parts[0].sheet.document)
    return " ".join([f"From {document}, {span_words(labels)}.", *ask.remarks])


def _told(full: Sequence[str], brief: Sequence[str]) -> Part:
    """One or two courses in paragraphs; more of them in a list, one sentence each."""
    if len(full) <= MOST_PARAGRAPHS:
        yield from full
    else:
        yield "\n".join(f"- {short or long}" for short, long in zip(brief, full, strict=True))


def closing(ask: StatementAsk, findings: Findings, *more: str) -> str:
    """The last paragraph: method, what was left out, what failed."""
    sentences = [*more, *findings.lost]
    if findings.methods:
        sentences.append(f"{'; '.join(findings.methods)}.")
    outflows = [f"*{name(course.subject)}*" for course in findings.courses if course.outflow]
    if outflows:
        sentences.append(f"The file has {listed(outflows)} as negative figures; sizes are told here.")
    if ask.why:
        sentences.append(WHY)
    if ask.cagr:
        sentences.append(NO_CAGR.format(noun=ask.noun))
    return " ".join(sentence for sentence in sentences if sentence)


def trend(ask: StatementAsk) -> Part:
    """How lines developed: the course of each, a chart, a table, the latest figure."""
    yield opening_words(ask)
    findings = yield from gather(ask.parts, ask.noun)
    courses = findings.courses
    yield from _told([course_sentences(c) for c in courses], [finding(c) if len(c.known) > 1 else "" for c in courses])
    failed = yield from show([course_metric(courses[0]), course_chart(courses, ask.looks), course_table(courses)])
    yield closing(ask, findings, *failed)


def compare(ask: StatementAsk) -> Part:
    """Two periods (or Budget and Actual) side by side."""
    yield opening_words(ask)
    parts, added = _with_share_of_revenue(ask.parts)
    findings = yield from gather(parts, ask.noun)
    told = [_of_revenue_words(c) if c.subject == added else compared(c) for c in findings.courses]
    yield from _told(told, told)
    asked = [course for course in findings.courses if course.subject != added]
    drawn = ask.looks.chart or len(asked) > 1
    failed = yield from show(
        [
            course_metric(asked[0]) if asked else None,
            course_chart(asked, ask.looks) if drawn else None,
            course_table(findings.courses, table_title(asked)),
        ]
    )
    own = Findings(
        findings.courses, findings.frames, findings.lost, tuple(m for m in findings.methods if added not in m)
    )
    yield closing(ask, own, *failed)


def _with_share_of_revenue(parts: Sequence[StatementPart]) -> tuple[Sequence[StatementPart], str]:
    """One profit or cost line is put into proportion: its share of revenue is added where the sheet has revenue."""
    if len(parts) != 1 or len(parts[0].subjects) != 1 or not parts[0].sheet.timed:
        return parts, "\0"
    part, subject = parts[0], parts[0].subjects[0]
    meant = concept_of(subject.name)
    revenue = Book(part.sheet.document, (part.sheet,)).line_for("revenue")
    if subject.derive or not meant or meant.concept not in _OF_REVENUE or not revenue:
        return parts, "\0"
    under = line_subject(Book(part.sheet.document, (part.sheet,)), revenue)[1]
    made = quotient_subject(subject, under)
    return [StatementPart(part.sheet, (subject, made), part.periods)], made.name


def compared(course: Course) -> str:
    """Two figures of one line: in time, or under names such as Budget and Actual."""
    known = course.known
    if len(known) < 2 or course.noun != "column":
        return course_sentences(course)
    first, rest = known[0], known[1:]
    return " ".join(f"{sentence_case(course.subject)}: {_against(first, point, course)}" for point in rest)


def _against(base: Point, point: Point, course: Course) -> str:
    assert base.figure
    assert point.figure
    way = moved(base.figure.amount, point.figure.amount, course.share)
    verb = {"up": "more", "down": "less", "flat": ""}[way]
    change = point.change if base is course.known[0] and point is course.known[1] else None
    by = f", {change.cite('pp,abs' if course.share else 'abs')} {verb}" if change and verb else ""
    return f"{point.figure.cite()} {_in(point)} against {base.figure.cite()} {_in(base)}{by}."


def _in(point: Point) -> str:
    return in_time(point.label)


def _of_revenue_words(course: Course) -> str:
    known = course.known
    if len(known) < 2:
        return ""
    first, last = known[0].figure, known[-1].figure
    assert first
    assert last
    spent = course.outflow and max(first.amount, last.amount) < 0  # of a cost the size is told, of a loss the sign
    way = moved(abs(first.amount), abs(last.amount), True) if spent else moved(first.amount, last.amount, True)
    sized = "abs" if spent else ""
    if way == "flat":
        return f"As a share of revenue it stayed at {last.cite(sized)}."
    change = known[-1].change
    by = f", {way} {change.cite('pp,abs')}" if change else ""
    return f"As a share of revenue it went from {first.cite(sized)} to {last.cite(sized)}{by}."


def lookup(ask: StatementAsk) -> Part:
    """What a line was in one period, with the period before it for comparison."""
    yield opening_words(ask)
    parts = [_with_period_before(part) for part in ask.parts]
    findings = yield from gather(parts, ask.noun)
    wanted = {label for part in ask.parts for label in part.periods}
    yield " ".join(looked_up(course, wanted) for course in findings.courses)
    asked = next((c for c in findings.courses if any(p.figure and p.label in wanted for p in c.points)), None)
    calls = [course_metric(asked) if asked else None, course_table(findings.courses)]
    if ask.looks.chart:
        calls.insert(1, course_chart(findings.courses, ask.looks))
    failed = yield from show(calls)
    yield closing(ask, findings, *failed)


def _with_period_before(part: StatementPart) -> StatementPart:
    axis = [f.label for f in part.sheet.periods]
    first = axis.index(part.periods[0])
    if not first or not part.sheet.timed:
        return part
    return StatementPart(part.sheet, part.subjects, (axis[first - 1], *part.periods))


def looked_up(course: Course, wanted: set[str]) -> str:
    """What a line was in the wanted periods, each against the one before it."""
    sentences = []
    for before, point in zip((None, *course.points), course.points, strict=False):
        if point.label not in wanted:
            continue
        if not point.figure:
            sentences.append(f"The file gives no figure for {inline(course.subject)} {in_time(point.label)}.")
        else:
            sentences.append(
                f"{sentence_case(course.subject)} {was(course.subject)} {_size(point.figure, course)} {in_time(point.label)}"
                f"{_than(point, before, course)}."
            )
    return " ".join(sentences)


def _size(figure: Figure, course: Course) -> str:
    return figure.cite("abs") if course.outflow else figure.cite()


def _than(point: Point, before: Point | None, course: Course) -> str:
    if not before or not before.figure or not point.figure:
        return ""
    was_before, is_now = before.figure.amount, point.figure.amount
    way = moved(abs(was_before), abs(is_now), False) if course.outflow else moved(was_before, is_now, course.share)
    label, when = name(before.label), in_time(before.label)
    if way == "flat":
        return f", about the same as {when}"
    if not point.change or was_before * is_now < 0:
        return f", after {_size(before.figure, course)} {when}"
    if course.share:
        return f", {point.change.cite('pp,abs')} {'above' if way == 'up' else 'below'} {label}"
    if point.change.unit != "ratio":
        return f", {point.change.cite('abs')} {'more' if way == 'up' else 'less'} than {when}"
    return (
        f", {point.change.cite('abs')} {'more' if way == 'up' else 'less'} than {when} ({_size(before.figure, course)})"
    )


def sheet(ask: StatementAsk) -> Part:
    """A whole statement, with its key lines in words."""
    yield opening_words(ask)
    findings = yield from gather(ask.parts, ask.noun)
    wanted = {part.periods[-1] for part in ask.parts}
    yield "\n".join(f"- {looked_up(course, wanted)}" for course in findings.courses)
    own = ask.parts[0].sheet
    failed = yield from show(
        [
            course_metric(findings.courses[0]),
            course_chart(findings.courses, ask.looks) if ask.looks.chart else None,
            Call("create_table", {"title": own.title or own.document, "table": own.address}),
        ]
    )
    yield closing(ask, findings, *failed)


def extreme(ask: StatementAsk) -> Part:
    """When a line was highest, or lowest."""
    yield opening_words(ask)
    findings = yield from gather(ask.parts, ask.noun)
    low = ask.direction == "low"
    for course in findings.courses:
        yield _extreme_words(course, low)
    course = findings.courses[0]
    point = extremes(course)[1 if low else 0] if course.known else None
    words = f"{course.subject}, {'lowest' if low else 'highest'}: {point.label}" if point else ""
    calls = [
        metric(words, point.figure) if point and point.figure else None,
        course_chart(findings.courses, ask.looks),
        course_table(findings.courses),
    ]
    failed = yield from show(calls)
    yield closing(ask, findings, *failed)


def _extreme_words(course: Course, low: bool) -> str:
    if len(course.known) < 2:
        return course_sentences(course)
    high, bottom = extremes(course)
    first, second = (bottom, high) if low else (high, bottom)
    words = ("lowest", "highest") if low else ("highest", "lowest")
    assert first.figure
    assert second.figure
    if first.figure.amount == second.figure.amount:
        return f"{sentence_case(course.subject)} {was(course.subject)} the same in every {course.noun}, {first.figure.cite()}."
    ties = [p for p in course.known if p.figure and p.figure.amount == first.figure.amount]
    where = listed([name(p.label) for p in ties])
    return (
        f"{sentence_case(course.subject)} {was(course.subject)} {words[0]} in {where}, at {first.figure.cite()}; "
        f"{words[1]} in {name(second.label)}, at {second.figure.cite()}."
    )


PLANS: Mapping[str, Callable[[StatementAsk], Part]] = {
    "trend": trend,
    "compare": compare,
    "lookup": lookup,
    "sheet": sheet,
    "extreme": extreme,
}
