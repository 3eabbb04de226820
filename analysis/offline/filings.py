"""Questions to a filing: its statements, its standard lines, and what analysts make of them across its statements.

A filing is a document with primary statements among many other tables. Lines are asked for by their standard names, so
that `Diluted` under `Earnings per share` is found where its label says little; what is made of several lines may take them
from different statements, by period. Words that narrow a line (a segment, a product) are looked for among the lines of all
tables (`Asked.called`); where none is called so, that is said, and never the line of the whole company told instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from analysis.offline.asks import Looks
from analysis.offline.concepts import LEDGER_CONCEPTS
from analysis.offline.cues import HARMLESS, MORE, read_cues
from analysis.offline.filing import Filing, company_of, stems_of
from analysis.offline.filing_periods import is_named
from analysis.offline.formulas import TOTAL_DEBT, formula_phrases, made_of
from analysis.offline.periods import PeriodWish, read_periods
from analysis.offline.words import Question, name
from tools.concepts import phrases
from tools.labels import FILLERS, Token, label_stems, phrase_stems

MOST_SUBJECTS = 4
MOST_FILINGS = 8
MOST_WORDS = 5
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
_BESIDE = ("high", "low", "difference")
_HARMLESS = frozenset(
    "10-k 10-q 10k 10q k q filing reported inc corp plc corporation co its their company's us million billion stand end ended "
    "full total net value size actual consolidated statement financial primary fy thanks outstanding spent spend "
    "generated made earned earn ratio amount dollar weighted average basic number segment division unit line business "
    "does three six nine twelve month come from quarter quarterly period year fiscal latest most recent hold holding "
    "have had company firm group business".split()
)
_BARE = str.maketrans("()", "  ")  # the heading in `Net sales (North America)` counts among the words
_KINDS: Mapping[str, re.Pattern[str]] = {
    "part": re.compile(r"\b(?:six|nine|6|9)[- ]months?\b|\byear[- ]to[- ]date\b|\bytd\b|\bhalf[- ]year\b"),
    "quarter": re.compile(r"\bquarter(?:ly|s)?\b|\bthree[- ]months?\b"),
    "year": re.compile(r"\bannual\b|\bfull[- ]year\b|\bfiscal year\b|\byear ended\b|\b(?:twelve|12) months\b"),
}
_PARTS = frozenset(label_stems("segment division unit product brand region geography subsidiary"))
_PLACES = frozenset(
    label_stems(
        "america americas europe european asia asian africa pacific china japan india germany france canada mexico brazil "
        "emea apac latam international domestic overseas foreign north south east west northern southern eastern western"
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Lines and formulas over a filing. `names` are concepts, or names of formulas; `called` are the ways in which a line
    may be called that is no standard one (`Net sales (AWS)`, `AWS`), the likeliest first.
    """

    filing: Filing
    names: tuple[str, ...]
    wish: PeriodWish
    looks: Looks
    trend: bool
    kind: str
    why: bool
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """The same line or formula over several filings; `one_company`: where these are of one, and make one course."""

    each: tuple[Asked, ...]
    one_company: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement of a filing."""

    filing: Filing
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Untold:
    """Why a question that names a standard line is not answered by that line, nor by any other."""

    reason: str


def filing_asked(question: Question, filings: Sequence[Filing]) -> Asked | Compared | Statement | Untold | None:
    """What is asked of a filing, or of several, where all of the question is understood that way; else None."""
    filing = _filing(question, filings) or _with_both(question, filings)
    if filing is None:
        return _compared(question, filings) or _untold(question, filings, filings)
    asked = _statement(question, filing) or _asked(question, filings, filing)
    return asked or _untold(question, filings, [filing])


def _untold(question: Question, filings: Sequence[Filing], meant: Sequence[Filing]) -> Untold | None:
    """What is asked over several filings that only one answers alone, and words beside several lines that none is called by:
    the plans for lines would answer a part of it and pass over the rest.
    """
    mentions, used = _mentions(question)
    if not mentions:
        return None
    if len(meant) > 1:
        return Untold(
            "I can tell this of one document at a time; name the one you mean by the words of its file's name."
        )
    left = _unexplained(question, used | read_periods(question).used, filings, meant[0])
    if not left or read_cues(question, used).has(*_ELSEWHERE):
        return None
    return Untold(f"I could not tie “{name(question.said(left))}” to a line of {name(meant[0].document)}.")


def _asked(question: Question, filings: Sequence[Filing], filing: Filing, beside: bool = False) -> Asked | None:
    """The lines of one filing; `beside` others, so that the higher one is found by showing both."""
    wish = _own_quarter(read_periods(question), filing)
    mentions, used = _mentions(question)
    left = _unexplained(question, used | wish.used, filings, filing)
    cues = read_cues(question, used)
    if len(mentions) > MOST_SUBJECTS or not (mentions or left):
        return None
    only_lines = not any(made_of(each) for each in mentions)
    elsewhere = [cue for cue in _ELSEWHERE if not (beside and cue in _BESIDE) and cues.has(cue)]
    if elsewhere and (only_lines or not {"high", "low", "rank", "forecast", "advice"}.isdisjoint(elsewhere)):
        return None
    called = _ways(question, left, used) if left else ()
    if left and (not called or len(mentions) > 1):
        return None
    trend = cues.has("trend", "year", "quarter") or wish.mode in ("all", "span", "since", "until", "last_n", "first")
    looks = Looks(chart=cues.wants_chart, kind=cues.chart_kind)
    return Asked(filing, mentions, wish, looks, trend or looks.chart, _kind(question), cues.has("why"), called)


def _compared(question: Question, filings: Sequence[Filing]) -> Compared | None:
    """One subject over all filings, where none of them is named, or several are."""
    named = _named(question, filings)
    chosen = named if len(named) > 1 else filings
    if not 2 <= len(chosen) <= MOST_FILINGS:
        return None
    each = [_asked(question, filings, filing, beside=True) for filing in chosen]
    asked = [one for one in each if one is not None and len(one.names) <= 1]
    if len(asked) != len(chosen):
        return None
    ways = max((one.called for one in asked), key=len)  # a word that narrows the line in one narrows it in all
    if ways:
        asked = [replace(one, called=ways) for one in asked]
    companies = {company_of(filing.document) for filing in chosen}
    said = {token.stem for token in question.tokens}
    side_by_side = read_cues(question).has("compare", "difference", "high", "low") or bool(said & MORE)
    return Compared(tuple(asked), len(companies) == 1 and not side_by_side)


def _own_quarter(wish: PeriodWish, filing: Filing) -> PeriodWish:
    """`Q3 2023` of a filing that is called so is its own latest quarter, which may end in July."""
    if not wish.moments or any(moment.kind != "quarter" for moment in wish.moments):
        return wish
    own = "".join(filing.document.casefold().split())
    named = any(
        f"q{moment.index}" in own and (moment.year is None or str(moment.year) in own) for moment in wish.moments
    )
    return replace(wish, mode="latest", moments=()) if named else wish


def _filing(question: Question, filings: Sequence[Filing]) -> Filing | None:
    """The filing that is meant: the only one, or the one that is called by its name."""
    if len(filings) == 1:
        return filings[0]
    called = _named(question, filings)
    return called[0] if len(called) == 1 else None


def _named(question: Question, filings: Sequence[Filing]) -> list[Filing]:
    """The filings that are called by words which only their names have; `Amazon` calls `AMZN`. Years call them only where
    nothing else tells them apart.
    """
    names = [stems_of(filing.document) for filing in filings]
    worded = [company_of(filing.document) for filing in filings]
    if all(worded) and len(set(worded)) == len(filings):
        names = worded
    called = []
    for number, filing in enumerate(filings):
        others = set[str]().union(*(own for at, own in enumerate(names) if at != number))
        if any(_calls(token, names[number] - others) for token in question.tokens):
            called.append(filing)
    return called


def _is_somebody(question: str, word: str) -> bool:
    """Whether a word is told to be a company's name: `Apple's`, `did Apple`. `Comirnaty revenue` may be of a product."""
    return re.search(rf"\b{re.escape(word)}['’]|\b(?:did|does|has|at) {re.escape(word)}\b", question) is not None


def _calls(token: Token, names: Iterable[str]) -> bool:
    """Whether a word is one of a file's name, or the name of the company whose ticker that is."""
    return any(token.stem == own or (token.text[:1].isupper() and _is_ticker(own, token.stem)) for own in names)


def _is_ticker(own: str, stem: str) -> bool:
    """Whether a file's word is a company's name without its vowels: `AMZN`, `AAPL`. Looser likeness would take other words
    for names (`apparel`), and a word taken for a name is passed over.
    """
    bare, named = _skeleton(own), _skeleton(stem)
    return 3 <= len(own) <= 5 <= len(stem) and own[0] == stem[0] and bare == named and len(bare) > 1


def _skeleton(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiou]", "", word))


def _with_both(question: Question, filings: Sequence[Filing]) -> Filing | None:
    """The last filing that has all of the several periods named, so that they are compared within it."""
    moments = read_periods(question).moments
    if len(moments) < 2:
        return None
    have = [each for each in filings if all(any(is_named(m, period) for period in each.periods) for m in moments)]
    return max(have, key=lambda each: max(period.end or date.min for period in each.periods), default=None)


def _statement(question: Question, filing: Filing) -> Statement | None:
    for kind, pattern in _STATEMENTS.items():
        found = pattern.search(question.text)
        if found and any(sheet.statement == kind for sheet in filing.sheets):
            rest = _SHOWS.sub(" ", question.text[: found.start()] + question.text[found.end() :])
            left = [token.stem for token in Question.of(rest).tokens if not _is_harmless(token.stem)]
            if not left or set(left) <= stems_of(filing.document):
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
    return stem in HARMLESS or stem in FILLERS or stem in _HARMLESS or stem in MORE or stem.isdigit()


def _unexplained(question: Question, used: frozenset[int], filings: Sequence[Filing], filing: Filing) -> list[int]:
    """The words that say more than what is understood. A company's name says nothing more (`Apple's`), unless the question
    is of a segment or the word of a part of the world.
    """
    labels = {stem for each in filings for line in each.labels for stem in label_stems(line.translate(_BARE))}
    names = {stem for each in filings for stem in stems_of(each.document)}
    cues = read_cues(question).used
    of_a_part = any(token.stem in _PARTS for token in question.tokens)
    left: list[int] = []
    for number, token in enumerate(question.tokens):
        if number in used or number in cues or _is_harmless(token.stem) or _calls(token, names):
            continue
        is_name = token.text[:1].isupper() and token.stem not in labels and _is_somebody(question.text, token.text)
        if of_a_part or token.stem in _PLACES or not is_name:
            left.append(number)
    return left


def _ways(question: Question, left: Sequence[int], used: frozenset[int]) -> tuple[str, ...]:
    """How a line may be called that the words left over narrow: `AWS net sales` is `Net sales` under the heading `AWS`."""
    if len(left) > MOST_WORDS:
        return ()
    own = question.said(left)
    wide = not used or _mentions(question)[0] == ("revenue",)  # what a product is called by alone are its sales
    line = question.said(sorted(used)) if used else ""
    both = question.said(sorted({*left, *used})) if used else ""
    return tuple(dict.fromkeys(way for way in (both, f"{line} ({own})" if line else "", own if wide else "") if way))


def _kind(question: Question) -> str:
    low = question.text.casefold()
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(low)), "")
