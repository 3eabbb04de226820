"""Plans for questions to series: the course from the first day to the last, its highs and lows, a race of several."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import date
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import frame_table, metric
from analysis.offline.asks import Filter, Json, SeriesAsk
from analysis.offline.catalogue import Sheet
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.ledger_words import change_words, filter_words
from analysis.offline.script import Call, Part
from analysis.offline.telling import WHY, show
from analysis.offline.windows import Known
from analysis.offline.words import listed, name

MOST_POINTS = 5_000
Spanned = Generator[tuple[Call, ...], Sequence[ToolAnswer], Known | None]


def span_of(sheet: Sheet, filters: Sequence[Filter] = ()) -> Spanned:
    """The first and last day that the table's dates hold; None where there is no date."""
    if sheet.date is None:
        return None
    column = sheet.date.label
    asked: dict[str, Any] = {
        "table": sheet.address,
        "group_by": [{"column": column, "every": "day"}],
        "aggregates": [{"op": "count", "name": "Rows"}],
    }
    if filters:
        asked["where"] = [dict(each.where) for each in filters]
    ends = [asked | {"sort": [{"column": column, "descending": down}], "limit": 1} for down in (False, True)]
    answers = yield tuple(Call("query_data", each) for each in ends)
    try:
        first, last = (date.fromisoformat(Frame.of(answer).words()[0]) for answer in answers)
    except (ValueError, IndexError):
        return None
    return Known(first, last)


def _opening(ask: SeriesAsk) -> str:
    return " ".join([f"From {name(ask.sheet.document)}{filter_words(ask.filters)}.", *ask.remarks])


def _ends(ask: SeriesAsk) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], tuple[str, str]]:
    if ask.span:
        return ask.span
    known = yield from span_of(ask.sheet, ask.filters)
    if known is None:
        raise Refused("query_data", "there are no rows in that time")
    return known.first.isoformat(), known.last.isoformat()


def _date(ask: SeriesAsk) -> str:
    assert ask.sheet.date
    return ask.sheet.date.label


def _where(ask: SeriesAsk) -> list[Json]:
    return [dict(each.where) for each in ask.filters]


def _ends_query(ask: SeriesAsk, ends: tuple[str, str]) -> Call:
    """The rows of the first and the last day."""
    column = _date(ask)
    return Call(
        "query_data",
        {
            "table": ask.sheet.address,
            "columns": [column, *ask.measures],
            "where": [{"column": column, "op": "in", "value": list(ends)}],
            "sort": [{"column": column}],
        },
    )


def _grown(ask: SeriesAsk, rows: Frame) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], dict[str, Figure]]:
    """The growth of each column from the first row to the last, where there is a base to grow from."""
    figures = {m: rows.figures(m) for m in ask.measures}
    grows = [m for m, found in figures.items() if len(found) == 2 and found[0] and found[1] and found[0].amount > 0]
    if not grows:
        return {}
    derive = [{"op": "growth", "column": m, "name": f"{m}, growth"} for m in grows]
    (answer,) = yield (Call("query_data", {"table": rows.address, "derive": derive}),)
    if answer.is_error:
        return {}
    grown = Frame.of(answer)
    return {m: figure for m in grows if (figure := grown.figures(f"{m}, growth")[-1])}


def _peak_query(ask: SeriesAsk, measure: str, down: bool) -> Call:
    asked: dict[str, Any] = {
        "table": ask.sheet.address,
        "columns": [_date(ask), measure],
        "sort": [{"column": measure, "descending": down}],
        "limit": 1,
    }
    if ask.filters:
        asked["where"] = _where(ask)
    return Call("query_data", asked)


