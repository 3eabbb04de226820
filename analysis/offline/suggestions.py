"""Suggestions: questions that work on what is attached. Each is read by the analyst itself before it is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from analysis.offline.asks import Ask, LedgerAsk, Looks, StatementAsk, Unsure
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import KEY_CONCEPTS, MARGINS
from analysis.offline.filing_questions import about_filings
from analysis.offline.ledger_reading import closing_column, default_measure
from analysis.offline.periods import noun
from analysis.offline.subjects import Book, available
from analysis.offline.understanding import Room, Target, understand
from analysis.offline.wording import spoken
from analysis.offline.words import Question, listed

MOST = 3


def suggestions(
    room: Room, asked: Iterable[str], target: Target | None = None, first: Sequence[str] = ()
) -> tuple[str, ...]:
    """Up to three questions that were not asked yet and that the analyst reads without doubt, `first` ones first."""
    if not room.targets:
        return ()
    asked = list(asked)
    known = {_plain(question) for question in asked}
    if room.is_of_filings:
        offered = [*first, *about_filings(room.filings, asked)]
        return tuple(each for each in dict.fromkeys(offered) if _plain(each) not in known)[:MOST]
    answered = [_core(understand(Question.of(question), room)[1].ask) for question in asked]
    chosen: list[str] = []
    pool = target or room.targets[0]
    for question in [*first, *_questions(pool)]:
        if _plain(question) in known:
            continue
        core = _worth(question, pool, room)
        if core is None or core in answered:
            continue
        known.add(_plain(question))
        chosen.append(question)
        if len(chosen) == MOST:
            break
    return tuple(chosen)


def _plain(question: str) -> str:
    return " ".join(token.stem for token in Question.of(question).tokens)


def _worth(question: str, target: Target, room: Room) -> object | None:
    """What the question comes to; None where the analyst would doubt it."""
    best, reading = understand(Question.of(question), room)
    doubted = isinstance(reading.ask, Unsure) or bool(reading.unknown) or bool(reading.ask.remarks)
    return None if best is not target or doubted else _core(reading.ask)


def _core(ask: Ask | Unsure) -> object:
    """What two questions share when they ask for the same, however it should look."""
    if isinstance(ask, Unsure):
        return ask
    if isinstance(ask, StatementAsk):
        return (ask.operation, *_of_parts(ask))
    if isinstance(ask, LedgerAsk):
        return replace(ask, looks=Looks(), remarks=(), changes=False, direction="", second=None)
    return replace(ask, looks=Looks(), remarks=())


def _of_parts(ask: StatementAsk) -> tuple[object, ...]:
    return tuple((tuple(subject.name for subject in part.subjects), part.periods) for part in ask.parts)


def _questions(target: Target) -> Iterator[str]:
    if isinstance(target, Book) and target.sheets[0].timed:
        yield from _about_statements(target)
    elif isinstance(target, Book):
        yield from _about_columns(target)
    elif target.is_series:
        yield from _about_series(target)
    else:
        yield from _about_records(target)


def _about_statements(book: Book) -> Iterator[str]:
    lines = [label for concept in KEY_CONCEPTS if (label := book.line_for(concept))] or list(book.lines[:4])
    margins = [spoken(margin) for margin in available(book, MARGINS)]
    axis = book.sheet_of(lines[0]).periods
    periods = [f.label for f in axis]
    names = [spoken(label) for label in lines]
    yield f"How did {listed([*names[:1], *margins[:1]])} develop? Chart it."
    if len(names) > 2 and len(periods) > 1:
        yield f"Compare {names[2]} in {periods[0]} and {periods[-1]}"
    for margin in margins[1:2] or margins[:1]:
        yield f"In which {noun(axis)} was the {margin} highest?"
    if len(periods) > 1:
        yield f"Which costs grew most in {periods[-1]}?"
    if len(names) > 1:
        yield f"How did {names[-1]} develop? Chart it."
    yield f"What are the three largest costs in {periods[-1]}?"
    for statement in book.sheets[1:]:
        yield f"Show the {statement.title.lower()}"
    for line in names[::-1]:
        yield f"How did {line} develop? Chart it."
        yield f"What was {line} in {periods[-1]}?"


def _about_columns(book: Book) -> Iterator[str]:
    sheet = book.sheets[0]
    columns = [f.label for f in sheet.periods]
    yield f"Compare {listed(columns)}. Chart it."
    yield "Which lines grew most?"
    for line in sheet.lines:
        yield f"How did {spoken(line)} do against {columns[0]}?"


def _about_series(sheet: Sheet) -> Iterator[str]:
    labels = [f.label for f in sheet.measures]
    main = closing_column(sheet) or labels[0]
    yield f"How did {main} develop? Chart it."
    if len(labels) > 1 and not closing_column(sheet):
        yield f"Which grew most, {', '.join(labels[:-1][:4])} or {labels[-1]}?"
    yield f"When was {main} highest?"
    yield f"Average {main} by year"
    yield f"When was {main} lowest?"
    yield f"Average {main} by month"


def _about_records(sheet: Sheet) -> Iterator[str]:
    measure = default_measure(sheet)
    dimensions = sorted(sheet.groupings, key=lambda f: abs((f.distinct or 0) - 6))
    rate = next((f for f in sheet.measures if sheet.is_level(f)), None)
    if measure and dimensions:
        yield f"Which {dimensions[0].label} has the highest {measure.label}? Chart it."
    if measure and sheet.date:
        yield f"How did {measure.label} develop by month?"
    if rate and len(dimensions) > 1:
        yield f"What is the average {rate.label} per {dimensions[1].label}?"
    if dimensions:
        yield f"How many rows are there per {dimensions[-1].label}?"
    for dimension in dimensions:
        if measure:
            yield f"Show {measure.label} by {dimension.label} as a pie chart"
            yield f"Top 3 {dimension.label} by {measure.label}"
    if measure:
        yield f"What is the total of {measure.label}?"
        yield f"Average {measure.label}"
