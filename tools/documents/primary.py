"""Which tables of a document are its primary statements, and what their lines are called everywhere else.

A filing has a hundred tables that look alike: summaries of five years, segments, the parent company alone, subsidiaries side
by side. A hard filter on title words misses a fifth of the statements and takes wrong ones. So every table is scored for
every kind by its title, its lines and its columns, and the set of tables that stand close together and score best as a whole
is taken: in every filing the primary statements follow one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.concepts import Phrase, concept_of, lines_of
from tools.documents.document import Column, Document, StatementKind, Table
from tools.tags import tagged
from tools.units import is_money

KINDS: tuple[StatementKind, ...] = ("income", "comprehensive_income", "balance", "cash_flow", "equity")
_LEAST = 3.0
_WINDOW = 14  # pages or tables over which a set of primary statements stretches
_MOST_COLUMNS = 12

_TITLES: Mapping[str, re.Pattern[str]] = {
    "comprehensive_income": re.compile(r"\bcomprehensive (?:income|loss|earnings|\(loss\))", re.I),
    "income": re.compile(
        r"\bstatements? of (?:consolidated )?(?:net )?(?:income|operations|earnings|profit)|\bincome statements?\b|"
        r"\bprofit (?:and|&|or) loss\b|\bstatements? of (?:consolidated )?\(?loss",
        re.I,
    ),
    "balance": re.compile(
        r"\bbalance sheets?\b|\bstatements? of (?:consolidated )?financial (?:position|condition)", re.I
    ),
    "cash_flow": re.compile(r"\bstatements? of (?:consolidated )?cash flows?\b|\bcash flow statements?\b", re.I),
    "equity": re.compile(
        r"\b(?:changes in|statements? of) .{0,40}(?:equity|capital|deficit)\b|\bequity statements?\b", re.I
    ),
}
_LOOKALIKE = re.compile(
    r"\b(?:parent(?: company)?(?: only)?|consolidating|guarantors?|selected|summar(?:y|ized)|supplemental|pro[- ]forma|segments?|"
    r"quarterly|five[- ]year|schedule|details|parenthetical|reconciliation|notes? [0-9]+|note|non-gaap|average|condensed "
    r"financial information|narrative|tables?|polic(?:y|ies)|impact|effects?|changes? in assets)\b",
    re.I,
)
_CONTINUED = re.compile(r"\b(?:continued|cont['’]?d)\b", re.I)
_CONSOLIDATED = re.compile(r"\bconsolidated\b", re.I)
_REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "income": (("revenue", "net interest income", "premiums"), ("net income", "net income attributable")),
    "comprehensive_income": (("comprehensive income", "other comprehensive income"), ("net income",)),
    "balance": (("total assets",), ("total liabilities and equity", "equity", "total liabilities")),
    "cash_flow": (("operating cash flow",), ("investing cash flow", "financing cash flow")),
    "equity": (),
}
_TYPICAL_ROWS: Mapping[str, tuple[int, int]] = {
    "income": (8, 60),
    "comprehensive_income": (4, 40),
    "balance": (14, 80),
    "cash_flow": (16, 90),
    "equity": (8, 80),
}


@dataclass(slots=True)
class _Candidate:
    """A table as one kind of statement: its place in the document's order and how well it fits."""

    table: Table
    kind: StatementKind
    at: int
    score: float
    titled: bool


@dataclass(slots=True)
class _Set:
    """The best candidate of each kind within a window of the document."""

    chosen: dict[StatementKind, _Candidate] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return sum(candidate.score for candidate in self.chosen.values())


def label_statements(document: Document) -> None:
    """Marks the primary statements of a document and the concepts of their lines."""
    candidates = list(_candidates(document.tables))
    best = _best_set(candidates)
    for kind, candidate in best.chosen.items():
        for table in _parts(candidate, candidates, document.tables):
            table.statement = kind
    for table in document.tables:
        if table.statement:
            table.concepts = concepts_of(table)


def _candidates(tables: Sequence[Table]) -> Iterator[_Candidate]:
    for number, table in enumerate(tables):
        if table.concepts or not _may_be_statement(table):  # what names its concepts itself is no printed statement
            continue
        found = _concepts_in(table)
        for kind in KINDS:
            titled = _is_titled(table, kind)
            score = _score(table, kind, found, titled)
            if score >= _LEAST:
                yield _Candidate(table, kind, _at(table, number), score, titled)


def _at(table: Table, number: int) -> int:
    """Where a table stands: its page, or its number among the tables where there are no pages."""
    page = dict(table.at).get("page")
    return int(page) if page is not None else number


