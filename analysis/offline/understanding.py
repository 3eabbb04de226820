"""Understanding: a question read against everything that is attached; the reading that explains most of it wins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from analysis.offline.asks import Reading
from analysis.offline.catalogue import Sheet
from analysis.offline.cues import read_cues
from analysis.offline.filing import REPORTS, Filing
from analysis.offline.ledger_reading import Values, hear, read_ledger
from analysis.offline.series_reading import read_series
from analysis.offline.statement_reading import read_statement
from analysis.offline.subjects import Book
from analysis.offline.windows import Known
from analysis.offline.words import Question
from tools.labels import label_stems

Target = Book | Sheet
MOST_DISTINCT = 500
MOST_ALIKE = 6  # statements in a document, beyond which its primary ones are asked first


@dataclass(slots=True)
class Room:
    """What can be asked about: the statements of each document together, every other table by itself. Of a filing only
    what reads like a statement: its other tables are fragments of prose and lists, and none of them is a ledger.

    `values` are distinct words by (table, column), `spans` the first and last day by table, as far as looked up.
    """

    targets: list[Target]
    filings: tuple[Filing, ...] = ()
    documents: int = 0
    values: dict[str, dict[str, Sequence[str]]] = field(default_factory=dict)
    spans: dict[str, Known | None] = field(default_factory=dict)

    @property
    def is_of_filings(self) -> bool:
        """Whether every document in it is a filing."""
        return bool(self.filings) and len({target.document for target in self.targets}) == len(self.filings)

    @staticmethod
    def of(sheets: Sequence[Sequence[Sheet]]) -> Room:
        """One list of sheets per document."""
        targets: list[Target] = []
        filings = [filing for own in sheets if (filing := Filing.of(own))]
        for own in sheets:
            statements = tuple(sheet for sheet in own if sheet.is_statement)
            primary = tuple(sheet for sheet in statements if sheet.statement)
            if primary and len(statements) > MOST_ALIKE:
                targets.append(Book(primary[0].document, primary, primary=True))
            if statements:
                targets.append(Book(statements[0].document, statements))
            if not any(own and filing.document == own[0].document for filing in filings):
                targets += [sheet for sheet in own if _may_be_asked(sheet)]
        return Room(targets, tuple(filings), len(sheets))

    def span_of(self, sheet: Sheet) -> Known | None:
        """The first and last day of a sheet: as described, else as looked up."""
        return Known(*sheet.span) if sheet.span else self.spans.get(sheet.address)

    def values_of(self, sheet: Sheet) -> Values:
        return self.values.get(sheet.address, {})


def _may_be_asked(sheet: Sheet) -> bool:
    """Whether a table that is no statement can be a ledger: in a report, not one whose columns nobody named (contents)."""
    if sheet.is_statement or not (sheet.measures or sheet.dimensions):
        return False
    nameless = sheet.shape == "grid" and any(_NAMELESS.fullmatch(each.label) for each in sheet.fields)
    return not (nameless and sheet.document.casefold().endswith(REPORTS))


_NAMELESS = re.compile(r"Column \d+")


def read_target(question: Question, target: Target, room: Room) -> Reading:
    """The question over one target."""
    if isinstance(target, Book):
        return _read(question, target, (), None)
    values = tuple((column, tuple(words)) for column, words in room.values_of(target).items())
    return _read(question, target, values, room.span_of(target))


@lru_cache(maxsize=256)  # an answer takes several rounds, and each of them reads the same questions again
def _read(
    question: Question, target: Target, values: tuple[tuple[str, tuple[str, ...]], ...], known: Known | None
) -> Reading:
    if isinstance(target, Book):
        return read_statement(question, target)
    reader = read_series if target.is_series else read_ledger
    return reader(question, target, dict(values), known)


def understand(question: Question, room: Room) -> tuple[Target, Reading]:
    """The target and reading that explain most; the first of equals. The room must hold a target."""
    found = [(target, read_target(question, target, room)) for target in room.targets]
    return max(found, key=lambda pair: pair[1].coverage + _called(question, pair[0], room) + _primary(pair[0]))


def _primary(target: Target) -> float:
    """Of two readings that explain as much, the one over the primary statements is meant."""
    return 0.1 if isinstance(target, Book) and target.primary else 0.0


def _called(question: Question, target: Target, room: Room) -> float:
    """A document called by its name, where there are several, is the one that is meant."""
    documents = {other.document for other in room.targets}
    if len(documents) < 2:
        return 0.0
    own = set(label_stems(target.document.rpartition(".")[0]))
    others = {stem for other in documents - {target.document} for stem in label_stems(other.rpartition(".")[0])}
    said = {token.stem for token in question.tokens}
    return 0.5 * len((own - others) & said)


# -- what must be looked up before a question can be read ----------------------------------------------------------------


def open_columns(question: Question, room: Room) -> list[tuple[Sheet, str]]:
    """Columns whose words are not all known, where the question holds words that nothing known explains."""
    found: list[tuple[Sheet, str]] = []
    for target in room.targets:
        if isinstance(target, Book) or not hear(question, target, room.values_of(target)).left.words:
            continue
        known: Mapping[str, Sequence[str]] = room.values_of(target)
        found += [
            (target, f.label)
            for f in target.dimensions
            if not f.complete and f.label not in known and f.distinct is not None and f.distinct <= MOST_DISTINCT
        ]
    return found[:6]


def needs_span(question: Question, target: Target, room: Room) -> bool:
    """Whether the first and last day of the target's dates matter to this question."""
    if isinstance(target, Book) or target.date is None or target.span or target.address in room.spans:
        return False
    heard = hear(question, target, room.values_of(target))
    timed = heard.cues.has("trend", "growth", "when", "line", "day", "week", "month", "quarter", "year")
    return target.is_series or bool(heard.wish.mode) or timed or bool(heard.named("date"))


def about(question: Question) -> str:
    """`profile`, `capability`, `thanks` or `greeting` where the question is about the file or the analyst; else nothing."""
    cues = read_cues(question)
    if cues.has("capability"):
        return "capability"
    if cues.has("profile"):
        return "profile"
    if cues.has("greeting") and len(question.tokens) <= 4:
        return "thanks" if cues.has("thanks") else "greeting"
    return ""
