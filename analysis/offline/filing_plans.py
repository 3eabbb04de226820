"""The plans for questions to a filing: what is asked of the tools, and the answer around it."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import course_chart, course_metric, course_table, frame_table
from analysis.offline.filing import Filing
from analysis.offline.filing_periods import Series, axis, chosen, days_of, lengths_said, step_of
from analysis.offline.filings import Asked, Statement
from analysis.offline.formulas import (
    TOTAL_DEBT,
    Formula,
    Missing,
    Worked,
    debt_lines,
    inner_formulas,
    made_of,
    titled,
    worked_out,
)
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.script import Call, Part
from analysis.offline.statement_plans import looked_up
from analysis.offline.subjects import is_outflow
from analysis.offline.telling import WHY, show
from analysis.offline.wording import Course, Point, course_sentences, finding, span_words, with_articles
from analysis.offline.words import listed, name
from tools.concepts import concept_of
from tools.values import Period

_PAID = frozenset({"capital expenditure", "dividends", "share repurchases", "cost of sales", "tax", "finance costs"})
SAY_LITTLE: Mapping[str, str] = {
    "shares": "weighted-average basic shares",
    "diluted shares": "weighted-average diluted shares",
    "earnings per share": "basic earnings per share",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A subject as a course over these periods, and how it was worked out."""

    course: Course
    periods: Sequence[Period]
    methods: Sequence[str] = ()


Step = tuple[Call, ...]
Answers = Sequence[ToolAnswer]


def statement_told(asked: Statement) -> Part:
    """The whole statement as tables, one for each that the filing prints of this kind."""
    (answer,) = yield (Call("get_statement", {"document": asked.filing.alias, "statement": asked.kind}),)
    frame = Frame.of(answer)
    title = f"{asked.title[:1].upper()}{asked.title[1:]}, {asked.filing.document}"
    yield f"This is the {asked.title} of {name(asked.filing.document)} as it is printed, with the standard name of each line."
    yield " ".join((yield from show([frame_table(frame, title)])))


def filing_told(asked: Asked) -> Part:
    """The figures asked for, with the period before or their course; refuses where the filing lacks the lines."""
    lost: list[str] = []
    made: dict[str, Worked] = {}
    for wanted in asked.names:
        worked = worked_for(wanted, asked.filing)
        if isinstance(worked, Missing):
            lost.append(lacking(wanted, worked))
        else:
            made[wanted] = worked
    series = yield from series_of(
        list(dict.fromkeys(line for each in made.values() for line in each.lines)), asked.filing
    )
    told: list[Told] = []
    for wanted, worked in made.items():
        reason = why_not(wanted, worked, series)
        if reason:
            lost.append(reason)
            continue
        subject = yield from subject_told(wanted, worked, series, asked)
        if subject is None:
            lost.append(_no_period(wanted, worked, series))
        else:
            told.append(subject)
    if not told:
        raise Refused("", " ".join(lost))
    yield from _sentences([each.course for each in told], asked.trend)
    yield from _shown(told, asked, lost)


def called_told(asked: Asked) -> Generator[Step | str, Answers, bool]:
    """A line that is no standard one, by what it may be called; False where the filing has none that is called so."""
    told = yield from called_line(asked)
    if told is None:
        return False
    yield from _sentences([told.course], asked.trend)
    yield from _shown([told], asked, [])
    return True


def called_line(asked: Asked) -> Generator[Step, Answers, Told | None]:
    """The first of the ways in which a line may be called that the filing has a line for."""
    answers = yield tuple(Call("get_values", {"line": way, "documents": [asked.filing.alias]}) for way in asked.called)
    for way, answer in zip(asked.called, answers, strict=True):
        if answer.is_error or any(line["meant"] not in ("label", "tag") for line in answer.data.get("lines", ())):
            continue
        line = _read(way, answer)
        if line.is_held and asked.names == ("revenue",):  # capital allocated to a segment is not what it earned
            continue
        periods = chosen(axis([line]), asked.wish, lengths_said(asked.kind, asked.filing.periods, False), asked.trend)
        if not periods:
            continue
        figures = [line.figures[period] for period in periods]
        outflow = is_outflow(line.label) and all(figure.amount < 0 for figure in figures)
        dated = list(zip(periods, figures, strict=True))
        changes, overall = yield from changes_between(line.label, dated, figures[0].unit == "ratio", outflow)
        points = tuple(Point(p.label, fig, change) for p, fig, change in zip(periods, figures, changes, strict=True))
        title = way if way.endswith(")") else line.label
        course = Course(title, points, step_of(periods), figures[0].unit == "ratio", overall, outflow)
        return Told(course, periods, [_where(answer)])
    return None


