"""Filters: which rows of a frame satisfy a condition. Conditions come from a model, so each refusal says what would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from tools.documents.periods import read_period
from tools.finance.frames import Frame, FrameColumn
from tools.finance.periods import Every, days_before
from tools.finance.words import for_model, listed
from tools.refusals import ToolError
from tools.units import is_money

Given = str | int | float | Sequence[str | int | float]
_MARKS = re.compile(r"[\s,_£$€¥₹]")
_AMBIGUOUS = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")  # the fifth of January, or the first of May
_TEXT_OPS = ("=", "!=", "in", "not in", "contains", "starts with")
_ORDERED_OPS = ("=", "!=", ">", ">=", "<", "<=", "in", "not in", "between")
_PERIOD_OPS = (*_ORDERED_OPS, "before", "after", "last", "contains")
_EMPTINESS = ("empty", "not empty")
_LAST = re.compile(r"(?:the )?(?:last |past )?(\d{1,4}) ?(day|week|month|quarter|year)s?")
_TO_DATE = ("year to date", "ytd")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one column's cells with a constant, with several for `in` and `between`, with none for `empty`."""

    column: str
    op: str
    value: Given = ()


def apply(frame: Frame, conditions: Sequence[Condition]) -> None:
    """Keep the rows that satisfy all conditions. Refuses when a condition leaves none, and says what the column holds."""
    for condition in conditions:
        column = frame.column(condition.column)
        condition, words = _understood(frame, column, condition)
        keep = _test(frame, column, condition)
        rows = [row for row in frame.rows if keep(row)]
        if not rows:
            raise ToolError("no_rows", f"no row of {frame.address} has {for_model(words)}; {_holds(frame, column)}")
        frame.rows = rows
        frame.conditions.append(words)


def _understood(frame: Frame, column: FrameColumn, condition: Condition) -> tuple[Condition, str]:
    """The condition in ops of which there is only one spelling, and in words. `last` counts back from the latest date."""
    words = f"{column.label} {condition.op} {_worded(condition)}".rstrip()
    if condition.op == "last" and column.kind == "period":
        first, last = _latest_stretch(frame, column, condition)
        return replace(condition, op="between", value=[first.isoformat(), last.isoformat()]), (
            f"{words} ({first.isoformat()} to {last.isoformat()})"
        )
    same = {"before": "<", "after": ">"} if column.kind == "period" else {}
    return replace(condition, op=same.get(condition.op, condition.op)), words


def _latest_stretch(frame: Frame, column: FrameColumn, condition: Condition) -> tuple[date, date]:
    said = " ".join(map(str, _constants(condition))).strip().casefold()
    found = _LAST.fullmatch(said)
    ends = [moment[0] for row in frame.rows if (moment := column.moment_at(row))]
    if not ends or not (found or said in _TO_DATE) or (found and not int(found[1])):
        raise ToolError(
            "bad_condition",
            f'last takes "3 months", "1 quarter", "2 years", "30 days" or "year to date" for '
            f'"{for_model(column.label, 60)}", and counts back from its latest date',
        )
    last = max(ends)
    if not found:
        return date(last.year, 1, 1), last
    every: Every = found[2]  # type: ignore[assignment]  # the pattern knows no other
    return days_before(last, int(found[1]), every) + timedelta(days=1), last


def _worded(condition: Condition) -> str:
    def one(value: str | int | float) -> str:
        return f'"{value}"' if isinstance(value, str) else f"{value:,}"

    joint = " and " if condition.op == "between" else ", "
    return joint.join(one(value) for value in _constants(condition))


def _constants(condition: Condition) -> list[str | int | float]:
    value = condition.value
    return [value] if isinstance(value, str | int | float) else list(value)


def _holds(frame: Frame, column: FrameColumn) -> str:
    name = for_model(column.label, 60)
    if column.kind == "number":
        amounts = [amount for row in frame.rows if (amount := column.amounts[row]) is not None]
        return f"{name} runs from {min(amounts):,} to {max(amounts):,}" if amounts else f"{name} is empty"
    words = list(dict.fromkeys(column.word(row) for row in frame.rows))
    if column.kind == "period" and len(words) > 20:
        return f"{name} runs from {min(words)} to {max(words)}"
    return f"{name} has {listed(words, 20)}"


def _test(frame: Frame, column: FrameColumn, condition: Condition) -> Callable[[int], bool]:
    if condition.op in _EMPTINESS:
        wanted = condition.op == "empty"
        return lambda row: _is_empty(column, row) == wanted
    constants = _checked(column, condition)
    if column.kind == "text":
        return _text_test(column, condition.op, [str(value) for value in constants])
    if column.kind == "period" and condition.op == "contains":
        return _text_test(column, "contains", [str(value) for value in constants])
    if column.kind == "period":
        return _period_test(column, condition.op, [str(value) for value in constants])
    one_currency(frame, column)
    return _number_test(column, condition.op, [_number(column, value) for value in constants])


def _is_empty(column: FrameColumn, row: int) -> bool:
    return column.amounts[row] is None if column.kind == "number" else not column.word(row)


