"""Matching: how well the words of a question name a line.

Two shares are weighed against each other: how much of the line's name was said, and how much of what was said the name
accounts for. Words count by how few lines hold them, so in a table of costs the word "costs" decides nothing. Words of
one meaning in accounts (sales, revenue) count as the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import log

from analysis.offline.cues import HARMLESS
from analysis.offline.reckoning.board import Board, Line, spoken
from analysis.offline.words import Question
from tools.concepts import concept_of, phrases
from tools.labels import FILLERS, tokens

_SAME = {
    "sale": "revenue", "turnover": "revenue", "earnings": "income", "profit": "income", "earning": "income",
    "expenditure": "expense", "cost": "expense", "stockholder": "shareholder", "shareowner": "shareholder",
    "taxation": "tax", "staff": "employee", "worker": "employee", "stock": "share", "liability": "liability",
    "receivables": "receivable", "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "sept": "september", "oct": "october", "nov": "november",
    "dec": "december", "uk": "kingdom", "usa": "us", "u": "us",
}  # fmt: skip
_KEPT = frozenset("total net gross average high low other current change rate interest sale term balance".split())
# Said around a name in questions about shares, payments and returns; where no line holds them they tell nothing.
_SAID_AROUND = frozenset(
    "return cumulative shareholder stockholder investment performance common stock ended inc corporation corp plc due "
    "related attributed expected considering observed recorded associated us dollar".split()
)
_UNKNOWN_WEIGHT = 0.6
_CONCEPT = 0.95
_ASKING = 0.4  # a word of asking that also stands in a name ("development")
_UNNAMED_COLUMN = 0.75
_SOFT = 0.8
_FAINT = 0.15


def telling_stems(text: str, names: Container[str] = ()) -> list[str]:
    """The stems of a phrase that could name something: no words of asking, unless they stand in a name (`names`)."""
    found = [token.stem for token in tokens(text)]
    return [
        canonical(stem)
        for stem in found
        if stem not in FILLERS
        and (stem not in HARMLESS or stem in _KEPT or canonical(stem) in names)
        and not stem.isdigit()
        and len(stem) > 1
    ]


def canonical(stem: str) -> str:
    """The one word that stands for its synonyms."""
    return _SAME.get(stem, stem)


@dataclass(frozen=True, slots=True)
class Match:
    """A line and how well it fits: `score` 0 to 1, `margin` how far it is ahead of the next line, `explained` how much
    of what was said its name accounts for."""

    line: Line
    score: float
    margin: float
    explained: float = 1.0


class Matcher:
    """Scores phrases against one board."""

    def __init__(self, board: Board) -> None:
        self.lines = board.lines
        self._names = [tuple(map(canonical, (*line.row_stems, *line.column_stems))) for line in board.lines]
        self._sections = [frozenset(telling_stems(line.section)) for line in board.lines]
        owners = Counter(stem for name in self._names for stem in set(name))
        count = max(len(self._names), 2)
        self._weights = {stem: 0.25 + log(1 + count / often) for stem, often in owners.items()}
        self._most = 0.25 + log(1 + count)

    def telling(self, text: str) -> list[str]:
        """The stems of a phrase that could name a line here."""
        return telling_stems(text, self._weights)

    def weight(self, stem: str) -> float:
        """How much a word tells: rare words most, words no line holds a little less."""
        if stem not in self._weights and stem in _SAID_AROUND:
            return self._most * _FAINT
        faint = _FAINT if stem in ("total", "net") else _ASKING if stem in HARMLESS and stem not in _KEPT else 1.0
        return self._weights.get(stem, self._most * _UNKNOWN_WEIGHT) * faint

    def meant(self, text: str) -> Match | None:
        """The line that words mean: one that goes by the same concept of accounts ("sales", "Net operating revenues"),
        unless another bears the very name."""
        named, known = self.best(self.telling(text)), self._by_concept(text)
        return known if known and (named is None or named.score < _CONCEPT) else named

    def _by_concept(self, text: str) -> Match | None:
        question = Question.of(text)
        said = [phrase for phrase in phrases() if not phrase.loose and question.find(phrase.stems)]
        if not said:
            return None
        longest = max(said, key=lambda phrase: len(phrase.stems))
        over = set(self.telling(text)) - set(map(canonical, longest.stems)) - _SAID_AROUND - {"total"}
        found = [
            (meaning.rank, line.order, line)
            for line in self.lines
            if not line.column_stems
            and (meaning := concept_of(spoken(line.row)))
            and not meaning.loose
            and meaning.concept == longest.concept
        ]
        if over or not found:
            return None
        return Match(min(found, key=lambda each: each[:2])[2], _CONCEPT, 0.5)

    def best(self, phrase: Sequence[str], among: Iterable[Line] | None = None) -> Match | None:
        """The line that fits best; None where nothing of the phrase is in any name."""
        allowed = None if among is None else {id(line) for line in among}
        scores = [
            (*self._score(tuple(phrase), name, section), -number, line)
            for number, (line, name, section) in enumerate(zip(self.lines, self._names, self._sections, strict=True))
            if allowed is None or id(line) in allowed
        ]
        ranked = sorted((each for each in scores if each[0] > 0), key=lambda each: each[:3], reverse=True)
        if not ranked:
            return None
        score, explained, _, line = ranked[0]
        beside = self._unnamed_beside(line, phrase) if among is None else []
        if len(beside) < 2:
            others = [each for each in ranked if each[3].table == line.table or each[3].names != line.names]
            return Match(line, score, score - (others[1][0] if len(others) > 1 else 0.0), explained)
        chosen = _first_choice(beside, phrase)
        others = [each for each in ranked if each[3].row_key != line.row_key]
        sure = score if chosen.is_total else score * _UNNAMED_COLUMN
        return Match(chosen, sure, sure - (others[0][0] if others else 0.0), explained)

    def _unnamed_beside(self, line: Line, phrase: Sequence[str]) -> list[Line]:
        """The lines of the same row, where nothing that was said names a column: then any of them could be meant."""
        row = [each for each in self.lines if each.row_key == line.row_key]
        said = dict.fromkeys(phrase)
        named = any(_in(canonical(stem), said) for each in row for stem in each.column_stems if stem != "total")
        return [] if named else row

    def best_row(self, phrase: Sequence[str]) -> Match | None:
        """The line whose row fits best, by the words of the row alone."""
        return self._best_by(phrase, [tuple(map(canonical, line.row_stems)) for line in self.lines])

    def best_column(self, phrase: Sequence[str]) -> Match | None:
        """A line of the column that fits best, by the words above it alone."""
        return self._best_by(phrase, [tuple(map(canonical, line.column_stems)) for line in self.lines])

    def _best_by(self, phrase: Sequence[str], names: Sequence[tuple[str, ...]]) -> Match | None:
        """Lines of one name count once: what is ahead is ahead of another name."""
        best: dict[tuple[str, ...], tuple[float, float, Line]] = {}
        for line, name in zip(self.lines, names, strict=True):
            score, explained = self._score(tuple(phrase), name, frozenset())
            if score and name not in best:
                best[name] = (score, explained, line)
        ranked = sorted(best.values(), key=lambda each: (-each[0], each[2].order))
        if not ranked:
            return None
        score, explained, line = ranked[0]
        return Match(line, score, score - (ranked[1][0] if len(ranked) > 1 else 0.0), explained)

    def _score(self, phrase: tuple[str, ...], name: tuple[str, ...], section: frozenset[str]) -> tuple[float, float]:
        if not name or not phrase:
            return 0.0, 0.0
        said, own = dict.fromkeys(phrase), dict.fromkeys(name)
        hit_own = sum(self.weight(stem) * _in(stem, said) for stem in own)
        hit_said = sum(self.weight(stem) * max(_in(stem, own), 0.5 * (stem in section)) for stem in said)
        if not hit_own or not hit_said:
            return 0.0, 0.0
        named = hit_own / sum(map(self.weight, own))
        explained = hit_said / sum(map(self.weight, said))
        return 2 * named * explained / (named + explained), explained


def _first_choice(row: Sequence[Line], phrase: Sequence[str]) -> Line:
    """Of the columns of a row the total, else the first that holds amounts, unless a percentage was asked for."""
    totals = [line for line in row if "total" in line.column_stems]
    wants_ratio = bool({"percent", "percentage", "rate", "margin"} & set(phrase))
    fitting = [line for line in row if (line.cells[0].figure.unit == "ratio") == wants_ratio]
    return [*totals, *fitting, *row][0]


def _in(stem: str, stems: Iterable[str]) -> float:
    """1 where the word is there, a little less where one begins like it ("purchased", "purchases")."""
    if stem in stems:
        return 1.0
    if len(stem) >= 5 and any(
        len(each) >= 5 and each[:5] == stem[:5] and abs(len(each) - len(stem)) <= 4 for each in stems
    ):
        return _SOFT
    return 0.0
