"""Gathering: the queries behind a statement answer, and their results as courses over time.

Two queries for a sheet. The first turns it so that periods are rows, with the lines asked for and what is derived of
them; only then are the signs known, and the second adds the change from period to period: growth where there is a base
to grow from, an amount where the base is negative or nothing, percentage points for ratios. The change from first to
last is a query of its own, because a change is always against the row before.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.asks import StatementPart, Subject
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import Ratio, ratio_phrases
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.script import Call
from analysis.offline.subjects import Book, is_outflow
from analysis.offline.wording import Course, Point, inline
from analysis.offline.words import name
from tools.labels import label_stems

Json = Mapping[str, Any]
Gathered = Generator[tuple[Call, ...], Sequence[ToolAnswer], "Findings"]
Found = tuple[StatementPart, Frame]


@dataclass(frozen=True, slots=True)
class Findings:
    """The courses of all subjects, in the order asked; `frames` are the results they were read from, `lost` the reasons
    why a subject could not be computed, `methods` how the derived ones were."""

    courses: tuple[Course, ...]
    frames: tuple[Frame, ...]
    lost: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


def base_query(part: StatementPart) -> Call:
    """A part's periods as rows (oldest first), its lines and what is derived of them as columns."""
    lines = list(dict.fromkeys(need for subject in part.subjects for need in subject.needs))
    derive: list[Json] = []
    for subject in part.subjects:
        derive += [step for step in subject.derive if step not in derive]
    turned_by = part.sheet.turned_by
    asked: dict[str, Any] = {"table": part.sheet.address}
    if turned_by:
        asked["columns"] = [turned_by, *lines, *(str(step["name"]) for step in derive)]
        asked["sort"] = [{"column": turned_by}]
    else:
        asked |= {"lines": lines, "transpose": True}
    if turned_by:
        asked["where"] = [{"column": turned_by, "op": "in", "value": list(part.periods)}]
    elif part.sheet.timed:
        asked["periods"] = list(part.periods)
    elif len(part.periods) < len(part.sheet.periods):
        asked["where"] = [{"column": "Column", "op": "in", "value": list(part.periods)}]
    if derive:
        asked["derive"] = [dict(step) for step in derive]
    if len(part.periods) > 50:
        asked["limit"] = len(part.periods)
    return Call("query_data", asked)


def gather(parts: Sequence[StatementPart], noun: str) -> Gathered:
    """Ask for all parts at once, then for their changes; the findings follow."""
    found, empty = yield from _bases(parts)
    found, lost = _usable(found)
    lost = [*empty, *lost]
    if not found:
        raise Refused("", " ".join(lost))
    changes, overalls = yield from _changes(found)
    courses = []
    for part, frame in found:
        moved, ends = changes.get(frame.address), overalls.get(frame.address)
        courses += [_course(subject, frame, moved, ends, noun) for subject in part.subjects]
    methods = tuple(subject.method for part, _ in found for subject in part.subjects if subject.method)
    return Findings(tuple(courses), tuple(frame for _, frame in found), tuple(lost), methods)


Based = Generator[tuple[Call, ...], Sequence[ToolAnswer], tuple[list[Found], list[str]]]


def _bases(parts: Sequence[StatementPart]) -> Based:
    """The first results, and what to say of lines that have no figure in them at all."""
    answers = yield tuple(base_query(part) for part in parts)
    found = [(part, Frame.of(answer)) for part, answer in zip(parts, answers, strict=True) if not answer.is_error]
    failed = [(part, answer) for part, answer in zip(parts, answers, strict=True) if answer.is_error]
    if failed:
        found += yield from _without_empty_lines(failed)
    renamed = [(_without_money_margins(part, frame), frame) for part, frame in found]
    again = [part for (part, _), (old, _) in zip(renamed, found, strict=True) if part != old]
    if again:
        answers = yield tuple(base_query(part) for part in again)
        frames = {part.sheet.address: Frame.of(answer) for part, answer in zip(again, answers, strict=True)}
        renamed = [(part, frames.get(part.sheet.address, frame)) for part, frame in renamed]
    full = [(replace(p, subjects=tuple(s for s in p.subjects if frame.has(s.name))), frame) for p, frame in renamed]
    there = {subject.name for part, _ in full for subject in part.subjects}
    asked = {subject.name for part, _ in [*renamed, *failed] for subject in part.subjects}
    empty = [f"The file has no figures for {inline(each)} in these periods." for each in sorted(asked - there)]
    return [(part, frame) for part, frame in full if part.subjects], empty