def _checked(column: FrameColumn, condition: Condition) -> list[str | int | float]:
    constants, op, name = _constants(condition), condition.op, for_model(column.label, 60)
    allowed = {"text": _TEXT_OPS, "number": _ORDERED_OPS, "period": _PERIOD_OPS}[column.kind]
    if op not in allowed:
        raise ToolError(
            "bad_condition",
            f'"{name}" is a {column.kind} column; {op} does not fit, use {", ".join((*allowed, *_EMPTINESS))}',
        )
    if op == "between" and len(constants) != 2:
        raise ToolError("bad_condition", f'between needs a list of two values for "{name}", lowest first')
    if op not in ("in", "not in", "between") and len(constants) != 1:
        raise ToolError("bad_condition", f'{op} takes one value for "{name}", not {len(constants)}; use in for several')
    if not constants:
        raise ToolError("bad_condition", f'{op} needs at least one value for "{name}"')
    return constants


def _text_test(column: FrameColumn, op: str, constants: Sequence[str]) -> Callable[[int], bool]:
    wanted = {constant.strip().casefold() for constant in constants}
    part = constants[0].strip().casefold()
    match op:
        case "contains":
            return lambda row: part in column.word(row).casefold()
        case "starts with":
            return lambda row: column.word(row).casefold().startswith(part)
        case "!=" | "not in":
            return lambda row: column.word(row).casefold() not in wanted
        case _:
            return lambda row: column.word(row).casefold() in wanted


def one_currency(frame: Frame, column: FrameColumn) -> None:
    """Refuses a column whose selected cells hold several currencies: they cannot be compared."""
    units = column.units_of(frame.rows) if column.kind == "number" else []
    money = [unit for unit in units if is_money(unit)]
    if len(money) > 1:
        raise ToolError(
            "mixed_units", f'"{for_model(column.label, 60)}" holds {" and ".join(money)}; keep one currency first'
        )


def _number(column: FrameColumn, value: str | int | float) -> Decimal:
    """The constant as an amount in base units; `5%`, `£1,200.50` and `(3)` are understood."""
    text = _MARKS.sub("", str(value)).replace("−", "-")
    percent = text.endswith("%")
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    try:
        amount = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ToolError(
            "bad_condition", f'"{for_model(column.label, 60)}" holds numbers; {for_model(str(value), 40)!r} is not one'
        )
    return amount.scaleb(-2) if percent else amount


def _number_test(column: FrameColumn, op: str, bounds: Sequence[Decimal]) -> Callable[[int], bool]:
    """Empty cells satisfy nothing, as in every database."""
    amounts, bound, known = column.amounts, bounds[0], frozenset(bounds)

    def filled(test: Callable[[Decimal], bool]) -> Callable[[int], bool]:
        def keep(row: int) -> bool:
            amount = amounts[row]
            return amount is not None and test(amount)

        return keep

    tests: dict[str, Callable[[Decimal], bool]] = {
        "=": lambda amount: amount == bound,
        "!=": lambda amount: amount != bound,
        ">": lambda amount: amount > bound,
        ">=": lambda amount: amount >= bound,
        "<": lambda amount: amount < bound,
        "<=": lambda amount: amount <= bound,
        "in": lambda amount: amount in known,
        "not in": lambda amount: amount not in known,
        "between": lambda amount: min(bounds) <= amount <= max(bounds),
    }
    return filled(tests[op])


def _stretch(column: FrameColumn, words: str) -> tuple[date, date]:
    """First and last day of what the model named: a date, a month, a quarter, a year."""
    period = None if _AMBIGUOUS.fullmatch(words.strip()) else read_period(words.strip().removesuffix(".0"))
    if period is None or period.end is None:
        raise ToolError(
            "bad_condition",
            f'"{for_model(column.label, 60)}" holds dates; write "{for_model(words, 40)}" as 2019-03-31, 2019-03, '
            "2019 Q1 or 2019",
        )
    return period.start or period.end, period.end


def _period_test(column: FrameColumn, op: str, constants: Sequence[str]) -> Callable[[int], bool]:
    """A cell equals a period when it lies within it; it is later when it begins after the period's end."""
    stretches = [_stretch(column, words) for words in constants]
    first = min(start for start, _ in stretches)
    last = max(end for _, end in stretches)
    tests: dict[str, Callable[[date, date], bool]] = {
        "=": lambda start, end: first <= start and end <= last,
        "!=": lambda start, end: not (first <= start and end <= last),
        ">": lambda start, end: start > last,
        ">=": lambda start, end: start >= first,
        "<": lambda start, end: end < first,
        "<=": lambda start, end: end <= last,
        "in": lambda start, end: any(low <= start and end <= high for low, high in stretches),
        "not in": lambda start, end: not any(low <= start and end <= high for low, high in stretches),
        "between": lambda start, end: first <= start and end <= last,
    }
    test = tests[op]
    days = column.dates
    if days:
        return lambda row: (day := days[row]) is not None and test(day, day)

    def keep(row: int) -> bool:
        stretch = column.moment_at(row)
        return stretch is not None and test(stretch[1], stretch[0])

    return keep