def _may_be_statement(table: Table) -> bool:
    numbers = [column for column in table.columns if column.kind == "number"]
    return bool(table.label_column()) and 1 <= len(numbers) <= _MOST_COLUMNS and 3 <= table.row_count <= 250


def _is_titled(table: Table, kind: StatementKind) -> bool:
    """Whether the title names this kind; `comprehensive income` names no income statement unless both are said."""
    title = _words(table)
    if not _TITLES[kind].search(title):
        return False
    return kind != "income" or not _TITLES["comprehensive_income"].search(title) or bool(_BOTH.search(title))


_BOTH = re.compile(r"\b(?:income|operations|earnings) and (?:other )?comprehensive", re.I)


def _words(table: Table) -> str:
    corner = table.label_column()
    return f"{table.title} {corner.label if corner and len(corner.label) < 120 else ''}"


def _concepts_in(table: Table) -> set[str]:
    label = table.label_column()
    assert label is not None
    filled = [
        row for row in range(table.row_count) if any(column.amounts[row] is not None for column in _numbers(table))
    ]
    said = {meant.concept for row in filled if (meant := concept_of(label.texts[row].strip()))}
    return said | {known for tag in table.tags.values() if (known := tagged(tag))}


def _numbers(table: Table) -> list[Column]:
    return [column for column in table.columns if column.kind == "number"]


def _score(table: Table, kind: StatementKind, found: set[str], titled: bool) -> float:
    score = 3.0 if titled else 0.0
    required = _REQUIRED[kind]
    met = sum(1 for group in required if found & set(group))
    if required and not met and not titled:
        return 0.0
    score += 1.5 * met - (1.0 * (len(required) - met) if required else 0.0)
    typical = found & lines_of(kind)
    score += min(2.5, 0.35 * len(typical))
    foreign = found - lines_of(kind)
    score -= min(1.5, 0.12 * len(foreign)) if kind in ("income", "balance") else 0.0
    low, high = _TYPICAL_ROWS[kind]
    score += 0.5 if low <= table.row_count <= high else -1.0
    title = _words(table)
    if not titled and any(_is_titled(table, other) for other in KINDS):
        score -= 2.0  # what calls itself something else is that
    score += 0.7 if titled and _CONSOLIDATED.search(title) else 0.0
    score -= 2.5 if _LOOKALIKE.search(title) else 0.0
    return score + _by_columns(table, kind)


def _by_columns(table: Table, kind: StatementKind) -> float:
    """What the periods over the columns say: instants for a balance sheet, stretches of time for flows, parts for equity."""
    numbers = _numbers(table)
    dated = [column.period for column in numbers if column.period]
    if kind == "equity":
        return 0.5 if len(dated) < len(numbers) else 0.0
    if not dated:
        return -1.5
    instants = sum(1 for period in dated if period.kind == "instant")
    fits = instants if kind == "balance" else len(dated) - instants
    even = 0.5 if len(dated) == len(numbers) else -0.3
    many = -1.0 if len({(period.kind, period.label) for period in dated}) > 4 else 0.0
    return even + many + (0.5 if 2 * fits >= len(dated) else -0.5)


def _best_set(candidates: Sequence[_Candidate]) -> _Set:
    """The set of one window with the best sum; every candidate begins a window."""
    best = _Set()
    ordered = sorted(candidates, key=lambda candidate: candidate.at)
    for number, first in enumerate(ordered):
        found = _Set()
        for candidate in ordered[number:]:
            if candidate.at - first.at > _WINDOW:
                break
            known = found.chosen.get(candidate.kind)
            if known is None or candidate.score > known.score + 0.2:
                found.chosen[candidate.kind] = candidate
        _settle_shared(found)
        if found.score > best.score + 0.01:
            best = found
    return best


def _settle_shared(found: _Set) -> None:
    """A table is one kind only: the one it fits best."""
    for kind, candidate in list(found.chosen.items()):
        for other, rival in list(found.chosen.items()):
            if (
                other != kind
                and rival.table is candidate.table
                and rival.score <= candidate.score
                and other in found.chosen
            ):
                if rival.score == candidate.score and KINDS.index(other) < KINDS.index(kind):
                    continue
                del found.chosen[other]


