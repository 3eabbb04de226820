"""Sums: what is to be worked out over which cells, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.offline.reckoning.board import Cell, Line
from analysis.offline.reckoning.forms import Operation
from analysis.offline.reckoning.matching import Match
from analysis.offline.reckoning.times import Times
from tools.units import is_money


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell and the line it belongs to."""

    line: Line
    cell: Cell


@dataclass(frozen=True, slots=True)
class Sum:
    """What to work out: the operation over operands in order (later and earlier, part and whole), and how sure it is."""

    operation: Operation
    operands: tuple[Operand, ...]
    confidence: float


def sureness(match: Match) -> float:
    """How far a match can be trusted: how well it fits, and how far the next line is behind."""
    lead = min(1.0, 0.6 + match.margin * 4)
    return match.score * lead


def paired(operation: Operation, times: Times, one: Match, other: Match) -> Sum | None:
    top, timed = times.one(one.line)
    bottom, also = times.one(other.line)
    if top is None or bottom is None:
        return None
    if not goes_with(operation, top.figure.unit, bottom.figure.unit):
        return None
    sure = min(sureness(one), sureness(other)) * min(timed, also)
    return Sum(operation, (Operand(one.line, top), Operand(other.line, bottom)), sure)


def goes_with(operation: Operation, unit: str, base: str) -> bool:
    """Whether one may be set against the other: in one unit, or an amount of a unit over what nobody stated a unit for.

    A count over money, the other way round, is a number of nothing; a ratio may also be per share or per day.
    """
    if unit == base or base == "count":
        return True
    if unit == "count":
        return not is_money(base) and "/" not in base
    return operation == "ratio" and "/" not in unit + base and base in ("shares", "days")
