"""Reading a question to statements: which lines, which periods, and what is to be done with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from analysis.offline.asks import Looks, Reading, StatementAsk, StatementOperation, StatementPart, Subject, Unsure
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import BALANCE_CONCEPTS, FLOW_CONCEPTS, KEY_CONCEPTS, MARGINS
from analysis.offline.cues import Cues
from analysis.offline.line_reading import asks_for_lines
from analysis.offline.naming import FIRM
from analysis.offline.periods import Chosen, choose, noun
from analysis.offline.statement_hearing import Heard, hear, says, spoken
from analysis.offline.statement_refusals import ambiguous, forbidden, no_period, not_here, without_subject
from analysis.offline.subjects import (
    Book,
    Unmade,
    gap_subject,
    is_multiple,
    line_subject,
    made_subject,
    measured_in,
    multiple_refused,
    quotient_subject,
)
from analysis.offline.unmet import adds_up, in_days, left_out, unmet_by_statement
from analysis.offline.words import Question, listed, name


def read_statement(question: Question, book: Book) -> Reading:
    """The best reading of the question over this document's statements."""
    heard = hear(question, book)
    lines = asks_for_lines(heard)
    if lines:
        return _reading(heard, lines)
    rivals = next((m for m in heard.mentions if m.rivals), None)
    if rivals:
        return _reading(heard, ambiguous(heard, rivals))
    changed = left_out(question, heard.mentions) or in_days(question, heard.mentions, heard.wish.used)
    if changed and heard.mentions:
        return _reading(heard, changed)
    if heard.left.words and heard.left.narrowing:
        return _reading(heard, not_here(heard))
    subjects, unmade = _subjects(heard)
    if not subjects:
        return _reading(heard, without_subject(heard, unmade))
    ask = _ask(heard, subjects, unmade)
    unmet = unmet_by_statement(question, heard.mentions, ask) if isinstance(ask, StatementAsk) else None
    return _reading(heard, unmet or ask)


def _reading(heard: Heard, ask: StatementAsk | Unsure) -> Reading:
    score = heard.left.coverage
    if heard.mentions:
        score += sum(m.score * len(m.used) for m in heard.mentions) / 10
    if isinstance(ask, Unsure):
        score -= 1
    return Reading(ask, score, heard.left.words)


# -- subjects ----------------------------------------------------------------------------------------------------------


def _subjects(heard: Heard) -> tuple[list[tuple[Sheet, Subject]], list[Unmade]]:
    found: dict[str, tuple[Sheet, Subject]] = {}
    unmade: list[Unmade] = []
    for mention in heard.mentions:
        if mention.kind == "absent":
            unmade.append(Unmade(f"{name(heard.book.document)} has no line for {name(spoken(mention.label))}."))
            continue
        quotient = multiple_refused(heard.book, mention.label) if mention.kind == "ratio" else None
        if quotient:
            unmade.append(quotient)
            continue
        made = (
            line_subject(heard.book, mention.label, heard.sheet)
            if mention.kind == "line"
            else made_subject(heard.book, mention.label)
        )
        if isinstance(made, Unmade):
            unmade.append(made)
        else:
            found.setdefault(made[1].name, made)
    if not found and not unmade and says(heard, "margin"):
        for margin in MARGINS:
            made = made_subject(heard.book, margin)
            if not isinstance(made, Unmade):
                found[margin] = made
    if not found and not unmade and not heard.left.words:
        found = _key_subjects(heard)
    return list(found.values()), unmade


def _key_subjects(heard: Heard) -> dict[str, tuple[Sheet, Subject]]:
    """The lines to look at when none is named: "How did the company do?", "Compare FY2022 and FY2024", "Show the balance sheet"."""
    asked = heard.cues.has("trend", "growth", "compare", "chart", "profile", "table") or heard.wish.mode or heard.sheet
    if not asked or (heard.cues.has("profile") and not heard.sheet):
        return {}
    pool = [heard.sheet] if heard.sheet else list(heard.book.sheets)
    concepts = (*KEY_CONCEPTS, *BALANCE_CONCEPTS, *FLOW_CONCEPTS) if heard.sheet else KEY_CONCEPTS
    found: dict[str, tuple[Sheet, Subject]] = {}
    for concept in concepts:
        label = Book(heard.book.document, tuple(pool)).line_for(concept)
        if label:
            sheet, subject = line_subject(heard.book, label, heard.sheet)
            found.setdefault(subject.name, (sheet, subject))
    if not found or not pool[0].timed:
        for label in pool[0].lines[:6]:
            sheet, subject = line_subject(heard.book, label, pool[0])
            found[subject.name] = (sheet, subject)
    return dict(list(found.items())[: 4 if pool[0].timed else 6])


