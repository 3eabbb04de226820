"""Naming: which lines, columns and category values of a sheet the words of a question mean.

Every name of the sheet proposes the places of the question where it could be meant, with a score; the proposals then take
words, sure ones first and longer ones before shorter, and a word taken is gone. So "gross profit" is not also "profit", and "total
assets" is not an order to add up.

    1.00  the label itself                     0.95  a firm synonym, or a category value
    0.75  a loose synonym ("profit")           0.60  a word that only this label has ("marketing")

Below 0.95 the answer says how the word was read. Two labels with an equal claim to the same words are not decided
between: the analyst asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from analysis.offline.catalogue import Field, Sheet
from analysis.offline.concepts import (
    LEDGER_CONCEPTS,
    LEDGER_PROFIT,
    LEDGER_SALES,
    PROFIT_WORDS,
    SALES_WORDS,
    ratio_phrases,
)
from analysis.offline.cues import HARMLESS
from analysis.offline.words import Question, runs
from tools.concepts import Phrase, concept_of, phrases
from tools.labels import FILLERS, label_stems, phrase_stems

Kind = Literal["line", "ratio", "absent", "measure", "dimension", "value", "date"]
MONEY_WORD = 5_000  # the order of a mention that is a verb of selling or earning
EXACT, FIRM, LOOSE, PARTIAL = 1.0, 0.95, 0.75, 0.6


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the question that name something: `label` is the line, column or ratio, `value` a category value.

    Kind `absent` is a line that accounts may have and these have not: its words must not be taken for another line's.
    """

    kind: Kind
    label: str
    used: tuple[int, ...]
    score: float
    order: int = 0
    value: str = ""
    rivals: tuple[str, ...] = ()

    @property
    def what(self) -> tuple[str, str, str]:
        return (self.kind, self.label, self.value)


@lru_cache(maxsize=512)  # follow-ups and suggestions read the same few questions over and over
def line_mentions(question: Question, lines: tuple[str, ...]) -> tuple[Mention, ...]:
    """What the question names among the lines of statements, in the order it says it."""
    proposals: list[Mention] = []
    for order, label in enumerate(lines):
        for stems in _spellings(label, lines):
            proposals += _places("line", label, question, stems, EXACT, order)
    return _settled([*proposals, *_by_concept(question, lines), *_ratios(question), *_partly(question, lines)])


