"""Plans over many lines of one statement: the largest of a period, and those that moved most between two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from analysis.offline.artifacts import metric
from analysis.offline.asks import StatementAsk, StatementPart
from analysis.offline.frame import Cell, Figure, Frame, Refused
from analysis.offline.line_reading import is_expense
from analysis.offline.script import Call, Part
from analysis.offline.subjects import is_outflow
from analysis.offline.telling import show
from analysis.offline.words import listed, name, number_word, opening


def ranking(ask: StatementAsk) -> Part:
    """The largest (or smallest) lines of one period."""
    part = ask.parts[0]
    period = part.periods[-1]
    lines = [subject.name for subject in part.subjects]
    yield " ".join([f"From {name(part.sheet.document)}, the lines by {name(period)}.", *ask.remarks])
    (answer,) = yield (
        Call(
            "query_data",
            {"table": part.sheet.address, "lines": lines, **_columns(part, [period]), "limit": max(50, len(lines))},
        ),
    )
    frame = Frame.of(answer)
    ranked = _of_one_unit(_ranked(frame, 1, ask.direction == "low", magnitude=True))
    if not ranked:
        raise Refused("query_data", f"there are no figures for {period}")
    word = "smallest" if ask.direction == "low" else "largest"
    yield _ranked_words(ranked, f"{word} in {name(period)}", ask.number)
    shown = ranked[: ask.number or 10]
    rows = [[label, figure.value_id] for label, figure in shown]
    title = f"{opening(word)} lines, {period}"
    failed = yield from show(
        [
            metric(f"{shown[0][0]}, {period}", shown[0][1]),
            _ranking_chart(shown, title, ask.looks.kind),
            Call("create_table", {"title": title, "columns": ["", period], "rows": rows}),
        ]
    )
    yield " ".join(failed)


def movers(ask: StatementAsk) -> Part:
    """The lines that grew (or fell) most between two periods."""
    part = ask.parts[0]
    before, after = part.periods[0], part.periods[-1]
    lines = [subject.name for subject in part.subjects]
    yield " ".join([f"From {name(part.sheet.document)}, every line in {name(before)} and {name(after)}.", *ask.remarks])
    asked = {"table": part.sheet.address, **_columns(part, [before, after]), "limit": max(50, len(lines))}
    (answer,) = yield (Call("query_data", {**asked, "lines": lines}),)
    comparable, sized = _comparable(Frame.of(answer))
    if not comparable:
        raise Refused("", "No line can be compared between these periods: none has a figure to grow from.")
    column = f"{after} against {before}" if sized else "Growth"
    change = {"op": "ratio" if sized else "growth", "column": after, "against": before, "name": column}
    (answer,) = yield (Call("query_data", {**asked, "lines": comparable, "derive": [change]}),)
    frame = Frame.of(answer)
    ranked = _ranked(frame, frame.at(column), ask.direction == "low")
    if not ranked:
        raise Refused("query_data", "no growth could be computed between these periods")
    shown = ranked[: ask.number or 5]
    yield _movers_words(shown, "least, or fell most" if ask.direction == "low" else "most", before if sized else "")
    title = f"{column}{'' if sized else f', {before} to {after}'}"
    rows = [[label, figure.value_id] for label, figure in shown]
    failed = yield from show(
        [
            metric(f"{shown[0][0]}, {column if sized else 'growth'}", shown[0][1]),
            _ranking_chart(shown, title, ask.looks.kind),
            Call("create_table", {"title": title, "columns": ["", column], "rows": rows}),
        ]
    )
    left = "Lines that were zero or negative before have no growth rate and are left out."
    if sized:
        left = "Costs are negative figures in the file; their sizes are compared. Lines that changed sign are left out."
    yield " ".join([left, *failed])


def _comparable(frame: Frame) -> tuple[list[str], bool]:
    """The lines that have a base to grow from, and whether sizes are compared: some are costs printed as negative."""
    found, sized = list[str](), False
    for row in frame.rows:
        label, before, after = row[0], row[-2], row[-1]
        if not isinstance(label, str) or not isinstance(before, Figure) or not isinstance(after, Figure):
            continue
        spent = is_expense(label) or is_outflow(label)
        if before.amount < 0 and after.amount <= 0 and spent:
            sized = True
            found.append(label)
        elif before.amount > 0:
            found.append(label)
    if not sized:
        return found, False
    signs = {str(row[0]): row for row in frame.rows}
    return [label for label in found if _same_sign(signs[label][-2], signs[label][-1])], True


def _same_sign(before: Cell, after: Cell) -> bool:
    return isinstance(before, Figure) and isinstance(after, Figure) and before.amount * after.amount >= 0


def _movers_words(shown: Sequence[tuple[str, Figure]], verb: str, base: str) -> str:
    """By growth; or, with a `base`, by what the size became of what it was there."""
    named = [f"*{name(label)}* ({figure.cite('' if base else '+')})" for label, figure in shown]
    then = f", followed by {listed(named[1:])}" if len(named) > 1 else ""
    of = f" The percentages are sizes against {name(base)}: more than the whole is growth." if base else ""
    return f"{named[0]} grew {verb}{then}.{of}"


def _columns(part: StatementPart, labels: Sequence[str]) -> dict[str, list[str]]:
    """These columns and no others, as the tool wants to hear it."""
    if part.sheet.timed:
        return {"periods": list(labels)}
    return {"columns": [part.sheet.dimensions[0].label, *labels]}


def _ranked(frame: Frame, column: int, low: bool, magnitude: bool = False) -> list[tuple[str, Figure]]:
    found = [
        (label, cell)
        for label, row in zip(frame.words(), frame.rows, strict=True)
        if isinstance(cell := row[column], Figure)
    ]
    return sorted(found, key=lambda pair: abs(pair[1].amount) if magnitude else pair[1].amount, reverse=not low)


def _of_one_unit(ranked: list[tuple[str, Figure]]) -> list[tuple[str, Figure]]:
    """Only what can be compared: pounds with pounds, and neither shares nor people."""
    units = [figure.unit for _, figure in ranked]
    commonest = max(dict.fromkeys(units), key=units.count, default="")
    return [(label, figure) for label, figure in ranked if figure.unit == commonest]


def _ranked_words(ranked: Sequence[tuple[str, Figure]], words: str, number: int | None) -> str:
    first, rest = ranked[0], ranked[1 : number or 3]
    sentence = f"*{name(first[0])}* is {words}, at {_size(*first)}"
    if rest:
        sentence += f", followed by {listed([f'*{name(label)}* ({_size(label, figure)})' for label, figure in rest])}"
    if number and number > len(ranked):
        sentence += f"; there are only {number_word(len(ranked))}"
    return sentence + "."


def _size(label: str, figure: Figure) -> str:
    return figure.cite("abs") if is_outflow(label) else figure.cite()


def _ranking_chart(ranked: Sequence[tuple[str, Figure]], title: str, kind: str) -> Call | None:
    if len(ranked) < 2:
        return None
    series = [{"name": title, "values": [figure.value_id for _, figure in ranked]}]
    asked = {
        "kind": kind if kind == "pie" else "bar",
        "title": title,
        "categories": [label for label, _ in ranked],
        "series": series,
    }
    return Call("create_chart", asked)


PLANS: Mapping[str, Callable[[StatementAsk], Part]] = {"ranking": ranking, "movers": movers}