def _without_empty_lines(
    failed: Sequence[tuple[StatementPart, ToolAnswer]],
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], list[Found]]:
    """A line without any figure drops out of a turned table, and what is derived of it cannot be: try without it."""
    bare = yield tuple(base_query(_bare(part)) for part, _ in failed)
    left: list[StatementPart] = []
    for (part, first), answer in zip(failed, bare, strict=True):
        frame = Frame.of(answer)
        subjects = tuple(s for s in part.subjects if all(frame.has(need) for need in s.needs))
        if subjects == part.subjects:  # something else was wrong
            raise Refused(first.tool_name, first.content)
        if subjects:
            left.append(replace(part, subjects=subjects))
    if not left:
        return []
    answers = yield tuple(base_query(part) for part in left)
    return [(part, Frame.of(answer)) for part, answer in zip(left, answers, strict=True)]


def _bare(part: StatementPart) -> StatementPart:
    """The lines alone, without what is derived of them."""
    return replace(part, subjects=tuple(replace(subject, derive=()) for subject in part.subjects))


# -- changes -----------------------------------------------------------------------------------------------------------


def _changes(
    found: Sequence[Found],
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], tuple[dict[str, Frame], dict[str, Frame]]]:
    """The results with changes from row to row, and those from first to last, by the address of the result they extend."""
    steps = [(frame.address, call) for part, frame in found if (call := _change_query(part, frame))]
    overall = [(frame.address, call) for part, frame in found if (call := _overall_query(part, frame))]
    if not steps:
        return {}, {}
    answers = yield tuple(call for _, call in [*steps, *overall])
    frames = [_if_any(answer) for answer in answers]
    named = list(zip([address for address, _ in [*steps, *overall]], frames, strict=True))
    own, ends = named[: len(steps)], named[len(steps) :]
    return {a: f for a, f in own if f}, {a: f for a, f in ends if f}


def _change_query(part: StatementPart, frame: Frame) -> Call | None:
    derive = [step for subject in part.subjects if (step := _change(subject, frame))]
    if len(frame.rows) < 2 or not derive:
        return None
    asked: dict[str, Any] = {"table": frame.address, "derive": derive}
    if len(frame.rows) > 50:
        asked["limit"] = len(frame.rows)
    return Call("query_data", asked)


def _overall_query(part: StatementPart, frame: Frame) -> Call | None:
    """From the first period to the last; where a subject has a gap at either end, its overall change is not told."""
    if len(frame.rows) < 3 or not part.sheet.timed:
        return None
    labels, ends = frame.words(), (0, len(frame.rows) - 1)
    derive = [
        step
        for subject in part.subjects
        if all(frame.figures(subject.name)[n] for n in ends) and (step := _change(subject, frame, ends))
    ]
    if not derive:
        return None
    asked = {"table": frame.address, "derive": derive}
    kept = [labels[n] for n in ends]
    if part.sheet.turned_by:
        return Call("query_data", asked | {"where": [{"column": part.sheet.turned_by, "op": "in", "value": kept}]})
    return Call("query_data", asked | {"periods": kept})


def _change(subject: Subject, frame: Frame, rows: Sequence[int] | None = None) -> dict[str, str] | None:
    """How the change of a subject is computed over these rows; None where no two figures stand one after the other."""
    figures = frame.figures(subject.name)
    op = change_op([figures[n] for n in (rows or range(len(figures)))], frame.unit(subject.name) == "ratio")
    return {"op": op, "column": subject.name, "name": change_name(subject)} if op else None


