"""What is heard in a question to statements: lines, periods, cues, and what is left of its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import MARGINS
from analysis.offline.cues import Cues, read_cues
from analysis.offline.leftover import Leftover, left_over
from analysis.offline.naming import PARTIAL, Mention, line_mentions
from analysis.offline.periods import PeriodWish, read_periods
from analysis.offline.subjects import (
    Book,
    available,
)
from analysis.offline.words import Question
from tools.labels import label_stems


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything heard in one question about one book."""

    question: Question
    book: Book
    mentions: tuple[Mention, ...]
    wish: PeriodWish
    cues: Cues
    left: Leftover
    columns: tuple[str, ...]  # of statements without periods: Budget, Actual
    sheet: Sheet | None  # where the question names one statement


def hear(question: Question, book: Book) -> Heard:
    """Hear a question about the statements of one document."""
    wish = read_periods(question)
    called = {n for n, token in enumerate(question.tokens) if token.stem in label_stems(book.names[0])}
    found = tuple(
        m
        for m in line_mentions(question, book.lines)
        if not set(m.used) & wish.used and not (m.score == PARTIAL and set(m.used) <= called)  # "Boeing's revenue"
    )
    mentions = _without_order_to_add_up(question, found)
    named = frozenset(n for m in mentions for n in m.used) - _orders_to_add_up(question, mentions) | wish.used
    cues = read_cues(question, named)
    columns, headings = _columns_named(question, book, named)
    sheet, title = _sheet_named(question, book, named)
    margins = _generic_margins(question, book, named)
    left = left_over(question, named | cues.used | title | margins | headings, book.names, named - wish.used)
    return Heard(question, book, mentions, wish, cues, left, columns, sheet)


def _without_order_to_add_up(question: Question, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """In "total of product A" the word total is an order, even where a line is called Total."""
    starts = {m.used[0] for m in mentions}
    following = dict(pairwise(question.content))
    return tuple(
        m for m in mentions if label_stems(m.label) != ("total",) or following.get(m.used[-1], -1) not in starts
    )


def _generic_margins(question: Question, book: Book, named: frozenset[int]) -> frozenset[int]:
    """ "The margins" of accounts from which some can be made."""
    words = {n for n, token in enumerate(question.tokens) if token.stem == "margin"}
    return frozenset(words - named) if available(book, MARGINS) else frozenset()


def _orders_to_add_up(question: Question, mentions: Iterable[Mention]) -> frozenset[int]:
    """The word total in "total revenue" is an order, unless the line itself is called a total."""
    firsts = [m.used[0] for m in mentions if m.kind == "line" and "total" not in label_stems(m.label)]
    return frozenset(n for n in firsts if question.tokens[n].stem == "total")


def _columns_named(question: Question, book: Book, named: frozenset[int]) -> tuple[tuple[str, ...], frozenset[int]]:
    """Columns that are no periods, where the question names them."""
    axis = book.sheets[0].periods
    if book.sheets[0].timed:
        return (), frozenset()
    found = {f.label: question.find(f.stems) for f in axis}
    used = frozenset(n for places in found.values() for place in places for n in place if n not in named)
    return tuple(label for label, places in found.items() if places), used


def _sheet_named(question: Question, book: Book, taken: frozenset[int]) -> tuple[Sheet | None, frozenset[int]]:
    """ "the balance sheet", "the cash flow statement": a statement by its own title."""
    for sheet in book.sheets:
        for used in question.find(label_stems(sheet.title)):
            if not set(used) <= taken:
                return sheet, frozenset(used)
    return None, frozenset()


def spoken(concept: str) -> str:
    """A concept as it is spoken."""
    return concept.upper() if concept == "ebitda" else concept


def says(heard: Heard, word: str) -> bool:
    """Whether the question holds a word of this stem."""
    return any(token.stem == word for token in heard.question.tokens)
