"""Reading a question about all lines of a statement: "Which costs grew most?", "the five largest expenses"."""

from __future__ import annotations

from analysis.offline.asks import Looks, StatementAsk, StatementPart, Subject, Unsure
from analysis.offline.naming import FIRM
from analysis.offline.periods import choose, noun
from analysis.offline.statement_hearing import Heard
from analysis.offline.statement_refusals import no_period
from analysis.offline.unmet import is_total
from tools.concepts import concept_of
from tools.labels import label_stems

_COSTS = frozenset(
    "cost of sales, selling and administrative expenses, marketing, research and development, staff costs, depreciation, "
    "finance costs, tax".split(", ")
)
_EXPENSE = frozenset(
    "cost expense depreciation amortisation wage salary tax interest overhead charge research marketing".split()
)


def asks_for_lines(heard: Heard) -> StatementAsk | Unsure | None:
    """ "Which costs grew most?", "the five largest expenses in FY2024": lines are ranked, none is named."""
    cues = heard.cues
    words = {token.stem for token in heard.question.tokens}
    costs = bool(words & {"cost", "expense", "expenditure"})
    firmly = [m for m in heard.mentions if m.score >= FIRM]
    kind = _asks_which(heard)
    generic = costs or kind or (bool(words & {"line", "item", "what", "which"}) and not heard.mentions)
    if (firmly and not kind) or not generic or not cues.has("high", "low") or cues.has("when") or heard.left.narrowing:
        return None
    sheet = heard.sheet or heard.book.sheets[0]
    if sheet.turned_by:
        offered = tuple(f"How did {label} develop?" for label in sheet.lines)
        return Unsure("I do not rank the columns of a table whose rows are years.", offered, known=True)
    lines = tuple(label for label in sheet.lines if is_expense(label)) if costs else sheet.lines
    lines = tuple(label for label in lines if not is_total(label))
    chosen = choose(heard.wish, sheet.periods, heard.question)
    if chosen.missing or not chosen.labels:
        return no_period(heard, sheet, chosen)
    if len(lines) < 2:
        return None
    axis = [f.label for f in sheet.periods]
    moving = cues.has("growth") and len(axis) > 1
    periods = chosen.labels if chosen.explicit else tuple(axis)
    if moving and len(periods) == 1:
        place = max(1, axis.index(periods[0]))
        periods = (axis[place - 1], axis[place])
    subjects = tuple(Subject(label, (label,)) for label in lines)
    return StatementAsk(
        "movers" if moving else "ranking",
        (StatementPart(sheet, subjects, periods if moving else periods[-1:]),),
        noun(sheet.periods),
        "low" if cues.has("low") else "high",
        cues.number,
        Looks(cues.wants_chart, cues.chart_kind),
    )


def _asks_which(heard: Heard) -> bool:
    """ "Which product is largest?": a kind of line, although a line called Product A answers to the word."""
    if len(heard.mentions) != 1 or len(heard.mentions[0].used) != 1:
        return False
    before = heard.mentions[0].used[0] - 1
    return before >= 0 and heard.question.tokens[before].stem in ("which", "what") and heard.wish.mode != "all"


def is_expense(label: str) -> bool:
    """Whether a line is a cost by its name, and not a total of costs."""
    stems, meant = set(label_stems(label)), concept_of(label)
    if is_total(label):
        return False
    return meant.concept in _COSTS if meant else bool(stems & _EXPENSE) and "before" not in stems
