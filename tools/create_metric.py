"""Show one headline figure: its value, the change against another value, and a small line of how it came there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from tools.dataroom import DataRoom
from tools.finance.growth import difference, growth_ratio, points
from tools.finance.ticks import json_number
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.results import Metric, Result
from tools.tieout.references import one_value, opened, rendered, some_values, titled
from tools.tool import Tool, ToolArgs
from tools.units import Display, show
from tools.values import Value

MOST_POINTS = 400

Number = Annotated[
    int | float, Field(ge=-1e15, le=1e15), WithJsonSchema({"type": "number", "minimum": -1e15, "maximum": 1e15})
]
Reference = Annotated[str, Field(min_length=2, max_length=60)]


class Args(ToolArgs):
    """A figure, and what it is compared with."""

    label: Annotated[str, Field(min_length=1, max_length=120)]
    value: Reference | Number = Field(description="A value id (v12). A plain number is shown as having no source.")
    against: Reference | None = Field(
        None,
        description="The value to compare with (v11). The change is computed: growth, or percentage points for a percentage.",
    )
    against_label: Annotated[str, Field(min_length=1, max_length=80)] | None = Field(
        None, description="What it is compared with, in words; default: its period."
    )
    sparkline: list[Reference] | None = Field(
        None, min_length=1, max_length=MOST_POINTS, description="Values in time order: ids, or ranges such as v9..v12."
    )


def run(room: DataRoom, args: Args) -> list[Result]:
    """One metric. Refuses a comparison between different units."""
    label = titled(room, args.label, "label")
    value = _value(room, args.value, label)
    payload: dict[str, Any] = {"label": label, "value": value.to_wire()}
    made = [value]
    told = f"Metric “{for_model(label, 120)}”: [[{value.value_id}]] {value.shown}"
    if args.against is not None:
        base = one_value(room, args.against)
        change, shown = _change(room, label, value, base)
        against = rendered(room, args.against_label, 80) if args.against_label else _told_from(base, [value])
        payload["change"] = {
            "shown": shown,
            "direction": _direction(change.amount),
            "against": against,
            "value": change.to_wire(),
        }
        made += [change, base]
        told += f", change [[{change.value_id}]] {shown} against {for_model(against, 80)}"
    if args.sparkline:
        line = _line(room, args.sparkline, value.unit)
        payload["sparkline"] = {
            "periods": [_told_from(point, [other for other in line if other is not point]) for point in line],
            "values": [json_number(point.amount) for point in line],
        }
        made += line
    return [Metric(payload, list({each.value_id: each for each in made}.values()), told)]


def _value(room: DataRoom, given: str | int | float, label: str) -> Value:
    if isinstance(given, str):
        return one_value(room, given)
    return opened(room, label, Decimal(str(given)), "count")


def _told_from(value: Value, others: Sequence[Value]) -> str:
    """The value's period, or where others share it, its label."""
    own = value.period
    if own is None or any(other.period == own for other in others):
        return tame(value.label, 80)
    return tame(own.label, 80)


def _change(room: DataRoom, label: str, value: Value, base: Value) -> tuple[Value, str]:
    """Growth as a ratio; for a percentage its difference in points; from a base that cannot grow, the difference."""
    if value.unit != base.unit:
        raise ToolError(
            "mixed_units",
            f"{value.value_id} is in {value.unit} and {base.value_id} in {base.unit}; compare like with like",
        )
    ratio = growth_ratio(value.amount, base.amount) if value.unit != "ratio" else None
    if ratio is not None:
        formula = f"({value.value_id} - {base.value_id}) / {base.value_id}"
        return _computed(room, f"{label} growth", ratio, "ratio", show(ratio, "ratio"), formula, value, base), _signed(
            ratio, "ratio"
        )
    gap = difference(value.amount, base.amount) or Decimal(0)
    formula = f"{value.value_id} - {base.value_id}"
    if value.unit == "ratio":
        words = points(gap)
        made = _computed(room, f"Change in {label} (pp)", gap, "ratio", words, formula, value, base)
        return made, words if words[0] in "−0" else "+" + words
    made = _computed(room, f"Change in {label}", gap, value.unit, show(gap, value.unit), formula, value, base)
    return made, _signed(gap, value.unit)


def _computed(
    room: DataRoom, label: str, amount: Decimal, unit: str, shown: str, formula: str, value: Value, base: Value
) -> Value:
    return Value(
        room.new_id(),
        tame(label, 160),
        amount,
        unit,
        shown,
        "computed",
        value.period,
        formula=formula,
        inputs=tuple(dict.fromkeys((value.value_id, base.value_id))),
    )


def _signed(amount: Decimal, unit: str) -> str:
    return show(amount, unit, Display(signed=True))


def _direction(amount: Decimal) -> str:
    return "up" if amount > 0 else "down" if amount < 0 else "flat"


def _line(room: DataRoom, references: Sequence[str], unit: str) -> list[Value]:
    line = [value for reference in references for value in some_values(room, reference)]
    if len(line) > MOST_POINTS:
        raise ToolError(
            "too_many_points", f"a sparkline takes {MOST_POINTS} points, not {len(line):,}; draw a chart instead"
        )
    other = next((value for value in line if value.unit != unit), None)
    if other is not None:
        raise ToolError("mixed_units", f"sparkline: {other.value_id} is in {other.unit}, but the value is in {unit}")
    return line


TOOL = Tool(
    "create_metric",
    "Show the user one headline figure with its change against another value and a sparkline. Returns the change as a value "
    "to cite.",
    Args,
    run,
)
