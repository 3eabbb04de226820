"""What is in a file: its tables, what they measure, the time they cover, and their main figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.offline.artifacts import course_metric, course_table, frame_table, metric
from analysis.offline.asks import StatementPart
from analysis.offline.catalogue import Sheet
from analysis.offline.concepts import BALANCE_CONCEPTS, KEY_CONCEPTS
from analysis.offline.frame import Figure, Frame
from analysis.offline.gathering import gather
from analysis.offline.ledger_reading import default_measure, measure_name
from analysis.offline.periods import noun
from analysis.offline.script import Call, Part
from analysis.offline.series_plans import span_of
from analysis.offline.statement_plans import compared
from analysis.offline.subjects import Book, line_subject
from analysis.offline.telling import show
from analysis.offline.understanding import Room, Target
from analysis.offline.windows import Known
from analysis.offline.wording import span_words
from analysis.offline.words import counted, listed, name, opening

MOST_NAMED = 12


def overview(target: Target) -> Part:
    """The overview of one target."""
    if isinstance(target, Book):
        yield from _statements(target)
    elif target.is_series:
        yield from _series(target)
    else:
        yield from _records(target)


def catalogue(room: Room) -> Part:
    """Several documents, a line each."""
    lines = [f"- {name(target.document)}: {_in_a_line(target)}" for target in room.targets[:20]]
    yield f"{opening(counted(len({t.document for t in room.targets}), 'document'))} attached:\n\n" + "\n".join(lines)
    rows = [[target.document, _in_a_line(target).replace("\\", "")] for target in room.targets[:20]]
    yield from _ended([Call("create_table", {"title": "Attached", "columns": ["Document", "Holds"], "rows": rows})], ())


def _in_a_line(target: Target) -> str:
    if isinstance(target, Book):
        labels = [f.label for f in target.sheets[0].periods]
        return f"{counted(len(target.sheets), 'statement')}, {span_words(labels)}"
    days = f", {target.span[0].isoformat()} to {target.span[1].isoformat()}" if target.span else ""
    kind = "a series" if target.is_series else "a table of records"
    return f"{kind} with {listed([name(f.label) for f in target.measures[:4]]) or 'no figures'}{days}"


def _statements(book: Book) -> Part:
    axis = book.sheets[0].periods
    labels = [f.label for f in axis]
    lines = sum(len(sheet.lines) for sheet in book.sheets)
    titles = [name(sheet.title) for sheet in book.sheets if sheet.title]
    kinds = f": {listed(titles)}" if titles else ""
    yield (
        f"{name(book.document)} holds {counted(len(book.sheets), 'statement')}{kinds}. "
        f"There are {counted(lines, 'line')} over {counted(len(labels), noun(axis))}, {span_words(labels)}."
    )
    parts = _key_parts(book)
    findings = yield from gather(parts, noun(axis))
    yield compared(findings.courses[0])
    yield from _ended([course_metric(findings.courses[0]), course_table(findings.courses, "Key figures")], book.sheets)


def _key_parts(book: Book) -> list[StatementPart]:
    labels = [label for concept in (*KEY_CONCEPTS, *BALANCE_CONCEPTS) if (label := book.line_for(concept))]
    labels = labels or list(book.lines[:5])
    parts: dict[str, StatementPart] = {}
    for label in labels[:8]:
        sheet, subject = line_subject(book, label)
        known = parts.get(sheet.address)
        subjects = (*known.subjects, subject) if known else (subject,)
        parts[sheet.address] = StatementPart(sheet, subjects, tuple(f.label for f in sheet.periods))
    return list(parts.values())


def _records(sheet: Sheet) -> Part:
    known = Known(*sheet.span) if sheet.span else (yield from span_of(sheet))
    time = f", from {known.first.isoformat()} to {known.last.isoformat()}" if known else ""
    measure = default_measure(sheet)
    aggregates: list[dict[str, str]] = [{"op": "count", "name": "Number of rows"}]
    if measure:
        op = "mean" if sheet.is_level(measure) else "sum"
        aggregates.append({"op": op, "column": measure.label, "name": measure_name(op, measure.label)})
    (answer,) = yield (Call("query_data", {"table": sheet.address, "aggregates": aggregates}),)
    frame = Frame.of(answer)
    figures = [cell for cell in frame.rows[0] if isinstance(cell, Figure)]
    sentence = f"{name(sheet.document)} is a table of {figures[0].cite() if figures else 'some'} records{time}."
    if len(figures) > 1 and measure:
        word = "averages" if sheet.is_level(measure) else "adds up to"
        sentence += f" *{name(measure.label)}* {word} {figures[1].cite()}."
    yield sentence
    yield _columns_words(sheet)
    calls = [metric(frame.labels[-1], figures[-1]) if figures else None, _columns_table(sheet)]
    yield from _ended(calls, [sheet])


def _columns_words(sheet: Sheet) -> str:
    sentences = []
    measures = [f"*{name(f.label)}*" for f in sheet.measures]
    if measures:
        sentences.append(
            f"It measures {listed(measures[:MOST_NAMED])}{' and more' if len(measures) > MOST_NAMED else ''}."
        )
    groups = [f"*{name(f.label)}* ({counted(f.distinct or 0, 'value')})" for f in sheet.groupings]
    if groups:
        sentences.append(f"Rows can be grouped by {listed(groups[:MOST_NAMED])}.")
    return " ".join(sentences)


def _columns_table(sheet: Sheet) -> Call:
    kinds = {"number": "figures", "date": "dates", "text": "words"}
    rows = [
        [field.label, kinds.get(field.kind, field.kind), field.unit, ", ".join(field.examples[:3])]
        for field in sheet.fields[:60]
    ]
    return Call(
        "create_table", {"title": "Columns", "columns": ["Column", "Holds", "Unit", "For example"], "rows": rows}
    )


def _series(sheet: Sheet) -> Part:
    known = Known(*sheet.span) if sheet.span else (yield from span_of(sheet))
    assert sheet.date
    labels = [f.label for f in sheet.measures][:8]
    time = f" from {known.first.isoformat()} to {known.last.isoformat()}" if known else ""
    yield f"{name(sheet.document)} is a series: one row per date{time}, with {listed([f'*{name(m)}*' for m in labels])}."
    aggregates = [{"op": "count", "name": "Number of rows"}]
    aggregates += [{"op": "mean", "column": m, "name": f"Average {m}"} for m in labels]
    asked: dict[str, Any] = {"table": sheet.address, "aggregates": aggregates}
    (answer,) = yield (Call("query_data", asked),)
    frame = Frame.of(answer)
    figures = [cell for cell in frame.rows[0] if isinstance(cell, Figure)]
    averages = [f"*{name(m)}* averages {f.cite()}" for m, f in zip(labels, figures[1:], strict=False)]
    if figures:
        yield f"It has {figures[0].cite()} rows; {listed(averages)}."
    yield from _ended([metric("Rows", figures[0]) if figures else None, frame_table(frame, "Averages")], [sheet])


def _ended(calls: Sequence[Call | None], sheets: Sequence[Sheet]) -> Part:
    failed = yield from show(calls)
    notes = list(dict.fromkeys(note for sheet in sheets for note in sheet.notes))[:3]
    yield " ".join([*[f"{name(note).rstrip('.')}." for note in map(opening, notes)], *failed])