def _bucket_query(ask: SeriesAsk) -> Call:
    if ask.every == "day":  # nothing to average
        asked: dict[str, Any] = {"table": ask.sheet.address, "columns": [_date(ask), *ask.measures], "limit": 200}
        return Call("query_data", asked | ({"where": _where(ask)} if ask.filters else {}))
    aggregates = [{"op": "mean", "column": m, "name": f"Average {m}"} for m in ask.measures]
    if len(ask.measures) == 1:
        (only,) = ask.measures
        aggregates += [
            {"op": "min", "column": only, "name": f"Lowest {only}"},
            {"op": "max", "column": only, "name": f"Highest {only}"},
        ]
    asked = {
        "table": ask.sheet.address,
        "group_by": [{"column": _date(ask), "every": ask.every}],
        "aggregates": aggregates,
        "limit": 200,
    }
    if ask.filters:
        asked["where"] = _where(ask)
    return Call("query_data", asked)


def _chart(ask: SeriesAsk, buckets: Frame, title: str) -> Call | None:
    """Every row where they fit; else (or when only a part of the time counts) the averages of the buckets."""
    kind = ask.looks.kind if ask.looks.kind in ("bar", "line") else "line"
    if not ask.filters and ask.sheet.row_count <= MOST_POINTS:
        asked = {"kind": kind, "title": title, "table": ask.sheet.address, "x": _date(ask), "y": list(ask.measures)}
        return Call("create_chart", asked)
    if len(buckets.rows) < 2:
        return None
    drawn = list(ask.measures) if ask.every == "day" else [f"Average {m}" for m in ask.measures]
    asked = {"kind": kind, "title": title, "table": buckets.address, "x": buckets.labels[0], "y": drawn}
    return Call("create_chart", asked)


def _table_words(ask: SeriesAsk) -> str:
    return "" if ask.every == "day" else f"The table shows averages by {ask.every}."


def trend(ask: SeriesAsk) -> Part:
    """From the first day to the last, with high and low."""
    yield _opening(ask)
    ends = yield from _ends(ask)
    first = ask.measures[0]
    peaks = [_peak_query(ask, first, down) for down in (True, False)]
    answers = yield (_ends_query(ask, ends), _bucket_query(ask), *peaks)
    rows, buckets, high, low = (Frame.of(answer) for answer in answers)
    grown = yield from _grown(ask, rows)
    yield _course_words(ask, rows, ends, grown)
    yield _peak_words(ask, first, high, low) if len(ask.measures) == 1 else ""
    title = f"{listed(list(ask.measures))}, {ends[0]} to {ends[1]}"
    last, before = _end_figures(rows, first)
    calls = [
        metric(f"{first}, {ends[1]}", last, before, ends[0]) if last else None,
        _chart(ask, buckets, title),
        frame_table(buckets, f"{listed(list(ask.measures))} by {ask.every}"),
    ]
    failed = yield from show(calls)
    yield " ".join(filter(None, [_table_words(ask), *failed, WHY if ask.why else ""]))


def _end_figures(rows: Frame, measure: str) -> tuple[Figure | None, Figure | None]:
    figures = rows.figures(measure)
    return (figures[-1], figures[0]) if len(figures) > 1 else (figures[-1] if figures else None, None)


def _course_words(ask: SeriesAsk, rows: Frame, ends: tuple[str, str], grown: Mapping[str, Figure]) -> str:
    sentences = []
    for measure in ask.measures:
        last, first = _end_figures(rows, measure)
        if not first or not last:
            sentences.append(f"*{name(measure)}* has no figure on {ends[0]} or {ends[1]}.")
            continue
        sentences.append(
            f"*{name(measure)}* {change_words(first, last, grown.get(measure))}, between {ends[0]} and {ends[1]}."
        )
    return " ".join(sentences)


def _peak_words(ask: SeriesAsk, measure: str, high: Frame, low: Frame) -> str:
    tops, bottoms = high.figures(measure), low.figures(measure)
    if not tops or not bottoms or not tops[0] or not bottoms[0]:
        return ""
    return (
        f"Its high was {tops[0].cite()} on {name(high.words()[0])}, "
        f"its low {bottoms[0].cite()} on {name(low.words()[0])}."
    )


