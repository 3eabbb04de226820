"""Questions over several documents with tables, not all of them filings: one line, or one ratio, of each, side by side.

Two workbooks, or a workbook and a report; where all are filings, `filings` reads the question. Asked for are documents when
two of them are called by their names ("Q2 against Q3" where the files are called so), or when something is to be compared
and no two periods of one document are named. Each document speaks for its own latest period of the kind, unless the question
names one that it covers.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from analysis.messages import ToolAnswer
from analysis.offline.asks import Looks
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import Difference, Ratio, ratio_phrases
from analysis.offline.cues import MORE, read_cues
from analysis.offline.filing import stems_of
from analysis.offline.filing_periods import is_named
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.leftover import left_over
from analysis.offline.naming import LOOSE, line_mentions
from analysis.offline.periods import Moment, read_periods
from analysis.offline.script import Call, Part
from analysis.offline.sides import Side, end_of, sides_told
from analysis.offline.subjects import Book
from analysis.offline.understanding import Room
from analysis.offline.words import Question, name
from tools.concepts import concept_of
from tools.values import Period

MOST_SIDES = 8
_WORDS = frozenset("both each across document report filing company file statement".split())
_QUARTERS, _YEARS = frozenset({"quarter", "quarterly"}), frozenset({"year", "annual", "yearly"})


@dataclass(frozen=True, slots=True)
class Several:
    """One line (`over`), or the quotient of two, to be read in each of these documents. `kind`: of period, where said."""

    subject: str
    over: str
    under: str
    sheets: tuple[tuple[str, tuple[Sheet, ...]], ...]  # (alias, the document's statements)
    moments: tuple[Moment, ...]
    kind: str
    looks: Looks


def several_asked(question: Question, room: Room) -> Several | None:
    """The question over several documents, where it is one."""
    books = _books(room)
    if len(books) < 2:
        return None
    called = _called(question, books)
    cues, wish = read_cues(question), read_periods(question)
    said = {token.stem for token in question.tokens}
    moments = () if len(called) > 1 and _are_names(question, wish.used, list(called)) else wish.moments
    compares = cues.has("compare", "difference") or bool(said & (_WORDS | MORE)) or cues.has("high", "low")
    if len(called) < 2 and (len(called) == 1 or not compares or _in_one(moments, books)):
        return None
    chosen = [book for book in books if book.document in called] if len(called) > 1 else books
    found = _subject(question, chosen)
    if found is None:
        return None
    subject, used = found
    known = used | wish.used | cues.used | {n for n, t in enumerate(question.tokens) if t.stem in _WORDS | MORE}
    if left_over(question, known, [book.document for book in books], used).words:
        return None  # a word that narrows the line is never passed over
    kind = "quarter" if said & _QUARTERS else "year" if said & _YEARS else ""
    sheets = tuple((book.sheets[0].address.partition(".")[0], book.sheets) for book in chosen[:MOST_SIDES])
    return Several(*subject, sheets, moments, kind, Looks(chart=cues.has("chart")))


def _books(room: Room) -> list[Book]:
    """One book for each document: its primary statements where they are known."""
    found: dict[str, Book] = {}
    for target in room.targets:
        if isinstance(target, Book):
            found.setdefault(target.document, target)
    return list(found.values())


def _called(question: Question, books: Sequence[Book]) -> dict[str, int]:
    """Documents that the question calls by words that only some of their names have, with how many of these it says.

    Years call documents only where nothing else tells them apart: `Boeing 2022` and `Pfizer 2021` are told by the company.
    """
    stems = {book.document: stems_of(book.document) for book in books}
    shared = frozenset[str].intersection(*stems.values())
    telling: dict[str, frozenset[str]] = {document: frozenset(own - shared) for document, own in stems.items()}
    worded = {document: frozenset(stem for stem in own if not stem.isdigit()) for document, own in telling.items()}
    if all(worded.values()) and len(set(worded.values())) == len(books):
        telling = worded
    said = {token.stem for token in question.tokens}
    found = {document: len(own & said) for document, own in telling.items() if own & said}
    most = max(found.values(), default=0)
    tight = {document: count for document, count in found.items() if count == most}
    return tight if len(tight) > 1 else found


def _are_names(question: Question, used: frozenset[int], documents: Sequence[str]) -> bool:
    """Whether the words that name periods are those that name the documents: `Q2 2023`, where a file is called so."""
    names = set[str]().union(*map(stems_of, documents))
    said = {question.tokens[n].stem for n in used if any(map(str.isdigit, question.tokens[n].stem))}
    return bool(said) and said <= names


def _in_one(moments: Sequence[Moment], books: Sequence[Book]) -> bool:
    """Whether two periods are named and one document has both, so that they are to be compared within it."""
    if len(moments) < 2:
        return False
    return any(all(_has(book, moment) for moment in moments) for book in books)


def _has(book: Book, moment: Moment) -> bool:
    return any(is_named(moment, field.period) for sheet in book.sheets for field in sheet.periods if field.period)


def _subject(question: Question, books: Sequence[Book]) -> tuple[tuple[str, str, str], frozenset[int]] | None:
    """What is compared: (what it is called, the line, the line under it or nothing), and the words that name it."""
    for book in books:
        mentions = [m for m in line_mentions(question, book.lines) if m.score >= LOOSE]
        for mention in mentions:
            if mention.kind == "ratio" and (made := _ratio(mention.label)):
                return (made.name, made.over, made.under), frozenset(mention.used)
            if mention.kind == "line":
                meant = concept_of(mention.label)
                return (mention.label, meant.concept if meant else mention.label, ""), frozenset(mention.used)
    return None


def _ratio(label: str) -> Ratio | None:
    made: Ratio | Difference | None = next((made for made, _ in ratio_phrases() if made.name == label), None)
    return made if isinstance(made, Ratio) else None


def several_told(asked: Several) -> Part:
    """The answer: each document's figure, how they differ, a chart and a table. Refuses where fewer than two have it."""
    aliases = [alias for alias, _ in asked.sheets]
    lines = [asked.over, *([asked.under] if asked.under else [])]
    answers = yield tuple(Call("get_values", {"line": line, "documents": aliases}) for line in lines)
    frames = [Frame.of(answer) for answer in answers]
    sides = _sides(frames[0], asked)
    if asked.under:
        sides = yield from _quotients(asked, sides, _sides(frames[1], asked))
    if len(sides) < 2:
        there = f"; only {name(sides[0].document)} has" if sides else ""
        raise Refused("", f"The documents do not both show {name(asked.subject)} for periods of one kind{there}.")
    yield from sides_told(asked.subject, sides)