def change_op(figures: Sequence[Figure | None], share: bool) -> str:
    """`growth` where there is a base to grow from; else, and for ratios, `difference`; nothing without neighbours."""
    bases = [before.amount for before, after in pairwise(figures) if before and after]
    if not bases:
        return ""
    return "growth" if not share and max(bases) > 0 else "difference"


def change_name(subject: Subject) -> str:
    """What the change of a subject is called in results."""
    return f"Change in {subject.name}"


def _if_any(answer: ToolAnswer) -> Frame | None:
    try:
        return Frame.of(answer)
    except Refused:
        return None


def _course(subject: Subject, frame: Frame, moved: Frame | None, ends: Frame | None, noun: str) -> Course:
    figures = frame.figures(subject.name)
    label = change_name(subject)
    changes = moved.figures(label) if moved and moved.has(label) else [None] * len(figures)
    overall = ends if len(figures) > 2 else moved
    last = overall.figures(label)[-1] if overall and overall.has(label) else None
    points = tuple(Point(*row) for row in zip(frame.words(), figures, changes, strict=True))
    share = frame.unit(subject.name) == "ratio"
    return Course(subject.name, points, noun, share, last, _is_outflow(subject, figures))


def _is_outflow(subject: Subject, figures: Sequence[Figure | None]) -> bool:
    """Whether a cost or a payment is printed as negative figures throughout; then its size is what is told."""
    amounts = [figure.amount for figure in figures if figure]
    return is_outflow(subject.name) and bool(amounts) and max(amounts) <= 0 and min(amounts) < 0


# -- what cannot be used, and what must be made anew ---------------------------------------------------------------------


def _usable(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    kept: list[Found] = []
    lost: list[str] = []
    for part, frame in found:
        reasons = {subject.name: _unusable(subject, frame) for subject in part.subjects}
        lost += [reason for reason in reasons.values() if reason]
        subjects = tuple(subject for subject in part.subjects if not reasons[subject.name])
        if subjects:
            kept.append((replace(part, subjects=subjects), frame))
    return kept, lost


def _unusable(subject: Subject, frame: Frame) -> str:
    """Why a derived subject must not be shown: what it subtracts is printed as negative, so subtracting would add."""
    for step in subject.derive:
        if step["op"] != "difference":
            continue
        negative = [f for f in frame.figures(str(step["against"])) if f and f.amount < 0]
        if negative:
            return (
                f"I left out {inline(subject.name)}: *{name(str(step['against']))}* is printed as negative figures, "
                "so subtracting it would add it."
            )
    return ""


def _without_money_margins(part: StatementPart, frame: Frame) -> StatementPart:
    """American statements call gross profit "Gross margin", in dollars. Where a line with a ratio's name is money, the
    ratio is made of it."""
    subjects = tuple(_made_of_money(part.sheet, subject, frame) or subject for subject in part.subjects)
    return replace(part, subjects=subjects)


def _made_of_money(sheet: Sheet, subject: Subject, frame: Frame) -> Subject | None:
    ratio = None if subject.derive else _ratio_called(subject.name)
    under = Book(sheet.document, (sheet,)).line_for(ratio.under) if ratio else None
    if not ratio or not under or frame.unit(subject.name) in ("ratio", ""):
        return None
    title = f"{ratio.name} (%)"
    step = {"op": "ratio", "column": subject.name, "against": under, "name": title}
    method = f"{name(title)} is *{name(subject.name)}* over *{name(under)}*"
    return Subject(title, (subject.name, under), (step,), share=True, method=method)


def _ratio_called(label: str) -> Ratio | None:
    stems = label_stems(label)
    return next((made for made, words in ratio_phrases() if isinstance(made, Ratio) and words == stems), None)