def extreme(ask: SeriesAsk) -> Part:
    """When the highest or lowest value was reached."""
    yield _opening(ask)
    down = ask.direction != "low"
    first = ask.measures[0]
    answers = yield (_peak_query(ask, first, down), _peak_query(ask, first, not down), _bucket_query(ask))
    peak, other, buckets = (Frame.of(answer) for answer in answers)
    figure, opposite = (frame.figures(first)[0] if frame.rows else None for frame in (peak, other))
    if not figure:
        raise Refused("query_data", f"{first} holds no figures")
    words = ("highest", "lowest") if down else ("lowest", "highest")
    yield f"*{name(first)}* was {words[0]} on {name(peak.words()[0])}, at {figure.cite()}" + (
        f"; it was {words[1]} on {name(other.words()[0])}, at {opposite.cite()}." if opposite else "."
    )
    title = f"{first}, {words[0]}: {peak.words()[0]}"
    chart = _chart(ask, buckets, first)
    failed = yield from show([metric(title, figure), chart, frame_table(buckets, f"{first} by {ask.every}")])
    yield " ".join(filter(None, [_table_words(ask), *failed]))


def at(ask: SeriesAsk) -> Part:
    """The row of one day."""
    yield _opening(ask)
    (answer,) = yield (
        Call(
            "query_data",
            {"table": ask.sheet.address, "columns": [_date(ask), *ask.measures], "where": _where(ask)},
        ),
    )
    if answer.is_error:
        yield "The file has no row for that day; ask for a day near it."
        return
    frame = Frame.of(answer)
    day = name(frame.words()[0]) if frame.rows else ""
    found = [(m, f) for m in ask.measures if frame.rows and (f := frame.figures(m)[0])]
    if not found:
        yield "That day holds no figures."
        return
    yield f"On {day}, {listed([f'*{name(m)}* was {figure.cite()}' for m, figure in found])}."
    failed = yield from show([metric(f"{found[0][0]}, {day}", found[0][1]), frame_table(frame, f"Row of {day}")])
    yield " ".join(failed)


def race(ask: SeriesAsk) -> Part:
    """Several columns from the first day to the last, ranked by growth."""
    yield _opening(ask)
    ends = yield from _ends(ask)
    answers = yield (_ends_query(ask, ends), _bucket_query(ask))
    rows, buckets = (Frame.of(answer) for answer in answers)
    found = yield from _grown(ask, rows)
    grown = list(found.items())
    if not grown:
        raise Refused("query_data", "no growth could be computed between the first and the last day")
    grown.sort(key=lambda pair: pair[1].amount, reverse=ask.direction != "low")
    (best, figure), rest = grown[0], grown[1:]
    word = "least" if ask.direction == "low" else "most"
    if len(rest) == 1:
        word = "less" if ask.direction == "low" else "more"
    others = [f"*{name(m)}* ({f.cite('+')})" for m, f in rest]
    then = f", {'against' if len(rest) == 1 else 'followed by'} {listed(others)}" if others else ""
    yield f"Between {ends[0]} and {ends[1]} *{name(best)}* grew {word}, {figure.cite('+')}{then}."
    title = f"{listed(list(ask.measures))}, {ends[0]} to {ends[1]}"
    failed = yield from show(
        [
            metric(f"{best}, growth", figure),
            _chart(ask, buckets, title),
            Call(
                "create_table",
                {
                    "title": "Growth from first to last day",
                    "columns": ["", "Growth"],
                    "rows": [[m, f.value_id] for m, f in grown],
                },
            ),
        ]
    )
    yield " ".join([*failed, WHY if ask.why else ""]).strip()


PLANS: Mapping[str, Callable[[SeriesAsk], Part]] = {"trend": trend, "extreme": extreme, "at": at, "race": race}
