"""Questions over several documents: one line, or one ratio, of each, beside each other.

Two quarterly reports of a company, or the annual reports of two. Asked for are documents when two of them are called by
their names ("Q2 against Q3" where the files are called so), or when something is to be compared and no two periods of one
document are named. Each document speaks for its own latest period of the kind, unless the question names one that it covers.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.messages import ToolAnswer
from analysis.offline.asks import Looks
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import Difference, Ratio, ratio_phrases
from analysis.offline.cues import read_cues
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.naming import LOOSE, line_mentions
from analysis.offline.periods import Moment, read_periods
from analysis.offline.script import Call, Part
from analysis.offline.subjects import Book
from analysis.offline.telling import show
from analysis.offline.understanding import Room
from analysis.offline.wording import with_articles
from analysis.offline.words import Question, listed, name, opening
from tools.concepts import concept_of
from tools.labels import label_stems
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


@dataclass(frozen=True, slots=True)
class _Side:
    """One document's answer: its figure for one period."""

    document: str
    line: str
    label: str
    period: Period | None
    figure: Figure


def several_asked(question: Question, room: Room) -> Several | None:
    """The question over several documents, where it is one."""
    books = _books(room)
    if len(books) < 2:
        return None
    called = _called(question, books)
    cues, wish = read_cues(question), read_periods(question)
    said = {token.stem for token in question.tokens}
    moments = () if len(called) > 1 and _are_names(question, wish.used, list(called)) else wish.moments
    compares = cues.has("compare", "difference") or bool(said & _WORDS) or cues.has("high", "low")
    if len(called) < 2 and (len(called) == 1 or not compares or _in_one(moments, books)):
        return None
    chosen = [book for book in books if book.document in called] if len(called) > 1 else books
    subject = _subject(question, chosen)
    if subject is None:
        return None
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
    stems = {book.document: _stems(book.document) for book in books}
    shared = set.intersection(*stems.values())
    telling = {document: own - shared for document, own in stems.items()}
    worded = {document: {stem for stem in own if not stem.isdigit()} for document, own in telling.items()}
    if all(worded.values()) and len(set(map(frozenset, worded.values()))) == len(books):
        telling = worded
    said = {token.stem for token in question.tokens}
    found = {document: len(own & said) for document, own in telling.items() if own & said}
    most = max(found.values(), default=0)
    tight = {document: count for document, count in found.items() if count == most}
    return tight if len(tight) > 1 else found


def _stems(document: str) -> set[str]:
    return set(label_stems(document.rpartition(".")[0] or document))


def _are_names(question: Question, used: frozenset[int], documents: Sequence[str]) -> bool:
    """Whether the words that name periods are those that name the documents: `Q2 2023`, where a file is called so."""
    names = set[str]().union(*map(_stems, documents))
    said = {question.tokens[n].stem for n in used if any(map(str.isdigit, question.tokens[n].stem))}
    return bool(said) and said <= names


def _in_one(moments: Sequence[Moment], books: Sequence[Book]) -> bool:
    """Whether two periods are named and one document has both, so that they are to be compared within it."""
    if len(moments) < 2:
        return False
    return any(
        all(any(_is_at(field.period, moment) for sheet in book.sheets for field in sheet.periods) for moment in moments)
        for book in books
    )


def _subject(question: Question, books: Sequence[Book]) -> tuple[str, str, str] | None:
    """What is compared: (what it is called, the line, the line under it or nothing)."""
    for book in books:
        mentions = [m for m in line_mentions(question, book.lines) if m.score >= LOOSE]
        for mention in mentions:
            if mention.kind == "ratio" and (made := _ratio(mention.label)):
                return made.name, made.over, made.under
            if mention.kind == "line":
                meant = concept_of(mention.label)
                return mention.label, meant.concept if meant else mention.label, ""
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
    change = yield from _compared(asked, sides)
    yield with_articles(_words(asked, sides, change))
    yield " ".join((yield from show([_chart(asked, sides), _table(asked, sides, change)])))
    yield with_articles(_sources(sides))


def _sides(frame: Frame, asked: Several) -> list[_Side]:
    periods = {
        _document_of(sheets): {
            field.period.label: field.period for sheet in sheets for field in sheet.fields if field.period
        }
        for _, sheets in asked.sheets
    }
    kinds = [_first_kind(sheets, asked.kind) for _, sheets in asked.sheets]
    found: list[_Side] = []
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
            found.append(_Side(document, line, label, period, figure))
    return sorted(found, key=lambda side: (_end(side.period), side.document))


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
        cells = [cell for cell in cells if any(_is_at(cell[1], moment) for moment in asked.moments)]
    for kind in dict.fromkeys(kinds):
        alike = [cell for cell in cells if cell[1] and cell[1].kind == kind]
        if alike:
            return max(alike, key=lambda cell: _end(cell[1]))
    return max(cells, key=lambda cell: _end(cell[1]), default=None)


