"""Query a table: filter, group, aggregate, derive, sort. Every number of the answer knows the cells it came from.

The order of the steps is fixed and stated in the arguments: lines and periods, transpose, where, group and aggregate,
derive, sort, limit. A model that needs another order asks twice, because a result is a table too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from tools.dataroom import DataRoom
from tools.finance import deriving, filters
from tools.finance.answers import MOST_COLUMNS, MOST_ROWS, answer
from tools.finance.frames import Frame, FrameColumn
from tools.finance.periods import Every
from tools.finance.sources import open_frame, pick_lines, pick_periods, turned
from tools.finance.words import counted, for_model
from tools.refusals import ToolError
from tools.results import Remark, Result
from tools.tool import Tool, ToolArgs
from tools.values import Value

Number = Annotated[
    int | float, Field(ge=-1e18, le=1e18), WithJsonSchema({"type": "number", "minimum": -1e18, "maximum": 1e18})
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=200)]


class Where(ToolArgs):
    """One condition; all must hold."""

    column: Name
    op: Literal["=", "!=", ">", ">=", "<", "<=", "in", "contains", "between"]
    value: Words | Number | Annotated[list[Words | Number], Field(min_length=1, max_length=200)] = Field(
        description="Amounts in base units (61904000, not 61.9; 0.12 for 12%). Dates as 2019-03-31, 2019-03, 2019 Q1 or "
        "2019. A list for in, two items for between."
    )


class GroupBy(ToolArgs):
    """One key to group by."""

    column: Name
    every: Every | None = Field(None, description="For dates: the length of a group.")


class Aggregation(ToolArgs):
    """One figure per group."""

    op: Literal["sum", "mean", "median", "min", "max", "count"]
    column: Name | None = Field(None, description="What to aggregate; may be left out for count (counts rows).")
    name: Name | None = Field(None, description="Label of the new column.")


class Derivation(ToolArgs):
    """One column computed from others, after grouping."""

    op: Literal["growth", "difference", "ratio", "share", "cumulative"] = Field(
        description="growth and difference: against another column, or else against the period before. ratio: column / "
        "against. share: of the column's total. cumulative: running sum."
    )
    column: Name
    against: Name | None = None
    name: Name | None = Field(None, description="Label of the new column.")


class Sort(ToolArgs):
    """One level of sorting."""

    column: Name
    descending: bool = False


class Args(ToolArgs):
    """Steps run in this order: lines, periods, transpose, where, group_by and aggregates, derive, sort, columns, limit."""

    table: Name = Field(description="A document's table (d1.t1) or an earlier result (r3).")
    columns: list[Name] | None = Field(
        None, min_length=1, max_length=MOST_COLUMNS, description="Columns to keep, by label or key. Default: all."
    )
    lines: list[Name] | None = Field(
        None, min_length=1, max_length=300, description="Statement: keep the rows with these labels, in this order."
    )
    periods: list[Name] | None = Field(
        None, min_length=1, max_length=300, description="Statement: keep these periods, by label."
    )
    transpose: bool = Field(
        False, description="Statement: periods become rows in time order, lines become columns. Needed to compute "
        "between lines (a margin) or along time."
    )  # fmt: skip
    where: list[Where] | None = Field(None, max_length=20)
    group_by: list[GroupBy] | None = Field(None, max_length=5)
    aggregates: list[Aggregation] | None = Field(None, max_length=20)
    derive: list[Derivation] | None = Field(None, max_length=20)
    sort: list[Sort] | None = Field(None, max_length=5)
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Most rows to return.")


def run(room: DataRoom, args: Args) -> list[Result]:
    """A result table, and where figures stand behind it that it does not show (a total, a period before), those."""
    frame = open_frame(room, args.table)
    _select(frame, args)
    if args.transpose:
        frame = turned(frame)
    filters.apply(frame, [filters.Condition(each.column, each.op, each.value) for each in args.where or ()])
    if args.group_by or args.aggregates:
        from tools.finance import summaries  # imports pandas: only a worker that groups pays for it

        keys = [(each.column, each.every) for each in args.group_by or ()]
        wanted = [(each.op, each.column, each.name) for each in args.aggregates or ()]
        frame = summaries.summarised(frame, keys, wanted)
    _derive_then_sort(frame, args)
    table, behind = answer(frame, _kept(frame, args), args.limit, room.new_id)
    return [table, _support(behind)] if behind else [table]


def _select(frame: Frame, args: Args) -> None:
    if args.lines:
        pick_lines(frame, args.lines)
    if args.periods:
        pick_periods(frame, args.periods)


def _derive_then_sort(frame: Frame, args: Args) -> None:
    """Sorted first where the rows are not dated, so that a running sum follows the order that is shown."""
    sort = args.sort or []
    early = frame.time() is None and all(_is_there(frame, each.column) for each in sort)
    if early:
        _sort(frame, sort)
    for each in args.derive or ():
        _derive(frame, each)
    if not early:
        _sort(frame, sort)


def _is_there(frame: Frame, name: str) -> bool:
    try:
        frame.column(name)
    except ToolError:
        return False
    return True


def _sort(frame: Frame, sort: Sequence[Sort]) -> None:
    if not sort:
        return
    from tools.finance import grouping

    levels = [(frame.column(each.column), each.descending) for each in sort]
    for column, _ in levels:
        filters.one_currency(frame, column)
    frame.rows = grouping.ordered(frame, levels)


def _derive(frame: Frame, wanted: Derivation) -> None:
    op, against = wanted.op, wanted.against
    if op in ("growth", "difference"):
        deriving.add_change(frame, op, wanted.column, against, wanted.name)
        return
    if op == "ratio":
        if against is None:
            raise ToolError("arguments", "ratio needs against: the column to divide by")
        deriving.add_ratio(frame, wanted.column, against, wanted.name)
        return
    if against is not None:
        raise ToolError("arguments", f"{op} takes no against; use ratio to divide one column by another")
    if op == "share":
        deriving.add_share(frame, wanted.column, wanted.name)
    else:
        deriving.add_running(frame, wanted.column, wanted.name)


def _kept(frame: Frame, args: Args) -> list[FrameColumn]:
    """The columns to show: those named, and always what names the rows and what was derived."""
    if not args.columns:
        return frame.columns
    derived = frame.columns[len(frame.columns) - len(args.derive or ()) :] if args.derive else []
    named = [frame.column(name) for name in args.columns]
    rows = [*frame.keys, *([] if frame.keys else _axis(frame))]
    return list(dict.fromkeys([*rows, *named, *derived]))


def _axis(frame: Frame) -> list[FrameColumn]:
    """What names the rows of a statement, upright or turned."""
    if frame.statement:
        return frame.texts()[:1]
    return [column for column in frame.columns[:1] if column.key == "period"]


def _support(behind: Sequence[Value]) -> Remark:
    """Values that are inputs of what is shown. The first few are worded, so that the model may cite them."""
    worded = [
        f"{for_model(v.label, 80)}{f' ({for_model(v.period.label, 40)})' if v.period else ''}: [[{v.value_id}]] {v.shown}"
        for v in behind[:8]
    ]
    more = f"; and {counted(len(behind) - len(worded), 'value')} more" if len(behind) > len(worded) else ""
    return Remark("Also used: " + "; ".join(worded) + more, values=tuple(behind))


TOOL = Tool(
    "query_data",
    "Read figures from a table: pick a statement's lines and periods, filter, group, aggregate, compute growth, margins, "
    "shares and differences, sort. Returns a result table (r1, r2, ...) whose figures carry ids (v1, v2, ...) to cite.",
    Args,
    run,
)
