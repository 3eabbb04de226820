"""Query a table: filter, group, aggregate, derive, sort. Every number of the answer knows the cells it came from.

The order of the steps is fixed and stated in the arguments: lines and periods, transpose, join, where, group (and
pivot), derive, sort, limit. A model that needs another order asks twice, because a result is a table too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, WithJsonSchema

from tools.dataroom import DataRoom
from tools.finance import deriving, filters, joining, windows
from tools.finance.answers import MOST_COLUMNS, MOST_ROWS, answer
from tools.finance.frames import Frame, FrameColumn
from tools.finance.periods import Every
from tools.finance.sources import open_frame, pick_lines, pick_periods, turned
from tools.finance.windows import Rolled
from tools.finance.words import counted, for_model, normal
from tools.refusals import ToolError
from tools.results import Remark, Result
from tools.tool import Tool, ToolArgs
from tools.values import Value

if TYPE_CHECKING:
    from tools.finance import summaries

Number = Annotated[
    int | float, Field(ge=-1e18, le=1e18), WithJsonSchema({"type": "number", "minimum": -1e18, "maximum": 1e18})
]
Percent = Annotated[int | float, Field(ge=0, le=100), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=200)]


class Where(ToolArgs):
    """One condition; all must hold."""

    column: Name
    op: Literal[
        "=", "!=", ">", ">=", "<", "<=", "in", "not in", "between", "contains", "starts with", "before", "after", "last",
        "empty", "not empty",
    ]  # fmt: skip
    value: Words | Number | Annotated[list[Words | Number], Field(min_length=1, max_length=200)] | None = Field(
        None,
        description="Amounts in base units (61904000, not 61.9; 0.12 for 12%). Dates as 2019-03-31, 2019-03, 2019 Q1 or "
        "2019. A list for in, two items for between. For last: 3 months, 2 years, year to date (before the latest date).",
    )


class JoinKey(ToolArgs):
    """A column of both tables."""

    column: Name
    matches: Name | None = Field(None, description="What the other table calls it, where it differs.")


class Join(ToolArgs):
    """Figures of another table beside each row. Each row may match one row of it at most."""

    table: Name
    on: list[JoinKey] = Field(min_length=1, max_length=4, description="Labels, codes or periods that must agree.")
    columns: list[Name] | None = Field(None, min_length=1, max_length=MOST_COLUMNS, description="Default: all.")
    keep: Literal["all", "matching"] = Field("all", description="matching: leave out rows without a match.")


class GroupBy(ToolArgs):
    """One key to group by."""

    column: Name
    every: Every | None = Field(None, description="For dates: the length of a group.")
    gaps: bool = Field(False, description="With every: also the periods without a row, empty.")


class Pivot(ToolArgs):
    """One column for each word, or each period, of a column; the rows are the groups of group_by."""

    column: Name
    every: Every | None = None
    totals: bool = Field(False, description="Also a column over all.")


class Aggregation(ToolArgs):
    """One figure per group."""

    op: Literal["sum", "mean", "median", "min", "max", "count", "distinct", "std", "percentile", "first", "last"]
    column: Name | None = Field(None, description="What to aggregate; may be left out for count (counts rows).")
    percent: Percent | None = Field(None, description="For percentile: 90 for the ninetieth.")
    name: Name | None = Field(None, description="Label of the new column.")


class Derivation(ToolArgs):
    """One column computed from others, after grouping."""

    op: Literal[
        "growth", "difference", "ratio", "share", "cumulative", "rank", "index", "rolling_sum", "rolling_mean",
        "rolling_min", "rolling_max",
    ] = Field(
        description="growth and difference: against another column, or else against the period before (back periods). "
        "ratio: column / against. share: of the column's total, within a group if named. cumulative: running sum. rank: 1 "
        "is the highest. index: first period = 100. rolling: over window periods."
    )  # fmt: skip
    column: Name
    against: Name | None = None
    back: int = Field(1, ge=1, le=1_000, description="How many periods before; 12 for months against last year.")
    window: int | None = Field(None, ge=2, le=1_000)
    within: Name | None = Field(None, description="share, rank: separately for each word of this column.")
    lowest_first: bool = Field(False, description="rank: 1 is the lowest.")
    name: Name | None = Field(None, description="Label of the new column.")


class Sort(ToolArgs):
    """One level of sorting."""

    column: Name
    descending: bool = False


class FirstOfEach(ToolArgs):
    """The first rows for each word of a column, after sorting: the top 3 products of each region."""

    column: Name
    rows: int = Field(ge=1, le=MOST_ROWS)


class Args(ToolArgs):
    """Steps run in this order: lines, periods, transpose, join, where, group_by, pivot and aggregates, derive, sort,
    first_of_each, columns, limit."""

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
    join: list[Join] | None = Field(None, max_length=5)
    where: list[Where] | None = Field(None, max_length=20)
    group_by: list[GroupBy] | None = Field(None, max_length=5)
    pivot: Pivot | None = None
    aggregates: list[Aggregation] | None = Field(None, max_length=20)
    derive: list[Derivation] | None = Field(None, max_length=20)
    sort: list[Sort] | None = Field(None, max_length=5)
    first_of_each: FirstOfEach | None = None
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Most rows to return.")


def run(room: DataRoom, args: Args) -> list[Result]:
    """A result table, and where figures stand behind it that it does not show (a total, a period before), those."""
    frame = open_frame(room, args.table)
    _select(frame, args)
    if args.transpose:
        frame = turned(frame)
    for each in args.join or ():
        _join(room, frame, each)
    filters.apply(frame, [filters.Condition(each.column, each.op, _given(each)) for each in args.where or ()])
    if args.group_by or args.aggregates or args.pivot:
        frame = _summarised(frame, args)
    _derive_then_sort(frame, args)
    if args.first_of_each:
        _keep_first(frame, args.first_of_each)
    table, behind = answer(frame, _kept(frame, args), args.limit, room.new_id)
    return [table, _support(behind)] if behind else [table]


def _given(where: Where) -> filters.Given:
    if where.op in ("empty", "not empty"):
        return ()
    if where.value is None:
        raise ToolError("bad_condition", f'{where.op} needs a value to compare "{for_model(where.column, 60)}" with')
    return where.value


def _join(room: DataRoom, frame: Frame, wanted: Join) -> None:
    """A statement whose periods are asked for is turned first, as the frame was."""
    other = open_frame(room, wanted.table)
    theirs = [each.matches or each.column for each in wanted.on]
    if other.statement and any(normal(name) == "period" for name in theirs):
        other = turned(other)
    on = [joining.On(each.column, name) for each, name in zip(wanted.on, theirs, strict=True)]
    joining.join(frame, other, on, wanted.keep, wanted.columns)


def _summarised(frame: Frame, args: Args) -> Frame:
    from tools.finance import summaries  # imports pandas: only a worker that groups pays for it

    keys = [summaries.By(each.column, each.every, each.gaps) for each in args.group_by or ()]
    figures = [_figure(each) for each in args.aggregates or ()]
    if args.pivot is None:
        return summaries.summarised(frame, keys, figures)
    across = summaries.By(args.pivot.column, args.pivot.every)
    return summaries.pivoted(frame, keys, across, figures, args.pivot.totals)


def _figure(wanted: Aggregation) -> summaries.Figure:
    from tools.finance import summaries

    if (wanted.op == "percentile") != (wanted.percent is not None):
        raise ToolError("arguments", "percentile needs percent (90 for the ninetieth), and nothing else takes it")
    percent = Decimal(str(wanted.percent)) if wanted.percent is not None else None
    return summaries.Figure(wanted.op, wanted.column, wanted.name, percent)


def _keep_first(frame: Frame, wanted: FirstOfEach) -> None:
    column, seen = frame.column(wanted.column), Counter[str]()
    if column.kind == "number":
        raise ToolError(
            "not_words", f'"{for_model(column.label, 60)}" holds numbers; name a column of words or periods'
        )
    kept = []
    for row in frame.rows:
        word = column.word(row)
        seen[word] += 1
        if seen[word] <= wanted.rows:
            kept.append(row)
    frame.rows = kept
    frame.notes.append(f"the first {counted(wanted.rows, 'row')} for each {for_model(column.label, 60)}")


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
    op, column, name = wanted.op, wanted.column, wanted.name
    _check(wanted)
    match op:
        case "growth" | "difference":
            deriving.add_change(frame, op, column, wanted.against, name, wanted.back)
        case "ratio":
            deriving.add_ratio(frame, column, wanted.against or "", name)
        case "share":
            windows.add_share(frame, column, wanted.within, name)
        case "cumulative":
            windows.add_running(frame, column, name)
        case "rank":
            windows.add_rank(frame, column, wanted.within, wanted.lowest_first, name)
        case "index":
            windows.add_index(frame, column, name)
        case _:
            rolled: Rolled = op.removeprefix("rolling_")  # type: ignore[assignment]
            windows.add_rolling(frame, rolled, column, wanted.window or 0, name)


def _check(wanted: Derivation) -> None:
    """What an op needs, and what it would silently ignore."""
    op = wanted.op
    if op == "ratio" and wanted.against is None:
        raise ToolError("arguments", "ratio needs against: the column to divide by")
    if wanted.against is not None and op not in ("growth", "difference", "ratio"):
        raise ToolError("arguments", f"{op} takes no against; use ratio to divide one column by another")
    if op.startswith("rolling") != (wanted.window is not None):
        raise ToolError("arguments", "rolling needs window (how many periods), and nothing else takes it")
    if wanted.within is not None and op not in ("share", "rank"):
        raise ToolError("arguments", f"{op} takes no within; only share and rank do")
    if wanted.back > 1 and (wanted.against is not None or op not in ("growth", "difference")):
        raise ToolError("arguments", "back is for growth and difference without against")


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
    "Read figures from a table: pick a statement's lines and periods, join tables, filter, group, pivot, aggregate, "
    "compute growth, margins, shares, ranks and rolling figures, sort. Returns a result table (r1, r2, ...) whose figures "
    "carry ids (v1, v2, ...) to cite.",
    Args,
    run,
)
