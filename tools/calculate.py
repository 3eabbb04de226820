"""Calculate: arithmetic over values, cells and given numbers, with units, exactly; every operand stays traceable.

A computed figure is ticked only because a declared calculation made it, so this is the tool a model needs whenever it
would otherwise work something out in its head.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tools.dataroom import DataRoom
from tools.finance import operands
from tools.finance.evaluation import Result as Worked
from tools.finance.evaluation import Scope, evaluate
from tools.finance.expressions import Node, parse
from tools.finance.functions import OFFERED
from tools.finance.growth import points
from tools.finance.quantities import Quantity, given_out, said
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.results import Remark, Result, ResultColumn, ResultTable
from tools.tieout.references import opened
from tools.tool import Tool, ToolArgs
from tools.units import show
from tools.values import Period, Value

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_VALUE_ID = re.compile(r"[vV]\d{1,9}")
MOST_FIGURES = 5_000
FROM_BELOW = (
    "the base is negative, so this is no growth rate: a positive result means that the figure moved further below zero."
)

Words = Annotated[str, Field(min_length=1, max_length=200)]
OperandName = Annotated[str, Field(min_length=1, max_length=40)]


class Operand(ToolArgs):
    """A name for use in expressions, and one source: `value`, or `table` with row and/or column, or `document` with
    sentence and figure, or `amount`."""

    name: OperandName = Field(description="A word such as revenue or rate; value ids (v12) need no name.")
    value: Annotated[str, Field(min_length=2, max_length=60)] | None = Field(None, description="A value id, v12.")
    table: Words | None = Field(None, description="A document's table, d1.t1, with a row, a column, or both by label.")
    row: Words | None = None
    column: Words | None = Field(None, description="A column by label, period or key. Without it, the whole row.")
    document: Words | None = Field(None, description="A document (d1) with a sentence that prints the figure.")
    sentence: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        None, description="Word for word, or enough of it to find it."
    )
    figure: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="The figure as printed in the sentence: $4.2 million."
    )
    amount: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="A number the user gave: 0.08, 8%, 1250000."
    )
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(
        None, description="Of amount or figure: GBP, GBP/share, shares, ratio, multiple, days, count."
    )
    note: Annotated[str, Field(max_length=200)] | None = Field(None, description="Where the given number is from.")


class Calculation(ToolArgs):
    """One expression. Its name may be used in those after it."""

    name: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="What the result is called.")
    expression: Annotated[str, Field(min_length=1, max_length=1_000)] = Field(
        description="Such as (v12 - v11) / v11, growth(v12, v11), sum(v3..v8), net / gross, v4 > v5."
    )
    unit: Literal["ratio", "multiple", "count", "days"] | None = Field(
        None, description="How to word a result without dimension: ratio as % (never times 100), multiple as x."
    )
    symbol: OperandName | None = Field(None, description="A short name for use in later expressions.")


class Args(ToolArgs):
    """Operands, then calculations in order."""

    calculations: Annotated[list[Calculation], Field(min_length=1, max_length=30)]
    operands: Annotated[list[Operand], Field(max_length=60)] | None = None


def run(room: DataRoom, args: Args) -> list[Result]:
    """A table of results. Refuses unlike units, division by zero, unknown names and what is no arithmetic."""
    names: dict[str, list[Value]] = {}
    for operand in args.operands or ():
        names[_free(operand.name, names)] = _sourced(room, operand)
    if sum(map(len, names.values())) > MOST_FIGURES:
        raise ToolError("too_many_figures", f"the operands are more than {MOST_FIGURES:,} figures; calculate in parts")
    rows: list[tuple[str, Value | None, str]] = []
    made: list[Value] = []
    cautions: dict[str, None] = {}
    for wanted in args.calculations:
        tree, scope = parse(wanted.expression), _scope(room, names)
        worked = evaluate(tree, scope)
        made += worked.inputs
        if _grows_from_below(tree, scope):
            cautions[f"{for_model(wanted.name, 80)}: {FROM_BELOW}"] = None
        if worked.quantity is None:
            rows.append((tame(wanted.name, 120), None, "yes" if worked.verdict else "no"))
            continue
        value = _value(room, wanted, worked)
        rows.append((value.label, value, ""))
        if wanted.symbol:
            names[_free(wanted.symbol, names)] = [value]
    return _told(rows, made, list(cautions))


def _free(name: str, names: dict[str, list[Value]]) -> str:
    if not _NAME.fullmatch(name) or _VALUE_ID.fullmatch(name) or keyword.iskeyword(name):
        raise ToolError(
            "arguments",
            f"{for_model(name, 40)!r} cannot be a name; use letters, digits and _, no value id and no word such as if or in",
        )
    if name in names:
        raise ToolError("arguments", f"the name {name!r} is used twice")
    return name


def _sourced(room: DataRoom, operand: Operand) -> list[Value]:
    sources = [each for each in ("value", "table", "document", "amount") if getattr(operand, each) is not None]
    if len(sources) != 1:
        raise ToolError("arguments", f"operand {operand.name!r} needs one source: value, table, document or amount")
    label = operand.note or operand.name
    if operand.value is not None:
        return [room.value(operand.value)]
    if operand.table is not None:
        return operands.cells(room, operand.table, operand.row, operand.column)
    if operand.document is not None:
        if operand.sentence is None or operand.figure is None:
            raise ToolError("arguments", f"operand {operand.name!r} needs the sentence and the figure printed in it")
        return [operands.quoted(room, operand.document, operand.sentence, operand.figure, label, operand.unit)]
    return [operands.given(room, operand.amount or "", operand.unit, operand.name, operand.note or "")]


def _scope(room: DataRoom, names: dict[str, list[Value]]) -> Scope:
    def lookup(name: str) -> Sequence[Value]:
        if name in names:
            return names[name]
        if _VALUE_ID.fullmatch(name):
            return [room.value(name.lower())]
        there = ", ".join(names) or "none"
        raise ToolError(
            "unknown_name",
            f"{for_model(name, 40)!r} names no operand; there are: {there}; write values as v12",
        )

    def open_number(amount: Decimal) -> Value:
        return opened(room, "number in the expression", amount, "count")

    return Scope(lookup, open_number)


def _value(room: DataRoom, wanted: Calculation, worked: Worked) -> Value:
    quantity = worked.quantity
    assert quantity is not None
    unit = _unit(wanted, quantity)
    amount = given_out(quantity.amount)
    note = _unsourced(worked.inputs)
    return Value(
        room.new_id(),
        tame(wanted.name, 160) or tame(wanted.expression, 160),
        amount,
        unit,
        points(amount) if quantity.is_gap and unit == "ratio" else show(amount, unit),
        "open" if note else "computed",
        _period(worked.inputs),
        formula=worked.formula,
        inputs=tuple(value.value_id for value in worked.inputs),
        note=note,
    )


def _unsourced(inputs: Sequence[Value]) -> str:
    """Why a result is open: constants alone could make any number, and a number without a source makes no other."""
    if not inputs:
        return "made of constants alone"
    return (
        "computed from a number without a source" if any(value.state in ("open", "differs") for value in inputs) else ""
    )


def _unit(wanted: Calculation, quantity: Quantity) -> str:
    if wanted.unit is None:
        return quantity.unit
    if wanted.unit == "ratio" and quantity.flavour == "percent":
        raise ToolError(
            "mixed_units",
            f"{for_model(wanted.name, 60)!r}: a ratio is shown as a percentage already; leave out the 100",
        )
    if quantity.dimensions and not (wanted.unit == "days" and quantity.unit == "days"):
        raise ToolError(
            "mixed_units",
            f"{for_model(wanted.name, 60)!r} is in {said(quantity)}; it cannot be told as {wanted.unit}",
        )
    return wanted.unit


def _grows_from_below(tree: Node, scope: Scope) -> bool:
    """Whether somewhere (a - b) is divided by the same b, and b is below zero: what looks like growth, and is not."""
    if tree.kind == "/" and tree.parts[0].kind == "-" and tree.parts[0].parts[1] == tree.parts[1]:
        base = evaluate(tree.parts[1], scope).quantity
        return base is not None and base.amount < 0
    return any(_grows_from_below(part, scope) for part in tree.parts)


def _period(inputs: Sequence[Value]) -> Period | None:
    """The latest period among the inputs, where all that have one end on the same day or follow each other."""
    dated = [value.period for value in inputs if value.period and value.period.end]
    return max(dated, key=lambda period: (period.end is not None, period.end), default=None)


def _told(
    rows: Sequence[tuple[str, Value | None, str]], made: Sequence[Value], cautions: Sequence[str]
) -> list[Result]:
    columns = [ResultColumn("c0", "Calculation", "text"), ResultColumn("c1", "Result", "number")]
    verdicts = any(verdict for _, _, verdict in rows)
    if verdicts:
        columns.append(ResultColumn("c2", "Answer", "text"))
    table = ResultTable(
        "Calculations",
        columns,
        [[name, value, *([verdict] if verdicts else [])] for name, value, verdict in rows],
        len(rows),
    )
    shown = {value.value_id for _, value, _ in rows if value}
    behind = [value for value in {value.value_id: value for value in made}.values() if value.value_id not in shown]
    results: list[Result] = [table, _support(behind)] if behind else [table]
    return [*results, Remark(" ".join(cautions))] if cautions else results


def _support(behind: Sequence[Value]) -> Remark:
    worded = [f"{for_model(value.label, 80)}: [[{value.value_id}]] {value.shown}" for value in behind[:12]]
    more = f"; and {len(behind) - 12:,} more" if len(behind) > 12 else ""
    return Remark("Used: " + "; ".join(worded) + more, values=tuple(behind))


TOOL = Tool(
    "calculate",
    "Work out figures exactly from values (v12), table cells, figures printed in sentences and numbers the user gave, with "
    f"units. Functions: {OFFERED}. A range v3..v8 may stand inside a function.",
    Args,
    run,
)
