"""Questions to a filing: its statements, its standard lines, and what analysts make of them across its statements.

A filing is a document with primary statements among many other tables. Lines are asked for by their standard names, so
that `Diluted` under `Earnings per share` is found where its label says little; what is made of several lines may take them
from different statements, by period. Words of the question that name something else of the document (a segment, a
product) make this no question of ours: the plans for lines then read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.offline.asks import Looks
from analysis.offline.concepts import LEDGER_CONCEPTS
from analysis.offline.cues import HARMLESS, read_cues
from analysis.offline.formulas import TOTAL_DEBT, formula_phrases, made_of
from analysis.offline.periods import PeriodWish, read_periods
from analysis.offline.understanding import Filing, Room
from analysis.offline.words import Question
from tools.concepts import phrases
from tools.labels import FILLERS, label_stems, phrase_stems

MOST_SUBJECTS = 4
_STATEMENTS: Mapping[str, re.Pattern[str]] = {
    "balance": re.compile(r"\bbalance sheets?\b|\bstatements? of financial position\b", re.I),
    "income": re.compile(
        r"\bincome statements?\b|\bstatements? of (?:income|operations|earnings)\b|\bprofit and loss\b|\bp ?& ?l\b", re.I
    ),
    "cash_flow": re.compile(r"\bcash[- ]flow statements?\b|\bstatements? of cash ?flows?\b", re.I),
    "comprehensive_income": re.compile(r"\bstatements? of comprehensive income\b|\bcomprehensive income statement\b", re.I),
    "equity": re.compile(r"\bstatements? of (?:changes in )?(?:(?:share|stock)holders.? )?equity\b|\bequity statement\b", re.I),
}  # fmt: skip
_SHOWS = re.compile(
    r"\b(?:show|list|display|print|give|get|see|open|view|what is|what's|pull up|the full|whole|entire)\b", re.I
)
_ELSEWHERE = ("high", "low", "rank", "mean", "median", "share", "forecast", "advice", "difference", "cagr", "rows")
_HARMLESS = frozenset(
    "10-k 10-q 10k 10q k q filing reported inc corp plc corporation co its their company's us million billion stand end ended "
    "full total net value size actual consolidated statement financial primary fy thanks outstanding spent spend "
    "generated made earned earn ratio amount dollar weighted average basic number".split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Lines and formulas over a filing. `names` are concepts, or names of formulas."""

    filing: Filing
    names: tuple[str, ...]
    wish: PeriodWish
    looks: Looks
    trend: bool
    kind: str
    why: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement of a filing."""

    filing: Filing
    kind: str
    title: str


def filing_asked(question: Question, room: Room) -> Asked | Statement | None:
    """What is asked of a filing, where all of the question is understood that way; else None."""
    filing = _filing(question, room)
    if filing is None:
        return None
    cues, wish = read_cues(question), read_periods(question)
    whole = _statement(question, filing)
    if whole:
        return whole
    mentions, used = _mentions(question)
    if not mentions or len(mentions) > MOST_SUBJECTS or _unexplained(question, used | wish.used, room, filing):
        return None
    only_lines = not any(made_of(each) for each in mentions)
    cues = read_cues(question, used)
    if cues.has(*_ELSEWHERE) and (only_lines or cues.has("high", "low", "rank", "forecast", "advice")):
        return None
    trend = cues.has("trend", "year", "quarter") or wish.mode in ("all", "span", "since", "until", "last_n", "first")
    looks = Looks(chart=cues.wants_chart, kind=cues.chart_kind)
    return Asked(filing, mentions, wish, looks, trend or looks.chart, _kind(question), cues.has("why"))


def _filing(question: Question, room: Room) -> Filing | None:
    """The filing that is meant: the only one, or the one that is called by its name."""
    if len(room.filings) == 1:
        return room.filings[0] if len({target.document for target in room.targets}) == 1 else None
    said = {token.stem for token in question.tokens}
    names = [set(label_stems(filing.document.rpartition(".")[0])) for filing in room.filings]
    called = []
    for number, filing in enumerate(room.filings):
        others = set[str]().union(*(own for at, own in enumerate(names) if at != number))
        if (names[number] - others) & said:
            called.append(filing)
    return called[0] if len(called) == 1 else None


def _statement(question: Question, filing: Filing) -> Statement | None:
    for kind, pattern in _STATEMENTS.items():
        found = pattern.search(question.text)
        if found and any(sheet.statement == kind for sheet in filing.sheets):
            rest = _SHOWS.sub(" ", question.text[: found.start()] + question.text[found.end() :])
            left = [token.stem for token in Question.of(rest).tokens if not _is_harmless(token.stem)]
            if not left or set(left) <= set(label_stems(filing.document.rpartition(".")[0])):
                return Statement(filing, kind, found[0].casefold())
    return None


def _mentions(question: Question) -> tuple[tuple[str, ...], frozenset[int]]:
    """The formulas and concepts that the question names, longest names first, and the words that name them."""
    proposals: list[tuple[tuple[int, ...], int, str]] = []
    for formula, stems in formula_phrases():
        proposals += [(used, 0, formula.name) for used in question.find(stems)]
    proposals += [(used, 0, TOTAL_DEBT) for words in _DEBT_WORDS for used in question.find(phrase_stems(words))]
    for phrase in phrases():
        if phrase.concept not in LEDGER_CONCEPTS:
            proposals += [(used, 1 + phrase.loose, phrase.concept) for used in question.find(phrase.stems)]
    taken: set[int] = set()
    kept: list[tuple[int, str]] = []
    for used, _, wanted in sorted(proposals, key=lambda each: (-len(each[0]), each[1])):
        if not taken & set(used):
            taken |= set(used)
            kept.append((used[0], wanted))
    return tuple(dict.fromkeys(wanted for _, wanted in sorted(kept))), frozenset(taken)


_DEBT_WORDS = ("total debt", "debt", "borrowings", "total borrowings", "financial debt")


def _is_harmless(stem: str) -> bool:
    return stem in HARMLESS or stem in FILLERS or stem in _HARMLESS or stem.isdigit()


def _unexplained(question: Question, used: frozenset[int], room: Room, filing: Filing) -> bool:
    """Whether words are left that say more: those of other lines, and any that are not names (`Apple`)."""
    labels = {stem for line in filing.labels for stem in label_stems(line)}
    names = {stem for each in room.filings for stem in label_stems(each.document.rpartition(".")[0])}
    for number, token in enumerate(question.tokens):
        if number in used or _is_harmless(token.stem) or token.stem in names:
            continue
        is_name = token.text[:1].isupper() and number > 0 and token.stem not in labels
        if not is_name and not read_cues(question).used & {number}:
            return True
    return False


def _kind(question: Question) -> str:
    low = question.text.casefold()
    if re.search(r"\b(?:six|nine|6|9)[- ]months?\b|\byear[- ]to[- ]date\b|\bytd\b|\bhalf[- ]year\b", low):
        return "part"
    if re.search(r"\bquarter(?:ly|s)?\b|\bthree[- ]months?\b", low):
        return "quarter"
    return "year" if re.search(r"\bannual\b|\bfull[- ]year\b|\bfiscal year\b", low) else ""
