"""Follow-ups: "and the year before?", "same for operating profit", "what about Mandalay?", "as a pie chart".

A follow-up is completed into a full question by exchanging, in the question before it, what the new one names: its
lines or columns, its periods, its category values. The result is a question like any other, so nothing further down
needs to know that there was a conversation; and because it is made from the earlier questions alone, it is the same
every time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.offline.asks import StatementAsk, Unsure
from analysis.offline.cues import Cues, read_cues
from analysis.offline.naming import Mention, column_mentions, line_mentions
from analysis.offline.periods import read_periods
from analysis.offline.subjects import Book
from analysis.offline.understanding import Room, Target, about, understand
from analysis.offline.words import Question

MOST_BACK = 12
_TIME_WORDS = re.compile(
    r"\b(?:by|per|each|every|a) (?:day|week|month|quarter|year)\b|\b(?:daily|weekly|monthly|quarterly|yearly|annually)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:top|bottom) \w+\b", re.IGNORECASE)
_HIGHEST = (re.compile(r"\b(?:highest|largest|biggest|best|most|strongest|top)\b", re.IGNORECASE), "highest")
_LOWEST = (re.compile(r"\b(?:lowest|smallest|worst|least|weakest|bottom)\b", re.IGNORECASE), "lowest")
_AVERAGES = re.compile(r"\b(?:average|mean|median)\b", re.IGNORECASE)
_SUMS = re.compile(r"\b(?:sum of|total of)\b ?", re.IGNORECASE)
_WHY = "Why: "
_OPERATIONS = (
    "trend",
    "growth",
    "compare",
    "high",
    "low",
    "mean",
    "sum",
    "count",
    "share",
    "difference",
    "rank",
    "which",
)
_SUBJECTS = ("line", "ratio", "measure", "absent")


def in_full(question: str, earlier: Sequence[str], room: Room) -> str:
    """The question as it would stand alone, given the questions before it."""
    effective = ""
    for text in earlier[-MOST_BACK:]:
        if about(Question.of(text)):
            continue
        completed = _completed(effective, text, room)
        _, reading = understand(Question.of(completed), room)
        if not isinstance(reading.ask, Unsure) or reading.ask.known or not effective:
            effective = completed
    return _completed(effective, question, room)


def _completed(before: str, text: str, room: Room) -> str:
    new, old = Question.of(text), Question.of(before)
    if not before:
        return text
    target, reading = understand(old, room)
    absent = any(mention.kind == "absent" for mention in _mentions(old, target))
    if (isinstance(reading.ask, Unsure) and not absent) or not _leans(new, target, room):
        return text
    return _exchanged(old, new, target, reading.ask) or text


def _leans(new: Question, target: Target, room: Room) -> bool:
    """Whether the question needs the one before it."""
    if about(new) or len(new.tokens) > 14:
        return False
    named = _mentions(new, target)
    cues = read_cues(new, (n for mention in named for n in mention.used))
    wish = read_periods(new)
    subjects = any(m.kind in _SUBJECTS for m in named)
    complete = subjects and (cues.has(*_OPERATIONS) or bool(wish.moments))
    if cues.has("follow") or (cues.has("pronoun") and not subjects):
        return not complete
    if complete:
        return False
    if not subjects and not any(m.kind == "dimension" for m in named) and _only_changes(new, named, cues):
        return True
    if not named and not wish.mode:
        return False
    _, alone = understand(new, room)
    return isinstance(alone.ask, Unsure) and not alone.ask.known and not alone.unknown


def _only_changes(new: Question, named: Sequence[Mention], cues: Cues) -> bool:
    """ "As a pie chart", "top 3", "for members": how it should look, how many, or which rows, and no subject."""
    if named:
        return len(new.tokens) <= 4
    looks = cues.wants_chart or bool(cues.every) or bool(cues.number)
    return len(new.tokens) <= 6 and (looks or cues.has("mean", "median", "sum", "high", "low", "table", "why"))


def _mentions(question: Question, target: Target) -> tuple[Mention, ...]:
    if isinstance(target, Book):
        return line_mentions(question, target.lines)
    return column_mentions(question, target, {})


def _exchanged(old: Question, new: Question, target: Target, ask: object) -> str:
    """The old question with what the new one names put in its place; nothing where that changes nothing."""
    named = _mentions(new, target)
    cues = read_cues(new, (n for mention in named for n in mention.used))
    text = old.text.removeprefix(_WHY)
    subjects = [new.said(m.used) for m in named if m.kind in _SUBJECTS]
    if subjects and isinstance(ask, StatementAsk) and not _together(old, target):
        text = _said_anew(ask, " and ".join(subjects))
    for kinds in (_SUBJECTS, ("dimension",)):
        words = [new.said(m.used) for m in named if m.kind in kinds]
        if words:
            text = _put(text, _mentions(Question.of(text), target), kinds, words)
    for column in dict.fromkeys(m.label for m in named if m.kind == "value"):
        words = [new.said(m.used) for m in named if m.kind == "value" and m.label == column]
        before = [m for m in _mentions(Question.of(text), target) if m.kind != "value" or m.label == column]
        text = _put(text, before, ("value",), words)
    text = _with_period(text, new, target, ask, cues)
    text = _with_looks(text, new, cues)
    return text if text != old.text else ""


def _put(text: str, mentions: Sequence[Mention], kinds: Sequence[str], words: Sequence[str]) -> str:
    question = Question.of(text)
    old = [m for m in mentions if m.kind in kinds]
    joined = " and ".join(words)
    if not old:
        lead = {"value": " for ", "dimension": " by "}.get(kinds[0], " ")
        return f"{text.rstrip(' ?.!')}{lead}{joined}?"
    start = question.tokens[old[0].used[0]].start
    end = question.tokens[old[-1].used[-1]].end if _adjacent(question, old) else question.tokens[old[0].used[-1]].end
    return f"{text[:start]}{joined}{text[end:]}"


def _adjacent(question: Question, mentions: Sequence[Mention]) -> bool:
    """Whether only words such as "and" stand between the mentions, so that they are exchanged together."""
    inner = question.text[question.tokens[mentions[0].used[0]].start : question.tokens[mentions[-1].used[-1]].end]
    used = {n for m in mentions for n in m.used}
    between = [
        t for n, t in enumerate(question.tokens) if mentions[0].used[0] <= n <= mentions[-1].used[-1] and n not in used
    ]
    return len(inner) < 120 and all(token.stem in ("and", "or", "versus", "vs", "with", "the") for token in between)


def _together(question: Question, target: Target) -> bool:
    """Whether the subjects of a question stand side by side."""
    named = [m for m in _mentions(question, target) if m.kind in _SUBJECTS]
    return len(named) < 2 or _adjacent(question, named)


def _said_anew(ask: StatementAsk, subject: str) -> str:
    """A question with the operation and the periods of another: where its subjects stand too far apart to be exchanged."""
    periods = ask.parts[0].periods
    chart = " Chart it." if ask.looks.chart else ""
    match ask.operation:
        case "compare":
            return f"Compare {subject} in {periods[0]} and {periods[-1]}?{chart}"
        case "lookup":
            return f"What was {subject} in {periods[-1]}?{chart}"
        case "extreme":
            return f"In which {ask.noun} was {subject} {'lowest' if ask.direction == 'low' else 'highest'}?{chart}"
        case "average" | "total":
            return (
                f"What was the {'average' if ask.operation == 'average' else 'sum of'} {subject} over all years?{chart}"
            )
        case _:
            return f"How did {subject} develop from {periods[0]} to {periods[-1]}?{chart}"


def _with_period(text: str, new: Question, target: Target, ask: object, cues: Cues) -> str:
    wish = read_periods(new)
    said = wish.said if wish.moments else ""
    if cues.has("before", "after") and isinstance(target, Book) and isinstance(ask, StatementAsk):
        said = _neighbour(target, ask, -1 if cues.has("before") else 1)
    elif wish.mode in ("latest", "last_n", "first") and not said:
        said = wish.said
    if not said:
        return text
    old = read_periods(Question.of(text))
    if old.said and old.said in text:
        if old.moments and wish.moments and len(old.moments) > 1 and len(wish.moments) == 1:
            return text.replace(old.said, said, 1)
        return text.replace(old.said, said, 1)
    lead = "" if said.split()[0] in ("in", "over", "for", "during") else "in "
    return f"{text.rstrip(' ?.!')} {lead}{said}?"


def _neighbour(book: Book, ask: StatementAsk, step: int) -> str:
    part = ask.parts[0]
    axis = [f.label for f in part.sheet.periods]
    place = axis.index(part.periods[-1]) + step
    return axis[place] if 0 <= place < len(axis) else ""


def _with_looks(text: str, new: Question, cues: Cues) -> str:
    """Charts, buckets of time, "top 5" and "why" are added to the old question, or replace what it had."""
    low = new.text.casefold()
    if cues.every and (found := _TIME_WORDS.search(low)):
        text = _TIME_WORDS.sub("", text).rstrip(" ?.!") + f" {found[0]}?"
    if cues.number and (found := _NUMBERED.search(low)):
        text = _NUMBERED.sub(found[0], text, count=1) if _NUMBERED.search(text) else f"{found[0]}: {text}"
    if cues.wants_chart:
        kind = f" as a {cues.chart_kind} chart" if cues.chart_kind else ". Chart it."
        text = text.rstrip(" ?.!") + kind
    for words, cue in ((_HIGHEST, "high"), (_LOWEST, "low")):
        opposite = _LOWEST if cue == "high" else _HIGHEST
        if cues.has(cue) and not cues.number and opposite[0].search(text):
            text = opposite[0].sub(words[1], text, count=1)
    if cues.has("mean", "median") and not _AVERAGES.search(text):
        text = f"{'median' if cues.has('median') else 'average'} {_SUMS.sub('', text)}"
    return f"{_WHY}{text}" if cues.has("why") else text
