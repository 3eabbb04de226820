"""Plans for questions to tables of records: totals, rankings, groups over time, single records."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import frame_table, metric
from analysis.offline.asks import LedgerAsk, Measure
from analysis.offline.crossing import crossed_chart, crossed_table, crossed_time_words, crossing
from analysis.offline.frame import Figure, Frame, Refused
from analysis.offline.ledger_reading import measure_name
from analysis.offline.ledger_words import (
    FILLED,
    filter_words,
    group_words,
    in_brackets,
    measure_words,
    per_row,
    rank_rows_words,
    second_opinion_words,
    title_of,
    total_words,
)
from analysis.offline.script import Call, Part
from analysis.offline.telling import WHY, show
from analysis.offline.time_plans import shown_over_time
from analysis.offline.unmet import without_totals
from analysis.offline.words import listed, name, number_word, opening

MOST_GROUPS = 200
MOST_DRAWN = 15
SHARE = "Share of total"
Fetched = Generator[tuple[Call, ...], Sequence[ToolAnswer], Frame]
ADDED_UP = ("sum", "count")


def opening_words(ask: LedgerAsk) -> str:
    """What was worked out: the measure, the groups, the rows that count, and how doubtful words were read."""
    what = listed([measure_words(measure) for measure in ask.measures])
    by = f" by {listed([_group_name(ask, group) for group in ask.groups])}" if ask.groups else ""
    where = filter_words(ask.filters)
    return " ".join([f"This is {what}{by} from {name(ask.sheet.document)}{where}.", *ask.remarks])


def _group_name(ask: LedgerAsk, group: str) -> str:
    date = ask.sheet.date
    return ask.every if date and group == date.label and ask.every else f"*{name(group)}*"


def base_query(ask: LedgerAsk) -> dict[str, Any]:
    """Table and conditions."""
    asked: dict[str, Any] = {"table": ask.sheet.address}
    if ask.filters:
        asked["where"] = [dict(each.where) for each in ask.filters]
    return asked


def _aggregates(measures: Sequence[Measure]) -> list[dict[str, str]]:
    return [{"op": m.op, "name": m.name, **({"column": m.column} if m.column else {})} for m in measures]


def _keys(ask: LedgerAsk) -> list[dict[str, str]]:
    date = ask.sheet.date
    return [
        {"column": group, "every": ask.every} if date and group == date.label and ask.every else {"column": group}
        for group in ask.groups
    ]


def total(ask: LedgerAsk) -> Part:
    """One figure for all rows that count, beside how many rows that are and what one of them is on average."""
    yield opening_words(ask)
    asked = base_query(ask) | {"aggregates": _aggregates(_around(ask.measures))}
    (answer,) = yield (Call("query_data", asked),)
    frame = Frame.of(answer)
    if not frame.rows:
        raise Refused("query_data", "no rows came back")
    yield total_words(ask, frame)
    main = _figure(frame, ask.measures[0].name)
    title = f"{ask.measures[0].name}{in_brackets(ask)}"
    failed = yield from show([metric(title, main) if main else None, frame_table(frame, title)])
    yield " ".join([*failed, WHY if ask.why else ""]).strip()


def _around(measures: Sequence[Measure]) -> list[Measure]:
    """The measures asked for, the mean or the sum that puts the first into proportion, and the number of rows."""
    first = measures[0]
    found = list(measures)
    if first.op == "sum":
        found.append(Measure(first.column, "mean", per_row(first.column)))
    elif first.op in ("mean", "median"):
        found += [
            Measure(first.column, "min", measure_name("min", first.column)),
            Measure(first.column, "max", measure_name("max", first.column)),
        ]
    if all(m.op != "count" for m in found):
        found.append(Measure(first.column, "count", FILLED))
        found.append(Measure("", "count", "Number of rows"))
    return found


def _figure(frame: Frame, label: str, row: int = 0) -> Figure | None:
    cell = frame.rows[row][frame.at(label)]
    return cell if isinstance(cell, Figure) else None


def group(ask: LedgerAsk) -> Part:
    """A measure by groups: ranked, or in time where the groups are dates."""
    yield opening_words(ask)
    yield from _grouped(ask)


def _grouped(ask: LedgerAsk) -> Part:
    timed = bool(ask.every) and len(ask.groups) == 1
    asked = base_query(ask) | {
        "group_by": _keys(ask),
        "aggregates": _aggregates([*ask.measures, *([ask.second] if ask.second else [])]),
        "limit": MOST_GROUPS,
    }
    if not timed:
        asked["sort"] = [{"column": ask.measures[0].name, "descending": ask.direction != "low"}]
    frame = yield from (_asked(asked) if timed else _with_shares(ask, asked))
    if not frame.rows:
        raise Refused("query_data", "no rows came back")
    without = _without_totals(ask, frame)
    if without:
        yield "I leave out the rows that are totals of the others."
        yield from _grouped(without)
    elif timed:
        yield from shown_over_time(ask, frame)
    else:
        yield from _shown_ranked(ask, frame)


def _without_totals(ask: LedgerAsk, frame: Frame) -> LedgerAsk | None:
    """The same ask without the rows that are totals of the others, where the first column of groups holds any."""
    column = ask.groups[0]
    named = any(each.where["column"] == column for each in ask.filters)
    kept = [] if named or ask.every or ask.focus else without_totals(column, frame.words())
    return replace(ask, filters=(*ask.filters, *kept)) if kept else None


def _asked(asked: Mapping[str, Any]) -> Fetched:
    (answer,) = yield (Call("query_data", asked),)
    return Frame.of(answer)


def _with_shares(ask: LedgerAsk, asked: Mapping[str, Any]) -> Fetched:
    """With each group's share of the whole, where there is a whole: sums and counts of everything, none of it negative."""
    first = ask.measures[0]
    picked = {str(each.where["column"]) for each in ask.filters if each.where["op"] != "!="}
    if first.op not in ADDED_UP or picked & set(ask.groups):
        return (yield from _asked(asked))
    share = {"op": "share", "column": first.name, "name": SHARE}
    (answer,) = yield (Call("query_data", {**asked, "derive": [share]}),)
    if answer.is_error:
        return (yield from _asked(asked))
    return Frame.of(answer)