def _parts(chosen: _Candidate, candidates: Sequence[_Candidate], tables: Sequence[Table]) -> Iterator[Table]:
    """The chosen table, its like beside it (the quarter over the year), and what continues it on the next page."""
    yield chosen.table
    for other in candidates:
        near = abs(other.at - chosen.at) <= (1 if "page" in dict(chosen.table.at) else 0)
        same = other.kind == chosen.kind and other.table is not chosen.table and other.titled
        if near and same and not other.table.statement and other.score > 0.75 * chosen.score:
            yield other.table
    number = next(index for index, table in enumerate(tables) if table is chosen.table)
    for table in tables[number + 1 : number + 3]:
        if _continues(chosen.table, table, chosen.kind):
            yield table


def _continues(first: Table, table: Table, kind: StatementKind) -> bool:
    if table.statement or _at(table, 0) - _at(first, 0) > 1 or "page" not in dict(table.at):
        return False
    said = bool(_CONTINUED.search(table.title)) and _is_titled(table, kind)
    periods = [column.period for column in _numbers(first)]
    alike = [column.period for column in _numbers(table)] == periods and bool(periods)
    headless = not any(column.period for column in _numbers(table)) and len(_numbers(table)) == len(periods)
    return (
        said
        or (alike and _is_titled(table, kind))
        or (headless and _at(table, 0) > _at(first, 0) and kind == "cash_flow")
    )


def concepts_of(table: Table) -> dict[int, str]:
    """The standard concept of each line that goes by one of its names; of two lines the one with the more usual name."""
    label = table.label_column()
    if label is None:
        return {}
    lines = lines_of(table.statement) if table.statement else frozenset()
    best: dict[str, tuple[bool, int, int]] = {}
    heading = ""
    for row in range(table.row_count):
        words = label.texts[row].strip()
        if not any(column.amounts[row] is not None for column in _numbers(table)):
            heading = words or heading
            continue
        known = tagged(table.tags.get(row, ""))
        meant = Phrase(known, (), -1, False) if known else _by_unit(table, row, words, heading) or concept_of(words)
        if meant and (not lines or meant.concept in lines or table.statement in ("cash_flow", "comprehensive_income")):
            rank = (meant.loose, meant.rank, row)
            best[meant.concept] = min(best.get(meant.concept, rank), rank)
    if _is_part_of_cost(best, label.texts):
        del best["cost of sales"]
    return {row: concept for concept, (_, _, row) in best.items()}


def _is_part_of_cost(best: Mapping[str, tuple[bool, int, int]], labels: Sequence[str]) -> bool:
    """Whether what was taken for the cost of sales is one of several: `Cost of services` beside `Cost of products`."""
    if "cost of sales" not in best:
        return False
    own = labels[best["cost of sales"][2]].strip()
    costs = {text.strip().casefold() for text in labels if re.match(r"cost of\b", text.strip(), re.I)}
    return own.casefold().startswith("cost of") and not _WHOLE_COST.match(own) and len(costs) > 1


_WHOLE_COST = re.compile(r"costs? of (?:sales|revenues?|goods sold|products sold)\b", re.I)


_DILUTED = re.compile(r"\bdiluti?(?:ed|on)\b", re.I)
_BASIC = re.compile(r"\bbasic\b", re.I)
_EFFECT = re.compile(r"\beffect\b|\bdividend", re.I)
_IN_PART = re.compile(r"\b(?:dis)?continu", re.I)


def _by_unit(table: Table, row: int, words: str, heading: str) -> Phrase | None:
    """What a line of an income statement is that says little itself: `Diluted`, in dollars a share or in shares, under its
    heading. A line in dollars a share is never an amount, whatever it is called.
    """
    if table.statement != "income":
        return None
    unit = next((column.unit_at(row) for column in _numbers(table) if column.amounts[row] is not None), "")
    if unit not in ("shares", "count") and not unit.endswith("/share"):
        is_margin = words.casefold().partition(" (")[0] in ("gross margin", "total gross margin") and is_money(unit)
        return Phrase("gross profit", (), 15, False) if is_margin else None
    own = _DILUTED.search(words) or _BASIC.search(words)
    diluted = bool(_DILUTED.search(words if own else heading)) and not _BASIC.search(words)
    rank = 25 if _IN_PART.search(words) else 20
    if not unit.endswith("/share"):
        if _EFFECT.search(words):
            return None
        is_basic = _BASIC.search(f"{heading} {words}") or "shares" in f"{heading} {words}".casefold()
        return (
            Phrase("diluted shares", (), rank, False)
            if diluted
            else Phrase("shares", (), rank, False)
            if is_basic
            else None
        )
    if "dividend" in f"{heading} {words}".casefold():
        return Phrase("dividend per share", (), rank, False)
    return Phrase("diluted earnings per share" if diluted else "earnings per share", (), rank, False)