# -- the ask -----------------------------------------------------------------------------------------------------------


def _ask(heard: Heard, subjects: Sequence[tuple[Sheet, Subject]], unmade: Sequence[Unmade]) -> StatementAsk | Unsure:
    refusal = forbidden(heard)
    if refusal:
        return refusal
    sheet = subjects[0][0]
    chosen = _columns(heard, sheet) if heard.columns else choose(heard.wish, sheet.periods, heard.question)
    if chosen.missing or not chosen.labels:
        return no_period(heard, sheet, chosen)
    joined = _joined(heard, subjects, chosen)
    if isinstance(joined, Unsure):
        return joined
    if heard.sheet and not heard.mentions and not heard.cues.has("trend", "growth", "chart", "compare"):
        return _whole_sheet(heard, joined, chosen)
    operation, labels = _operation(heard, chosen, [subject for _, subject in joined], sheet)
    return StatementAsk(
        operation,
        _parts(joined, labels),
        noun(sheet.periods),
        "low" if heard.cues.has("low") else "high" if heard.cues.has("high") else "",
        heard.cues.number,
        Looks(heard.cues.wants_chart, heard.cues.chart_kind),
        tuple(_remarks(heard, unmade)),
        heard.cues.has("why"),
        heard.cues.has("cagr"),
    )


def _columns(heard: Heard, sheet: Sheet) -> Chosen:
    """Named columns (Budget, Actual); one of them "against" nothing else is meant against the others."""
    all_of_them = tuple(f.label for f in sheet.periods)
    compared = heard.cues.has("compare", "difference", "growth", "trend") and len(heard.columns) < 2
    return Chosen(all_of_them if compared else heard.columns, True)


def _whole_sheet(heard: Heard, subjects: Sequence[tuple[Sheet, Subject]], chosen: Chosen) -> StatementAsk:
    sheet = subjects[0][0]
    axis = [f.label for f in sheet.periods]
    last = axis.index(chosen.labels[-1])
    part = StatementPart(sheet, tuple(subject for _, subject in subjects), tuple(axis[max(0, last - 1) : last + 1]))
    return StatementAsk("sheet", (part,), noun(sheet.periods), remarks=tuple(_remarks(heard, ())))


def _joined(
    heard: Heard, subjects: Sequence[tuple[Sheet, Subject]], chosen: Chosen
) -> Sequence[tuple[Sheet, Subject]] | Unsure:
    """Two lines that are to be divided, or subtracted, become one subject."""
    share = heard.cues.has("share")
    each = _says_per(heard)
    if len(subjects) != 2 or not (share or each or (heard.cues.has("difference") and len(chosen.labels) != 2)):
        return subjects
    (one, first), (other, second) = subjects
    if one.address != other.address:
        reason = "Those lines stand in different tables of the file, and I do not compute across tables."
        return Unsure(reason, tuple(f"How did {subject.name} develop?" for subject in (first, second)), known=True)
    if each:
        return [(one, quotient_subject(first, second, "per"))]
    if first.share != second.share or (not share and measured_in(first) != measured_in(second)):
        what = f"set *{name(first.name)}* against" if share else f"take *{name(second.name)}* from"
        reason = (
            f"I cannot {what} *{name(second.name if share else first.name)}*: they are measured in different units."
        )
        return Unsure(reason, tuple(f"How did {subject.name} develop?" for subject in (first, second)), known=True)
    if not share:
        return [(one, gap_subject(first, second))]
    over, under = (second, first) if _whole_comes_first(heard) else (first, second)
    if is_multiple(over, under) and not heard.cues.has("percent"):
        reason = (
            f"*{name(over.name)}* over *{name(under.name)}* is a multiple, and I only show quotients as percentages."
        )
        return Unsure(reason, (f"Compare {over.name} and {under.name}",), known=True)
    return [(one, quotient_subject(over, under))]


def _says_per(heard: Heard) -> bool:
    """ "Revenue per employee"."""
    named = [m for m in heard.mentions if m.kind in ("line", "ratio")]
    if len(named) != 2:
        return False
    start, end = heard.question.tokens[named[0].used[-1]].end, heard.question.tokens[named[1].used[0]].start
    return heard.question.text[start:end].strip().casefold() == "per"


_PART_OF = re.compile(r"(?:percent|percentage|%|proportion|fraction|portion|share) of (?:the |our |total )*$")


