"""Lines of accounts by what they are called: the company's own words, a standard concept, or the tag a filer gave them.

The same words stand in many tables of a filing (`Net interest income` of the bank, of a segment, of the average balance
sheet). A line of a primary statement is meant before one of any other table, the very label before a synonym, and a synonym
before a label that only holds the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.concepts import Phrase, concept_of, lines_of, named_concept
from tools.documents.document import Column, Document, Table
from tools.finance.sources import from_table, headed_names
from tools.finance.words import normal
from tools.labels import label_stems

MOST_ROWS = 250_000
_ASIDE = re.compile(
    r"(?:\s*\((?:[0-9a-z]{1,2}|(?:includ|net of |of which |see |note )[^()]*)\))+$", re.I
)  # `Online stores (1)`, `Loans (included $38,851 at fair value)`
Meant = Literal["label", "tag", "concept", "words"]
_SCORES: dict[Meant, float] = {"label": 100.0, "tag": 95.0, "concept": 90.0, "words": 50.0}
_PRIMARY, _STATEMENT = 30.0, 5.0
_EQUITY = 8.0  # `Net income` in the changes in equity is one cell of what the income statement shows
_HEADED = 60.0
_AT_HOME = 12.0  # `Income taxes` below the cash flows are those paid, and not the expense


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as an answer to what was asked for, and how it was understood."""

    alias: str
    document: Document
    table: Table
    row: int
    meant: Meant
    score: float

    @property
    def label(self) -> str:
        return self.table.row_label(self.row)

    @property
    def address(self) -> str:
        return f"{self.alias}.{self.table.table_id}"

    @property
    def sure(self) -> bool:
        """Whether it is called what was asked for, or is the same standard line."""
        return self.meant != "words"


def find_lines(alias: str, document: Document, wanted: str) -> list[Line]:
    """The lines that could be meant, the likeliest first, each label of a table once."""
    meant = concept_of(wanted) or named_concept(wanted)
    stems = frozenset(label_stems(wanted))
    found = sorted(_lines(alias, document, wanted, meant, stems), key=lambda line: -line.score)
    seen: set[tuple[str, str]] = set()
    kept: list[Line] = []
    for line in found:
        known = (line.table.table_id, normal(line.label))
        if known not in seen:
            seen.add(known)
            kept.append(line)
    return kept


def _lines(alias: str, document: Document, wanted: str, meant: Phrase | None, stems: frozenset[str]) -> Iterator[Line]:
    rows = 0
    for order, table in enumerate(document.tables):
        label = table.label_column()
        numbers = [column for column in table.columns if column.kind == "number"]
        rows += table.row_count
        if label is None or table.shape == "tidy" or not numbers or rows > MOST_ROWS:
            continue
        primary = _EQUITY if table.statement == "equity" else _PRIMARY if table.statement else 0.0
        place = primary + (_STATEMENT if table.shape == "statement" else 0.0)
        under = _under_headings(alias, document, table, wanted)
        for row in range(table.row_count):
            how, fit = _fit(table, row, label.texts[row].strip(), wanted, meant, stems)
            if row in under:  # said with its heading, it is no line of another table, however alike
                how, fit = "label", _HEADED
            if how and _is_filled(numbers, row):
                home = _AT_HOME if meant and table.statement and meant.concept in lines_of(table.statement) else 0.0
                yield Line(alias, document, table, row, how, _SCORES[how] + fit + place + home - order * 1e-3)


def _under_headings(alias: str, document: Document, table: Table, wanted: str) -> frozenset[int]:
    """The rows that are told apart by their headings as descriptions do it: `Debt (Current liabilities)`."""
    base, bracket, _ = wanted.rpartition(" (")
    label = table.label_column()
    if not bracket or label is None or table.shape != "statement" or normal(base) not in map(normal, label.texts):
        return frozenset()
    names = headed_names(from_table(document, table, f"{alias}.{table.table_id}"))
    return frozenset(row for row, name in enumerate(names) if normal(name) == normal(wanted))


def _fit(
    table: Table, row: int, label: str, wanted: str, meant: Phrase | None, stems: frozenset[str]
) -> tuple[Meant | None, float]:
    if normal(label) == normal(wanted):
        return "label", 0.0
    if _ASIDE.search(label) and normal(_ASIDE.sub("", label)) == normal(wanted):
        return "label", 0.0
    tag = table.tags.get(row, "")
    if tag and wanted.strip().casefold() in (tag.casefold(), tag.rpartition(":")[2].casefold()):
        return "tag", 0.0
    if meant:
        said = concept_of(label)
        concept = table.concepts.get(row) or (said.concept if said else "")
        if concept == meant.concept:
            rank = said.rank + (20 if said.loose else 0) if said and said.concept == concept else 5
            return "concept", -0.3 * rank
    own = frozenset(label_stems(label))
    if stems and stems <= own:
        return "words", -2.0 * (len(own) - len(stems))
    return None, 0.0


def _is_filled(numbers: list[Column], row: int) -> bool:
    return any(column.amounts[row] is not None for column in numbers)