def _sides(frame: Frame, asked: Several) -> list[Side]:
    periods = {
        _document_of(sheets): {
            field.period.label: field.period for sheet in sheets for field in sheet.fields if field.period
        }
        for _, sheets in asked.sheets
    }
    kinds = [_first_kind(sheets, asked.kind) for _, sheets in asked.sheets]
    found: list[Side] = []
    for row in frame.rows:
        document, line = str(row[0] or ""), str(row[1] or "")
        known = periods.get(document, {})
        cells = [
            (label, known.get(label), cell)
            for label, cell in zip(frame.labels[2:], row[2:], strict=True)
            if isinstance(cell, Figure)
        ]
        chosen = _choose(cells, asked, kinds)
        if chosen:
            label, period, figure = chosen
            found.append(Side(document, line, label, period, figure))
    return sorted(found, key=lambda side: (end_of(side.period), side.document))


def _document_of(sheets: Sequence[Sheet]) -> str:
    return sheets[0].document


def _first_kind(sheets: Sequence[Sheet], wanted: str) -> str:
    """The kind of period that a document shows first, unless the question says one."""
    if wanted:
        return wanted
    return next((field.period.kind for sheet in sheets for field in sheet.fields if field.period), "")


def _choose(
    cells: Sequence[tuple[str, Period | None, Figure]], asked: Several, kinds: Sequence[str]
) -> tuple[str, Period | None, Figure] | None:
    if asked.moments:
        cells = [cell for cell in cells if any(cell[1] and is_named(moment, cell[1]) for moment in asked.moments)]
    for kind in dict.fromkeys(kinds):
        alike = [cell for cell in cells if cell[1] and cell[1].kind == kind]
        if alike:
            return max(alike, key=lambda cell: end_of(cell[1]))
    return max(cells, key=lambda cell: end_of(cell[1]), default=None)


def _quotients(
    asked: Several, over: Sequence[Side], under: Sequence[Side]
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], list[Side]]:
    below = {(side.document, side.label): side.figure for side in under}
    pairs = [(side, below[side.document, side.label]) for side in over if (side.document, side.label) in below]
    if not pairs:
        return []
    asks = [
        {"name": f"{asked.subject}, {side.document}"[:120], "expression": f"{side.figure.value_id} / {other.value_id}"}
        for side, other in pairs
    ]
    (answer,) = yield (Call("calculate", {"calculations": asks}),)
    made = [cell for row in Frame.of(answer).rows for cell in row if isinstance(cell, Figure)]
    return [
        Side(side.document, asked.subject, side.label, side.period, figure)
        for (side, _), figure in zip(pairs, made, strict=False)
    ]
