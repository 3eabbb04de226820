"""Words that change the question, and that no plan has taken up: then the analyst abstains.

"Revenue not including services" is not revenue, "working capital days" is not money, "the share of Europe" is not
Europe's amount. Such words are harmless to most readings and were passed over; here each of them must have been heard by
the plan that answers, or the answer is that it cannot be done, with what can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from analysis.offline.asks import Filter, LedgerAsk, StatementAsk, Unsure
from analysis.offline.naming import Mention
from analysis.offline.words import Question, listed, name
from tools.labels import label_stems

_LEFT_OUT = re.compile(
    r"(?<!\w)(?:not|without|exclud\w*|except|excepting|ex|omit\w*|ignoring|leaving out|other than|apart from|aside from|"
    r"net of|but no)(?!\w)"
)
_SHARE = re.compile(r"(?<!\w)(?:shares? (?=of|in)|(?:percent|percentage|proportion|fraction|portion)s? of|%\s*of)")
_ADDED = re.compile(r"(?<!\w)(?:sum|summed|total of|in total|altogether|combined|together|added up|add up|plus)(?!\w)")
_BETWEEN = re.compile(r"\W*(?:plus|less|\+)\W*")
_TOTALS = frozenset({"total", "subtotal"})


def is_total(label: str) -> bool:
    """Whether a line or a category is a total of others by its name, and so no member of a ranking.

    >>> is_total("Total"), is_total("Sub-total, Europe"), is_total("Grand totals"), is_total("Revenue")
    (True, True, True, False)
    """
    return bool(_TOTALS & set(label_stems(label)))


def without_totals(column: str, words: Sequence[str]) -> list[Filter]:
    """Conditions that leave out the rows that are totals of the others; none where all words are, or none is."""
    totals = [word for word in dict.fromkeys(words) if is_total(word)]
    if len(totals) == len(set(words)):
        return []
    return [
        Filter({"column": column, "op": "!=", "value": word}, f"without the rows called {name(word)}")
        for word in totals
    ]


def adds_up(question: Question, mentions: Iterable[Mention]) -> bool:
    """Whether it is asked to add up ("sum of", "combined"), in words that are no part of a name."""
    return bool(_outside(_ADDED, question, mentions))


def asks_share(question: Question, mentions: Iterable[Mention]) -> bool:
    """Whether a share of something is asked for, in words that are no part of a name ("share price")."""
    return bool(_outside(_SHARE, question, mentions))


def left_out(question: Question, mentions: Iterable[Mention]) -> Unsure | None:
    """ "Excluding services": nothing is computed without a part of it."""
    found = _outside(_LEFT_OUT, question, mentions)
    if not found:
        return None
    reason = f"I cannot leave things out, as “{name(found)}” asks; I can show what the file has a figure for."
    return Unsure(reason, _developments(mentions), known=True)


def in_days(question: Question, mentions: Iterable[Mention], used: Iterable[int] = ()) -> Unsure | None:
    """ "Working capital days": a figure in days, of a name that is money."""
    own = tuple(mentions)
    taken = {n for mention in own for n in mention.used} | set(used)
    after = {mention.used[-1] + 1 for mention in own}
    days = {n for n, token in enumerate(question.tokens) if token.text.casefold() in ("days", "day")}
    if not (days & after) - taken:
        return None
    reason = "I do not work out figures in days; I can show the amounts they are made of."
    return Unsure(reason, _developments(own), known=True)


def unmet_by_statement(question: Question, mentions: tuple[Mention, ...], ask: StatementAsk) -> Unsure | None:
    """Shares and sums of several lines that the ask holds no figure for."""
    offered = _developments(mentions)
    made = any(subject.share or subject.derive for subject in ask.subjects)
    if asks_share(question, mentions) and not made:
        reason = "I could not tell what it is to be a share of; I can show one line as a share of another."
        totals = [line for line in ask.parts[0].sheet.lines if is_total(line)]
        first = next((m.label for m in mentions if m.kind == "line"), "")
        instead = tuple(f"{first} as a share of {line}" for line in totals[:1] if first and line != first)
        return Unsure(reason, (*instead, *offered), known=True)
    several = len(ask.subjects) > 1 and (adds_up(question, mentions) or _joined_by_sign(question, mentions))
    if several:
        lines = listed([f"*{name(subject.name)}*" for subject in ask.subjects])
        reason = f"I do not add up or net several lines, here {lines}; I can show each of them."
        return Unsure(reason, offered, known=True)
    return None


def unmet_by_ledger(question: Question, mentions: tuple[Mention, ...], ask: LedgerAsk) -> Unsure | None:
    """A share that the ask will not show: of one figure, or of groups in time or of averages."""
    if not asks_share(question, mentions):
        return None
    picked = {str(each.where["column"]) for each in ask.filters if each.where["op"] != "!="}
    shown = ask.operation == "group" and not ask.every and ask.measures[0].op in ("sum", "count")
    if shown and not picked & set(ask.groups):
        return None
    reason = "I could not tell what it is to be a share of; I can show each group's share of a total."
    columns = [m.label for m in mentions if m.kind in ("dimension", "value")]
    measure = next((m.column for m in ask.measures if m.column), "")
    instead = tuple(f"{measure} by {column}" for column in dict.fromkeys(columns) if measure)
    return Unsure(reason, instead, known=True)


def _outside(pattern: re.Pattern[str], question: Question, mentions: Iterable[Mention]) -> str:
    named = {n for mention in mentions for n in mention.used}
    for match in pattern.finditer(question.text.casefold()):
        if not question.between(match.start(), match.end()) & named:
            return match[0].strip()
    return ""


def _joined_by_sign(question: Question, mentions: tuple[Mention, ...]) -> bool:
    """ "Revenue plus other income", "revenue less services"."""
    ends = [(question.tokens[m.used[0]].start, question.tokens[m.used[-1]].end) for m in mentions]
    gaps = [question.text[end:start].casefold() for (_, end), (start, _) in pairwise(ends)]
    return any(_BETWEEN.fullmatch(gap) for gap in gaps)


def _developments(mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"How did {m.label} develop?" for m in mentions if m.kind in ("line", "measure")))