def _shown_ranked(ask: LedgerAsk, frame: Frame) -> Part:
    crossed = crossing(ask, frame)
    yield crossed_time_words(crossed, ask) if crossed and ask.every else group_words(ask, frame, SHARE)
    first = ask.measures[0].name
    chosen = _focus_row(ask, frame)
    best = _figure(frame, first, chosen)
    label = " ".join(name(str(cell)) for cell in frame.rows[chosen][: len(ask.groups)])
    title = title_of(ask)
    short = yield from _shortened(ask, frame)
    calls = [
        metric(f"{label}: {first}", best) if best else None,
        _group_chart(ask, frame if len(ask.groups) > 1 else short, title),
        crossed_table(ask, frame, title) or frame_table(short, title),
    ]
    failed = yield from show(calls)
    more = second_opinion_words(ask, frame)
    if frame.total > len(frame.rows):
        more = f"There are more groups than the {number_word(len(frame.rows))} I read."
    elif len(short.rows) < len(frame.rows) and not ask.number and not crossed:
        what = "table shows" if len(ask.groups) > 1 else "chart and the table show"
        more = f"The {what} the first {number_word(len(short.rows))} of {number_word(len(frame.rows))}."
    yield " ".join(filter(None, [more, *failed, WHY if ask.why else ""]))


def _shortened(ask: LedgerAsk, frame: Frame) -> Any:
    """The rows to show: n of "top n", or as many as a chart can carry. The figures stay the ones already cited."""
    most = ask.number or MOST_DRAWN
    if len(frame.rows) <= most:
        return frame
    asked = {"table": frame.address, "limit": most}
    (answer,) = yield (Call("query_data", asked),)
    return Frame.of(answer)