def _where(answer: ToolAnswer) -> str:
    title = str((answer.data.get("lines") or [{}])[0].get("table", ""))
    return f"The line stands in *{name(title)}*." if title else ""


def _sentences(courses: Sequence[Course], trend: bool) -> Part:
    """Each course: what it was last and how that compares, or from where to where; many of them in a list."""
    told = []
    for course in courses:
        latest = not trend and len(course.points) <= 2
        brief = finding(course) if len(course.known) > 1 and len(courses) > 2 else course_sentences(course)
        told.append(with_articles(looked_up(course, {course.points[-1].label}) if latest else brief))
    if len(told) < 3:
        yield from told
    else:
        yield "\n".join(f"- {sentence}" for sentence in told)


def _shown(told: Sequence[Told], asked: Asked, lost: Sequence[str]) -> Part:
    """The chart, the table and the headline figure; then where all is from, and how it was worked out."""
    courses = [each.course for each in told]
    labels = list(dict.fromkeys(period.label for each in told for period in each.periods))
    drawn = asked.looks.chart or (asked.trend and len(labels) > 2)
    failed = yield from show(
        [
            course_metric(courses[0]),
            course_chart(courses, asked.looks) if drawn else None,
            course_table(courses) if len(labels) > 1 or len(courses) > 1 else None,
        ]
    )
    outflows = [f"*{name(course.subject)}*" for course in courses if course.outflow]
    signs = f"The file has {listed(outflows)} as negative figures; sizes are told here." if outflows else ""
    methods = list(dict.fromkeys(method for each in told for method in each.methods))
    source = f"From {name(asked.filing.document)}, {span_words(labels)}."
    why = WHY if asked.why else ""
    yield with_articles(" ".join(each for each in (source, *methods, signs, *lost, why, *failed) if each))


# -- what is needed ----------------------------------------------------------------------------------------------------


def worked_for(wanted: str, filing: Filing) -> Worked | Missing:
    """A line by itself, or what a formula comes to with the lines that there are."""
    debt = debt_lines(filing.lines_of("balance"))
    if wanted == TOTAL_DEBT:
        return Worked(" + ".join(f"{{={line}}}" for line in debt), "") if debt else Missing([wanted])
    formula = made_of(wanted)
    if wanted in filing.concepts:
        return Worked(f"{{{wanted}}}", "")
    if formula is None:
        return Missing([wanted])
    try:
        return worked_out(formula, filing.concepts.__contains__, debt)
    except Missing as missing:
        return missing


def series_of(lines: Sequence[str], filing: Filing) -> Generator[Step, Answers, dict[str, Series]]:
    """Each line's figures by period, as far as the filing's statements have it."""
    if not lines:
        return {}
    answers = yield tuple(Call("get_values", {"line": line.lstrip("="), "documents": [filing.alias]}) for line in lines)
    found: dict[str, Series] = {}
    for line, answer in zip(lines, answers, strict=True):
        if not answer.is_error and _is_meant(answer, filing):
            found[line] = _read(line, answer)
    return found


def _is_meant(answer: ToolAnswer, filing: Filing) -> bool:
    """Whether the line found stands in a statement, and is called so or is that standard line."""
    statements = {sheet.address for sheet in filing.sheets}
    return all(line["meant"] != "words" and line["address"] in statements for line in answer.data.get("lines", ()))


def _read(line: str, answer: ToolAnswer) -> Series:
    frame = Frame.of(answer)
    periods = [Period.from_wire(period) for period in answer.data.get("periods", ())]
    row = frame.rows[0]
    cells = {period: cell for period, cell in zip(periods, row[2:], strict=False) if isinstance(cell, Figure)}
    return Series(str(row[1] or line.lstrip("=")), cells)


