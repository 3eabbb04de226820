"""Draw a chart from a table's columns or from values. Figures, axes, ticks and the sentence under it are ours.

The model names what to draw and never writes a figure: every point is a value somebody can click, units decide the
axes, and what would mislead (two currencies on one axis, a pie of losses, a series one value short) is refused in words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from tools import figures
from tools.dataroom import DataRoom
from tools.figures import Picture, Plotted
from tools.finance import captions, series, thinning
from tools.finance.captions import Strand
from tools.finance.series import MOST_SERIES, Plan, Series
from tools.finance.sources import open_frame
from tools.finance.ticks import json_number
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import MAX_CHART_POINTS, MAX_PAYLOAD_BYTES, Chart, Result
from tools.tieout.references import opened, rendered, some_values, sources, titled
from tools.tool import Tool, ToolArgs
from tools.values import Value

MOST_BARS = 2_000
MOST_PARTS = 12
_POINTS_IN_ALL = 8_000  # a first guess at what fits; what does not is thinned further
_PAYLOAD_ROOM = MAX_PAYLOAD_BYTES * 9 // 10  # final ids are longer than local ones
_WORDS = {
    "line": "Line chart",
    "bar": "Bar chart",
    "stacked_bar": "Stacked bar chart",
    "area": "Area chart",
    "pie": "Pie chart",
    "scatter": "Scatter chart",
}

Title = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[
    int | float, Field(ge=-1e15, le=1e15), WithJsonSchema({"type": "number", "minimum": -1e15, "maximum": 1e15})
]
Point = Annotated[str, Field(min_length=2, max_length=60)] | Number | None


class SeriesArgs(ToolArgs):
    """One series of a chart that is not drawn from a table."""

    name: Name
    values: list[Point] = Field(
        min_length=1,
        max_length=5_000,
        description="One per category: a value id (v12), a range of ids (v9..v12), null for a gap. A plain number is allowed "
        "but is shown as having no source.",
    )
    axis: Literal["left", "right"] | None = None


class Args(ToolArgs):
    """Either table (with x and y), or categories and series."""

    kind: Literal["line", "bar", "stacked_bar", "area", "pie", "scatter"]
    title: Title = Field(description="May hold references such as [[v12]].")
    table: Name | None = Field(None, description="An earlier result (r1) or a document's table (d1.t1).")
    x: Name | None = Field(None, description="Column along the x axis; default: the period or the first text column.")
    y: list[Name] | None = Field(
        None, min_length=1, max_length=MOST_SERIES, description="Numeric columns to draw; lines, for a statement."
    )
    right_axis: list[Name] | None = Field(
        None, min_length=1, max_length=MOST_SERIES, description="Those of y to measure on the right."
    )
    categories: list[Name] | None = Field(None, min_length=1, max_length=5_000, description="Labels along the x axis.")
    x_label: Name | None = None
    series: list[SeriesArgs] | None = Field(None, min_length=1, max_length=MOST_SERIES)


def run(room: DataRoom, args: Args) -> list[Result]:
    """One chart. Refuses what cannot be drawn honestly."""
    title = titled(room, args.title, "title")
    plan = _plan(room, args)
    if args.x_label:
        plan.x_label = rendered(room, args.x_label, 80)
    if not any(amount is not None for each in plan.series for amount in each.amounts):
        raise ToolError("no_values", "there is nothing to draw: every point is empty")
    _check_kind(args.kind, plan)
    _choose_axes(args.kind, plan.series)
    return [_fitting(args.kind, title, plan)]


def _plan(room: DataRoom, args: Args) -> Plan:
    if args.table is not None:
        if args.series or args.categories:
            raise ToolError("arguments", "give either table (with x and y), or categories and series, not both")
        return series.from_frame(
            open_frame(room, args.table), room.new_id, args.kind, args.x, args.y, args.right_axis or ()
        )
    if not args.series:
        raise ToolError("arguments", "give either table (with x and y), or categories and series")
    if args.x or args.y or args.right_axis:
        raise ToolError(
            "arguments", "x, y and right_axis belong to table; with series use categories, and axis in a series"
        )
    return _from_references(room, args.kind, args.categories, args.series)


def _from_references(room: DataRoom, kind: str, categories: Sequence[str] | None, wanted: Sequence[SeriesArgs]) -> Plan:
    rows = [_points(room, each, number) for number, each in enumerate(wanted)]
    made = [_as_series(room, each, values) for each, values in zip(wanted, rows, strict=True)]
    notes = []
    loose = sum(
        1 for values in rows for value in values if value and value.state == "open" and value.value_id.startswith("~")
    )
    if loose:
        notes.append(f"{counted(loose, 'point')} typed by hand, without a source")
    everything = [value for values in rows for value in values if value]
    plan = Plan([], "category", "", False, made, sources(room, everything), notes)
    if kind == "scatter" and categories is None and len(made) > 1:
        plan.across, plan.series = made[0], made[1:]
        plan.x_kind, plan.x_label, plan.places = "number", made[0].name, [v.shown if v else "" for v in rows[0]]
        series.check_lengths([str(number) for number in range(len(plan.places))], made)
        if any(amount is None for amount in made[0].amounts):
            raise ToolError("arguments", "the first series gives the x values of a scatter, so it may have no gaps")
        return plan
    plan.places = [rendered(room, each, 120) for each in categories] if categories else _own_periods(rows[0])
    series.check_lengths(plan.places, made)
    for number, values in enumerate(rows):
        series.check_periods(plan.places, number, values)
    plan.timed = series.are_times(plan.places, rows)
    return plan


def _own_periods(values: Sequence[Value | None]) -> list[str]:
    labels = [value.period.label for value in values if value and value.period]
    if len(labels) < len(values):
        raise ToolError("arguments", "give categories: one label for each point")
    return labels


def _points(room: DataRoom, given: SeriesArgs, number: int) -> list[Value | None]:
    """The values of a series; a number typed by the model becomes an open value in the unit of its neighbours."""
    points: list[Value | Decimal | None] = []
    for item in given.values:
        if isinstance(item, str):
            points += some_values(room, item)
        else:
            points.append(None if item is None else Decimal(str(item)))
    if len(points) > 4 * MAX_CHART_POINTS:
        raise ToolError("too_many_points", f"series[{number}] has {len(points):,} points; draw it from a table instead")
    units = list(dict.fromkeys(point.unit for point in points if isinstance(point, Value)))
    unit = units[0] if len(units) == 1 else "count"
    name = tame(given.name, 120)
    return [opened(room, name, point, unit) if isinstance(point, Decimal) else point for point in points]


def _as_series(room: DataRoom, given: SeriesArgs, values: list[Value | None]) -> Series:
    amounts = [value.amount if value else None for value in values]
    units = list(dict.fromkeys(value.unit for value in values if value))
    name = titled(room, given.name, "the name of a series")
    return Series(name, amounts, units, lambda positions: [values[position] for position in positions], given.axis)


# -- what may be drawn ---------------------------------------------------------------------------------------------------


def _check_kind(kind: str, plan: Plan) -> None:
    if kind == "pie":
        _check_pie(plan)
    if kind in ("bar", "stacked_bar") and len(plan.places) > MOST_BARS:
        raise ToolError(
            "too_many_points", f"{len(plan.places):,} bars cannot be told apart; group them, or draw a line"
        )
    if kind == "area" and len(plan.series) > 1:
        cells = [amount for each in plan.series for amount in each.amounts]
        if any(amount is None or amount < 0 for amount in cells):
            raise ToolError(
                "not_stackable", "stacked areas need a value of at least zero everywhere; draw a line instead"
            )


def _check_pie(plan: Plan) -> None:
    if len(plan.series) != 1:
        raise ToolError("not_a_whole", f"a pie shows one series, not {len(plan.series)}; use stacked_bar")
    amounts = [amount for amount in plan.series[0].amounts if amount is not None]
    if min(amounts) < 0:
        raise ToolError("not_a_whole", "a pie cannot show negative amounts; use bar")
    if not any(amounts):
        raise ToolError("not_a_whole", "a pie needs a whole, and all parts are zero")
    if len(amounts) > MOST_PARTS:
        raise ToolError(
            "not_a_whole",
            f"{len(amounts)} parts cannot be told apart; a pie takes {MOST_PARTS}, so use bar or keep the largest",
        )
    if len(amounts) < len(plan.places):
        plan.notes.append(f"{counted(len(plan.places) - len(amounts), 'part')} without a value left out")


def _choose_axes(kind: str, drawn: Sequence[Series]) -> None:
    """One unit an axis. Two units take both sides by themselves; three are refused, and so are two currencies in a stack."""
    units = list(dict.fromkeys(each.unit() for each in drawn))
    named = ", ".join(units)
    if len(units) > 2 or (len(units) > 1 and kind in ("pie", "stacked_bar", "area")):
        most = "one" if kind in ("pie", "stacked_bar", "area") else "two"
        raise ToolError(
            "mixed_units",
            f"the series are in {named}; this chart takes {most} unit{'' if most == 'one' else 's'}, so draw fewer",
        )
    if all(each.axis != "right" for each in drawn) or kind in ("pie", "stacked_bar", "area"):
        for each in drawn:
            each.axis = "left" if each.unit() == units[0] else "right"
        return
    for each in drawn:
        each.axis = each.axis or "left"
    for side in ("left", "right"):
        found = list(dict.fromkeys(each.unit() for each in drawn if each.axis == side))
        if len(found) > 1:
            raise ToolError(
                "mixed_units",
                f"the {side} axis would mix {' and '.join(found)}; leave axis out, or give each unit a side",
            )
    if all(each.axis == "right" for each in drawn):
        for each in drawn:
            each.axis = "left"


# -- the artifact --------------------------------------------------------------------------------------------------------


def _fitting(kind: Any, title: str, plan: Plan) -> Chart:
    """The chart with as many points as may be sent: 5,000 a series, and no more bytes than an event holds."""
    everything = [*plan.series, *([plan.across] if plan.across else [])]
    count, most = len(plan.places), min(MAX_CHART_POINTS, _POINTS_IN_ALL // len(everything))
    while True:
        positions = thinning.kept([each.amounts for each in everything], most)
        if kind == "pie":
            positions = [position for position in positions if plan.series[0].amounts[position] is not None]
        reduced = (
            [f"{len(positions):,} of {count:,} points drawn, lows and highs kept"]
            if kind != "pie" and len(positions) < count
            else []
        )
        chart = _chart(kind, title, plan, positions, [*plan.notes, *reduced])
        size = len(json.dumps(chart.payload, ensure_ascii=False).encode())
        if size <= _PAYLOAD_ROOM:
            return chart
        if most <= 50 or kind in ("pie", "bar", "stacked_bar"):
            raise ToolError("too_large", f"the chart would be {size:,} bytes; draw fewer or shorter series")
        most = max(50, min(most, len(positions)) * _PAYLOAD_ROOM // size * 9 // 10)


def _chart(kind: Any, title: str, plan: Plan, positions: Sequence[int], notes: Sequence[str]) -> Chart:
    places = [tame(plan.places[position], 120) for position in positions]
    rows = [each.claim(positions) for each in plan.series]
    plotted = [_plotted(each, row) for each, row in zip(plan.series, rows, strict=True)]
    across = plan.across.claim(positions) if plan.across else []
    x: list[Any] = [_number(value) for value in across] if plan.across else places
    x_unit = plan.across.unit() if plan.across else ""
    strands = [Strand(each.name, row) for each, row in zip(plan.series, rows, strict=True)]
    if plan.across:
        strands.insert(0, Strand(plan.across.name, across))
    axis: dict[str, Any] = {"label": plan.x_label, "values": x}
    if plan.across:
        axis |= {"unit": x_unit, "value_ids": [value.value_id if value else None for value in across]}
    payload = {
        "kind": kind,
        "title": title,
        "unit": plotted[0].unit,
        "x": axis,
        "series": [_wire(each) for each in plotted],
        "summary": captions.caption(kind, places, strands, plan.timed),
        "source_note": "; ".join(filter(None, [plan.source_note, *(tame(note, 300) for note in notes)])),
        "figure": figures.figure(Picture(kind, x, plan.x_kind, plan.x_label, plotted, x_unit, plan.timed)),
    }
    values = [value for row in [across, *rows] for value in row if value]
    said = f"{_WORDS[kind]} “{for_model(title, 120)}”, {counted(len(positions), 'point')}"
    return Chart(payload, list({value.value_id: value for value in values}.values()), said)


def _plotted(drawn: Series, row: Sequence[Value | None]) -> Plotted:
    return Plotted(
        name=drawn.name,
        unit=drawn.unit(),
        axis=drawn.axis or "left",
        values=[_number(value) for value in row],
        value_ids=[value.value_id if value else None for value in row],
        shown=[value.shown if value else "" for value in row],
    )


def _number(value: Value | None) -> Any:
    return json_number(value.amount) if value else None


def _wire(each: Plotted) -> dict[str, Any]:
    return {
        "name": each.name,
        "unit": each.unit,
        "axis": each.axis,
        "values": list(each.values),
        "value_ids": list(each.value_ids),
    }


TOOL = Tool(
    "create_chart",
    "Show the user a chart: line, bar, stacked_bar, area, pie or scatter. Draw it from a result (r1) or table (d1.t1) with x "
    "and y, or from categories and series of value ids. Units choose the axes.",
    Args,
    run,
)