def _focus_row(ask: LedgerAsk, frame: Frame) -> int:
    if not ask.focus:
        return 0
    return next((n for n, word in enumerate(frame.words()) if word.casefold() == ask.focus.casefold()), 0)


def _group_chart(ask: LedgerAsk, frame: Frame, title: str) -> Call | None:
    if len(frame.rows) < 2:
        return None
    if len(ask.groups) > 1:
        return crossed_chart(ask, frame, title)
    units = [frame.unit(m.name) for m in ask.measures]
    drawn = [m.name for m, unit in zip(ask.measures, units, strict=True) if unit == units[0]]
    other = [m.name for m, unit in zip(ask.measures, units, strict=True) if unit != units[0]]
    pie = ask.looks.kind == "pie" and ask.measures[0].op in ADDED_UP
    asked: dict[str, Any] = {
        "kind": "pie" if pie else ask.looks.kind if ask.looks.kind == "line" else "bar",
        "title": title,
        "table": frame.address,
        "x": frame.labels[0],
        "y": drawn[:1] if pie else [*drawn, *other[:1]],
    }
    if other and not pie:
        asked["right_axis"] = other[:1]
    return Call("create_chart", asked)


def rows(ask: LedgerAsk) -> Part:
    """Single records: the largest or smallest by a measure."""
    measure = ask.measures[0]
    number = min(ask.number or 1, 50)
    word = "smallest" if ask.direction == "low" else "largest"
    yield " ".join(
        [
            f"From {name(ask.sheet.document)}{filter_words(ask.filters)}, by *{name(measure.column)}*, the {word} first.",
            *ask.remarks,
        ]
    )
    if not measure.column:
        raise Refused("query_data", "there is no column to compare single rows by")
    asked = base_query(ask) | {
        "columns": _telling_columns(ask, measure.column),
        "sort": [{"column": measure.column, "descending": ask.direction != "low"}],
        "limit": max(number, 5),
    }
    (answer,) = yield (Call("query_data", asked),)
    frame = Frame.of(answer)
    yield rank_rows_words(ask, frame, number)
    best = _figure(frame, measure.column)
    failed = yield from show(
        [
            metric(f"{opening(word)} {measure.column}", best) if best else None,
            frame_table(frame, f"{opening(word)} rows by {measure.column}{in_brackets(ask)}"),
        ]
    )
    yield " ".join(failed)


def _telling_columns(ask: LedgerAsk, measure: str) -> list[str]:
    """The first column (usually the id), the date, a few words, and the measure."""
    sheet = ask.sheet
    chosen = [sheet.fields[0].label] if sheet.fields[0].kind == "text" else []
    chosen += [sheet.date.label] if sheet.date else []
    chosen += [f.label for f in sheet.groupings][:4]
    return list(dict.fromkeys([*chosen, measure]))


def distinct(ask: LedgerAsk) -> Part:
    """How many different words a column has, and which."""
    column = ask.groups[0]
    yield " ".join([f"From {name(ask.sheet.document)}{filter_words(ask.filters)}.", *ask.remarks])
    asked = base_query(ask) | {
        "group_by": [{"column": column}],
        "aggregates": [{"op": "count", "name": "Number of rows"}],
        "sort": [{"column": "Number of rows", "descending": True}],
        "limit": MOST_GROUPS,
    }
    (answer,) = yield (Call("query_data", asked),)
    frame = Frame.of(answer)
    words = [name(word) for word in frame.words()]
    number = frame.total
    few = f": {listed(words)}" if number <= 12 else ""
    count = number_word(number) if number < 100 else "more than ninety-nine"
    yield f"*{name(column)}* has {count} different values{few}."
    best = _figure(frame, "Number of rows")
    title = f"Rows by {column}"
    failed = yield from show([metric(f"{words[0]}: rows", best) if best else None, frame_table(frame, title)])
    yield " ".join(failed)


PLANS: Mapping[str, Callable[[LedgerAsk], Part]] = {"total": total, "group": group, "rows": rows, "distinct": distinct}