# -- why something is not worked out -----------------------------------------------------------------------------------


def why_not(wanted: str, worked: Worked, series: Mapping[str, Series]) -> str:
    absent = [line.lstrip("=") for line in worked.lines if not series.get(line) or not series[line].figures]
    if absent:
        return lacking(wanted, Missing(absent))
    unclear = _unclear(worked, series)
    if unclear:
        return f"I do not work out {_plain(wanted)}: the file prints *{name(unclear)}* as cost and as income."
    below = _below_zero(worked, series)
    return f"{titled(wanted)} has no meaning here: *{name(below)}* is negative." if below else ""


def _unclear(worked: Worked, series: Mapping[str, Series]) -> str:
    """A cost that enters by its size, and whose sign changes from period to period: then its size says too little."""
    for line in re.findall(r"abs\(\{([^{}]+)\}\)", worked.expression):
        own = series[line]
        signs = {figure.amount > 0 for figure in own.figures.values() if figure.amount}
        is_benefit = own.label.casefold().startswith(("benefit", "income tax benefit")) and True in signs
        if len(signs) > 1 or is_benefit:
            return own.label
    return ""


def _below_zero(worked: Worked, series: Mapping[str, Series]) -> str:
    """A line under a stroke that is not positive in the latest period: a share of it says nothing."""
    for line in re.findall(r"/ \{([^{}]+)\}", worked.expression):
        if list(series[line].figures.values())[-1].amount <= 0:
            return series[line].label
    return ""


def lacking(wanted: str, missing: Missing) -> str:
    if missing.concepts == (wanted,):
        return f"The statements have no line for {_plain(wanted)}."
    lines = listed([name(concept) for concept in missing.concepts], "or")
    return f"I cannot work out {_plain(wanted)}: the statements have no line for {lines}."


def _no_period(wanted: str, worked: Worked, series: Mapping[str, Series]) -> str:
    there = list(dict.fromkeys(period.label for line in worked.lines for period in series[line].figures))
    return f"There is no {_plain(wanted)} for the period you name; the file has {listed(list(map(name, there[-8:])))}."


# -- a subject over its periods ----------------------------------------------------------------------------------------


def subject_told(
    wanted: str, worked: Worked, series: Mapping[str, Series], asked: Asked
) -> Generator[Step, Answers, Told | None]:
    """The figures of the chosen periods with the changes between them; None where a named period is not there."""
    lines = [series[line] for line in worked.lines]
    mixed = 0 < sum(1 for line in lines if line.is_held) < len(lines)
    lengths = lengths_said(asked.kind, asked.filing.periods, mixed)
    periods = chosen(axis(lines), asked.wish, lengths, asked.trend)
    if not periods:
        return None
    formula = made_of(wanted) if wanted not in asked.filing.concepts else None
    plain = worked.expression == f"{{{worked.lines[0]}}}"
    if plain:
        figures = [lines[0].figures[period] for period in periods]
    else:
        figures = yield from _computed(wanted, formula, worked, series, periods)
    title = _title(wanted, formula, lines)
    share = bool(formula and formula.shown == "share")
    outflow = plain and (wanted in _PAID or is_outflow(title)) and all(figure.amount < 0 for figure in figures)
    changes: list[Figure | None] = [None] * len(figures)
    overall: Figure | None = None
    if formula is None or formula.shown in ("amount", "share"):
        dated = list(zip(periods, figures, strict=True))
        changes, overall = yield from changes_between(title, dated, share, outflow)
    points = tuple(Point(p.label, figure, change) for p, figure, change in zip(periods, figures, changes, strict=True))
    course = Course(title, points, step_of(periods), share, overall, outflow)
    return Told(course, periods, _methods(wanted, formula, worked, series, asked.filing, periods))


def _title(wanted: str, formula: Formula | None, lines: Sequence[Series]) -> str:
    """The document's own words for a line; the standard name where these say little by themselves (`Diluted`)."""
    if formula is None and len(lines) == 1:
        own = lines[0].label
        meant = concept_of(own)
        if meant is not None and meant.concept == wanted:
            return own
    return titled(SAY_LITTLE.get(wanted, wanted))