def _spellings(label: str, lines: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The ways a line is called. One told apart by its heading, "Net sales (Services)" beside "Net sales", is meant
    where both are said, "services net sales" or "net sales of services", and never by the words it shares."""
    base, bracket, heading = label.rpartition(" (")
    if not bracket or base not in lines:
        return [label_stems(label)]
    own, apart = label_stems(base), label_stems(heading.rstrip(")"))
    return [(*apart, *own), (*own, *apart)]


def column_mentions(question: Question, sheet: Sheet, values: Mapping[str, Sequence[str]]) -> tuple[Mention, ...]:
    """What the question names among a table's columns and category values, in the order it says it.

    `values` are the distinct words of columns whose description did not show them all.
    """
    return _column_mentions(question, sheet, tuple((column, tuple(words)) for column, words in values.items()))


@lru_cache(maxsize=512)
def _column_mentions(
    question: Question, sheet: Sheet, known: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[Mention, ...]:
    values = dict(known)
    proposals: list[Mention] = []
    for order, column in enumerate(sheet.fields):
        kind = _kind_of(column)
        if kind:
            proposals += _places(kind, column.label, question, column.stems, EXACT, order)
            proposals += _by_column_concept(question, column, kind, order)
        if column.kind == "text":
            proposals += _category_values(question, column, values.get(column.label, column.examples), order)
    return _settled([*proposals, *_money_words(question, sheet), *_partly_columns(question, sheet)])


def _settled(proposals: Iterable[Mention]) -> tuple[Mention, ...]:
    ranked = sorted(proposals, key=lambda m: (-min(m.score, FIRM), -len(m.used), -m.score, m.order))
    taken: set[int] = set()
    kept: list[Mention] = []
    for mention in ranked:
        if taken & set(mention.used):
            continue
        rivals = [
            other
            for other in ranked
            if other.used == mention.used and other.score == mention.score and other.what != mention.what
        ]
        equals = tuple(dict.fromkeys(r.label for r in rivals if r.score == PARTIAL and r.label != mention.label))
        kept.append(mention if not equals else _with_rivals(mention, equals))
        taken.update(mention.used)
    return tuple(sorted(kept, key=lambda m: m.used[0]))


def _with_rivals(mention: Mention, rivals: tuple[str, ...]) -> Mention:
    return Mention(mention.kind, mention.label, mention.used, mention.score, mention.order, mention.value, rivals)


# -- statements --------------------------------------------------------------------------------------------------------


def _places(
    kind: Kind, label: str, question: Question, stems: Sequence[str], score: float, order: int, value: str = ""
) -> list[Mention]:
    return [Mention(kind, label, used, score, order, value) for used in question.find(stems)]


def _by_concept(question: Question, lines: Sequence[str]) -> list[Mention]:
    """Synonyms: the question's phrase and the label's own wording meet in one concept; the usual label comes first."""
    named: dict[str, list[tuple[bool, int, int, str]]] = {}
    for order, label in enumerate(lines):
        meant = concept_of(label)
        if meant:
            named.setdefault(meant.concept, []).append((meant.loose, meant.rank, order, label))
    found: list[Mention] = []
    for phrase in phrases():
        if phrase.concept in named:
            _, _, order, label = min(named[phrase.concept])
            found += _places("line", label, question, phrase.stems, LOOSE if phrase.loose else FIRM, order)
        elif not phrase.loose and phrase.concept not in LEDGER_CONCEPTS:
            found += _places("absent", phrase.concept, question, phrase.stems, FIRM, 20_000)
    return found


def _ratios(question: Question) -> list[Mention]:
    """Ratios and differences that can be made of lines; a line that bears the name itself comes before them."""
    return [
        mention
        for order, (ratio, stems) in enumerate(ratio_phrases())
        for mention in _places("ratio", ratio.name, question, stems, FIRM, 10_000 + order)
    ]


def _partly(question: Question, labels: Sequence[str]) -> list[Mention]:
    """Words that only few labels have: one label is meant by them, several are rivals."""
    owners: Counter[str] = Counter(word for label in labels for word in set(label_stems(label)))
    found = []
    for order, label in enumerate(labels):
        stems = set(label_stems(label))
        mine = [n for n in question.content if question.tokens[n].stem in stems and _telling(question, n)]
        found += [
            Mention("line", label, tuple(run), PARTIAL, order)
            for run in runs(mine)
            if any(owners[question.tokens[n].stem] <= 3 for n in run)
        ]
    return found


def _telling(question: Question, position: int) -> bool:
    word = question.tokens[position].stem
    return word not in HARMLESS and word not in FILLERS and not word.isdigit() and len(word) > 2


# -- ledgers and series ------------------------------------------------------------------------------------------------


def _kind_of(column: Field) -> Kind | None:
    if column.kind == "number":
        return "measure"
    if column.kind == "text":
        return "dimension"
    return "date" if column.kind == "date" else None


def _meant_by(column: Field) -> Phrase | None:
    """The concept of a column, by its whole label or by its last word ("AAPL.Close")."""
    last = concept_of(column.stems[-1]) if column.stems else None
    return concept_of(column.label) or (last if last and last.concept in LEDGER_CONCEPTS else None)


def _by_column_concept(question: Question, column: Field, kind: Kind, order: int) -> list[Mention]:
    meant = _meant_by(column) if kind == "measure" else None
    if not meant:
        return []
    return [
        mention
        for phrase in phrases()
        if phrase.concept == meant.concept
        for mention in _places(kind, column.label, question, phrase.stems, LOOSE if phrase.loose else FIRM, order)
    ]


def _category_values(question: Question, column: Field, known: Sequence[str], order: int) -> list[Mention]:
    found: list[Mention] = []
    for value in known:
        stems = label_stems(value)
        if not stems or not value.strip():
            continue
        if _needs_its_column(stems):  # "branch A", never the article
            found += _places("value", column.label, question, (*column.stems, *stems), EXACT, order, value)
            found += _beside_column(question, column, value, order)
        else:
            found += _places("value", column.label, question, stems, FIRM, order, value)
    distinctive = Counter(word for value in known for word in set(label_stems(value)))
    for value in known:
        words = [word for word in label_stems(value) if distinctive[word] == 1 and len(label_stems(value)) > 1]
        for word in words:
            if len(word) > 3 and word not in HARMLESS:
                found += _places("value", column.label, question, (word,), PARTIAL, order, value)
    return found


def _needs_its_column(stems: Sequence[str]) -> bool:
    return len(stems) == 1 and (len(stems[0]) == 1 or stems[0] in FILLERS or stems[0].isdigit() or stems[0] in HARMLESS)


def _beside_column(question: Question, column: Field, value: str, order: int) -> list[Mention]:
    """`branch A and B`, `branches A, B`: a bare capital in a list that its column's name opens."""
    found: list[Mention] = []
    for used in question.find(column.stems):
        for position in range(used[-1] + 1, len(question.tokens)):
            token = question.tokens[position]
            if token.text == value:
                found.append(Mention("value", column.label, (position,), EXACT, order, value))
            if len(token.text) > 1 and token.stem not in ("and", "or", "vs", "versus", "with", "to"):
                break
    return found


def _money_words(question: Question, sheet: Sheet) -> list[Mention]:
    """ "Sales" and "earns" where no column is called so: the best money column of the ledger, and the answer says which."""
    found: list[Mention] = []
    for words, ladder in ((PROFIT_WORDS, (*LEDGER_PROFIT, *LEDGER_SALES)), (SALES_WORDS, LEDGER_SALES)):
        column = _first_called(ladder, sheet.measures)
        if column:
            for word in words:
                found += _places("measure", column.label, question, phrase_stems(word), LOOSE, MONEY_WORD)
    return found


def _first_called(ladder: Sequence[str], columns: Sequence[Field]) -> Field | None:
    for rung in ladder:
        for column in columns:
            if column.stems == phrase_stems(rung):
                return column
    return None


def _partly_columns(question: Question, sheet: Sheet) -> list[Mention]:
    columns = [column for column in sheet.fields if _kind_of(column)]
    found = []
    for mention in _partly(question, [column.label for column in columns]):
        kind = _kind_of(columns[mention.order])
        assert kind
        found.append(Mention(kind, mention.label, mention.used, mention.score, mention.order))
    return found