def _end(period: Period | None) -> date:
    return period.end if period and period.end else date.min


def _is_at(period: Period | None, moment: Moment) -> bool:
    """Whether a column's period is the one that was said: a fiscal year goes by the year it ends in."""
    window = moment.window()
    if period is None or period.end is None or window is None:
        return False
    if moment.kind == "year":
        return period.end.year == moment.year and period.kind in ("year", "instant", "quarter", "span", "half")
    return abs((period.end - window[1]).days) <= 16 and period.kind in (moment.kind, "instant")


def _quotients(
    asked: Several, over: Sequence[_Side], under: Sequence[_Side]
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], list[_Side]]:
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
        _Side(side.document, asked.subject, side.label, side.period, figure)
        for (side, _), figure in zip(pairs, made, strict=False)
    ]


def _compared(
    asked: Several, sides: Sequence[_Side]
) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], Figure | None]:
    """How two figures differ: the growth from the earlier to the later, or of the larger over the smaller."""
    if len(sides) != 2 or sides[0].figure.unit != sides[1].figure.unit:
        return None
    first, last = sides
    if _same_time(sides) and first.figure.amount > last.figure.amount:
        first, last = last, first
    ratio = first.figure.unit == "ratio"
    if not ratio and first.figure.amount <= 0:
        return None
    a, b = first.figure.value_id, last.figure.value_id
    expression = f"{b} - {a}" if ratio else f"({b} - {a}) / {a}"
    (answer,) = yield (
        Call("calculate", {"calculations": [{"name": f"Change in {asked.subject}"[:120], "expression": expression}]}),
    )
    return next((cell for row in Frame.of(answer).rows for cell in row if isinstance(cell, Figure)), None)


def _same_time(sides: Sequence[_Side]) -> bool:
    ends = [_end(side.period) for side in sides]
    return (max(ends) - min(ends)).days <= 45


def _words(asked: Several, sides: Sequence[_Side], change: Figure | None) -> str:
    subject = f"*{name(opening(asked.subject))}*"
    told = listed([f"{side.figure.cite()}{_at(side)} ({name(side.document)})" for side in sides])
    if change is None:
        best = max(sides, key=lambda side: side.figure.amount)
        most = f" The highest is that of {name(best.document)}." if len(sides) > 2 else ""
        return f"{subject}: {told}.{most}"
    points = "pp" if change.unit == "ratio" and sides[0].figure.unit == "ratio" else ""
    size = change.cite(f"abs,{points}" if points else "abs")
    if _same_time(sides):
        return f"{subject}: {told}; the larger is {size} {'higher' if points else 'more'}."
    moved = "higher" if change.amount > 0 else "lower" if change.amount < 0 else "apart"
    return f"{subject}: {told}; the later is {size} {moved}."


def _at(side: _Side) -> str:
    if side.period and side.period.kind == "instant":
        return f" at {side.label}"
    return f" in {side.label}" if side.label else ""


def _chart(asked: Several, sides: Sequence[_Side]) -> Call | None:
    if len({side.figure.unit for side in sides}) > 1:
        return None
    categories = [f"{side.label}, {side.document}"[:120] for side in sides]
    if len(set(categories)) < len(categories):
        return None
    series = [{"name": opening(asked.subject)[:120], "values": [side.figure.value_id for side in sides]}]
    title = f"{opening(asked.subject)} in {len(sides)} documents"[:160]
    return Call("create_chart", {"kind": "bar", "title": title, "categories": categories, "series": series})


def _table(asked: Several, sides: Sequence[_Side], change: Figure | None) -> Call:
    rows = [[side.document[:120], side.line[:120], side.label[:80], side.figure.value_id] for side in sides]
    if change:
        rows.append(["Change", "", "", change.value_id])
    title = f"{opening(asked.subject)}, by document"[:160]
    return Call("create_table", {"title": title, "columns": ["Document", "Line", "Period", "Figure"], "rows": rows})


def _sources(sides: Sequence[_Side]) -> str:
    kinds: Mapping[str, None] = dict.fromkeys(side.period.kind if side.period else "" for side in sides)
    caution = " The periods are not of one length." if len(kinds) > 1 else ""
    lines = list(dict.fromkeys(side.line for side in sides))
    called = f" The line is called {listed([f'*{name(line)}*' for line in lines])}." if len(lines) > 1 else ""
    return f"From {listed([name(side.document) for side in sides])}.{called}{caution}"