def _computed(
    wanted: str, formula: Formula | None, worked: Worked, series: Mapping[str, Series], periods: Sequence[Period]
) -> Generator[Step, Answers, list[Figure]]:
    """The formula for each period, worked out by the tool."""
    unit = {"multiple": "multiple", "share": "ratio", "days": "days"}.get(formula.shown if formula else "", "")
    asks = []
    for period in periods:
        expression = worked.expression.replace("DAYS", str(days_of(period)))
        for line in worked.lines:
            figure = series[line].at(period)
            assert figure is not None
            expression = expression.replace(f"{{{line}}}", figure.value_id)
        ask = {"name": f"{titled(wanted)}, {period.label}"[:120], "expression": expression}
        asks.append(ask | ({"unit": unit} if unit else {}))
    return _figures((yield (Call("calculate", {"calculations": asks}),)), len(periods))


def _figures(answers: Answers, count: int) -> list[Figure]:
    figures = [cell for row in Frame.of(answers[0]).rows for cell in row if isinstance(cell, Figure)]
    if len(figures) != count:
        raise Refused("calculate", "not every period could be worked out")
    return figures


def changes_between(
    title: str, dated: Sequence[tuple[Period, Figure]], share: bool, outflow: bool
) -> Generator[Step, Answers, tuple[list[Figure | None], Figure | None]]:
    """From each figure to the next, and from the first to the last: growth, or points between ratios."""
    pairs = list(pairwise(dated))
    pairs += [(dated[0], dated[-1])] if len(dated) > 2 else []
    asks = [_change(one, other, share, outflow) for (_, one), (_, other) in pairs]
    names = [f"{title[:50]}, change from {one.label} to {other.label}"[:120] for (one, _), (other, _) in pairs]
    calculations = [{"name": each, "expression": ask} for each, ask in zip(names, asks, strict=True) if ask]
    if not calculations:
        return [None] * len(dated), None
    made = iter(_figures((yield (Call("calculate", {"calculations": calculations}),)), len(calculations)))
    changes = [next(made) if ask else None for ask in asks]
    return [None, *changes[: len(dated) - 1]], changes[-1]


def _change(one: Figure, other: Figure, share: bool, outflow: bool) -> str:
    """The expression, or nothing where growth has no meaning: from nothing, or from a loss."""
    if share:
        return f"{other.value_id} - {one.value_id}"
    if outflow:
        return f"growth(abs({other.value_id}), abs({one.value_id}))"
    return f"growth({other.value_id}, {one.value_id})" if one.amount > 0 else ""


def _methods(
    wanted: str,
    formula: Formula | None,
    worked: Worked,
    series: Mapping[str, Series],
    filing: Filing,
    periods: Sequence[Period],
) -> list[str]:
    """How it was worked out, in the document's words; of balances, that these are the ones at the end."""
    told: list[str] = []
    if formula is not None:
        inner = inner_formulas(formula, filing.concepts.__contains__)
        for each in dict.fromkeys([formula, *inner]):
            words = re.sub(r"\{([^{}]+)\}", lambda found: _called(found[1], series), each.words)
            told.append(f"{titled(each.name)} is {words}.")
    debt = [f"*{name(line[1:])}*" for line in worked.lines if line.startswith("=")]
    if debt and (wanted == TOTAL_DEBT or len(debt) > 1):
        told.append(f"Total debt is {' plus '.join(debt)}.")
    held = [line for line in worked.lines if series[line].is_held]
    if formula is not None and 0 < len(held) < len(worked.lines):
        told.append("Balances are those at the end of the period.")
        if formula.shown != "days" and all(period.kind != "year" for period in periods):
            told.append("It is not annualised.")
    return told


def _called(part: str, series: Mapping[str, Series]) -> str:
    return f"*{name(series[part].label)}*" if part in series else _plain(part)


def _plain(wanted: str) -> str:
    return name(wanted.replace("ebitda", "EBITDA"))