def _whole_comes_first(heard: Heard) -> bool:
    """ "What percentage of revenue is cost of sales": the line after "of" is the whole, unless "share of costs in revenue"."""
    named = [m for m in heard.mentions if m.kind in ("line", "ratio")]
    question = heard.question
    if len(named) < 2:
        return False
    before = question.text[: question.tokens[named[0].used[0]].start].casefold()
    between = question.text[question.tokens[named[0].used[-1]].end : question.tokens[named[1].used[0]].start].casefold()
    return bool(_PART_OF.search(before)) and not re.search(r"\b(?:in|to|over|of)\b", between)


def _parts(subjects: Iterable[tuple[Sheet, Subject]], labels: tuple[str, ...]) -> tuple[StatementPart, ...]:
    by_sheet: dict[str, StatementPart] = {}
    for sheet, subject in subjects:
        known = by_sheet.get(sheet.address)
        own = {f.label for f in sheet.periods}
        periods = tuple(label for label in labels if label in own) or tuple(f.label for f in sheet.periods)
        by_sheet[sheet.address] = (
            replace(known, subjects=(*known.subjects, subject)) if known else StatementPart(sheet, (subject,), periods)
        )
    return tuple(by_sheet.values())


def _operation(
    heard: Heard, chosen: Chosen, subjects: Sequence[Subject], sheet: Sheet
) -> tuple[StatementOperation, tuple[str, ...]]:
    """What to do, and over which periods."""
    cues, labels = heard.cues, chosen.labels
    axis = tuple(f.label for f in sheet.periods)
    points = chosen.explicit and not chosen.span
    if not sheet.timed:
        return ("compare" if len(labels) > 1 else "lookup"), labels
    if cues.has("mean") and not cues.has("cagr"):
        return "average", labels
    if cues.has("sum") and not (points and len(labels) == 1) and chosen.explicit:
        return "total", labels
    if not chosen.explicit and _orders_a_total(heard):
        return "total", axis
    if _whole_year(heard, labels) and not all(subject.share or subject.stock for subject in subjects):
        return "total", labels
    if cues.has("high", "low") and (not points or len(labels) > 1) and (cues.has("when") or not cues.has("growth")):
        return "extreme", labels if len(labels) > 1 else axis
    if points and len(labels) == 1:
        joined = any(subject.name not in sheet.lines for subject in subjects) and not cues.has("growth")
        return ("lookup", labels) if joined else _at_one_period(cues, labels[0], axis)
    if len(labels) == 2 and chosen.explicit and not cues.wants_chart:
        return "compare", labels
    if chosen.span and chosen.explicit and len(labels) > 2 and cues.has("difference") and not cues.has("trend"):
        return "compare", (labels[0], labels[-1])
    if _asks_course(heard, chosen, subjects):
        return "trend", labels
    return "lookup", labels[-1:]


def _orders_a_total(heard: Heard) -> bool:
    """ "Total of product A", "total product A": over all periods, unless the line itself is called a total."""
    question = heard.question
    named = {n for m in heard.mentions for n in m.used}
    firsts = {m.used[0] for m in heard.mentions if m.kind == "line"}
    before = any(question.tokens[n - 1].stem == "total" and n - 1 not in named for n in firsts if n)
    return bool(heard.mentions) and (before or adds_up(question, heard.mentions))


def _whole_year(heard: Heard, labels: tuple[str, ...]) -> bool:
    """ "Revenue in 2024" over quarters: they are added up."""
    moments, course = heard.wish.moments, ("trend", "growth", "chart", "compare", "high", "low", "difference", "table")
    return len(moments) == 1 and moments[0].kind == "year" and len(labels) > 1 and not heard.cues.has(*course)


def _asks_course(heard: Heard, chosen: Chosen, subjects: Sequence[Subject]) -> bool:
    cues = heard.cues
    return (
        cues.has("trend", "growth", "chart", "line", "bar", "compare", "why", "cagr", "table")
        or chosen.explicit
        or len(heard.question.tokens) <= 3
    )


def _at_one_period(cues: Cues, label: str, axis: tuple[str, ...]) -> tuple[StatementOperation, tuple[str, ...]]:
    before = axis.index(label) - 1 if label in axis else -1
    if before >= 0 and cues.has("growth", "difference", "trend", "compare", "cagr"):
        return "compare", (axis[before], label)
    return "lookup", (label,)


def _remarks(heard: Heard, unmade: Sequence[Unmade]) -> list[str]:
    remarks = []
    for mention in heard.mentions:
        said = heard.question.said(mention.used)
        if mention.kind == "line" and mention.score < FIRM:
            remarks.append(f"I read “{name(said)}” as the line *{name(mention.label)}*.")
    remarks += [made.reason for made in unmade]
    if heard.left.words:
        remarks.append(f"I set aside {listed([f'“{name(word)}”' for word in heard.left.words])}.")
    return remarks
