"""Evaluation: a tree of a calculation over values, to an amount with its unit, a formula, and the values it used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tools.finance import functions
from tools.finance.expressions import Node
from tools.finance.quantities import Quantity, add, compared, divide, multiply, negated, raised
from tools.refusals import ToolError
from tools.values import Value, plain

CONSTANTS = frozenset(
    map(Decimal, "0 0.5 1 2 3 4 5 6 7 8 9 10 12 13 24 30 31 52 90 100 250 252 360 365 366 1000 10000".split())
)
_COMPARISONS: Mapping[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0, ">=": lambda sign: sign >= 0, "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0,
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0,
}  # fmt: skip
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "**": 4}


@dataclass(frozen=True, slots=True)
class Result:
    """What came out: a quantity, or a verdict where the outermost step compares. `inputs` are values in order of use."""

    quantity: Quantity | None
    verdict: bool | None
    formula: str
    inputs: tuple[Value, ...]


@dataclass(slots=True)
class Scope:
    """What names mean: one value, or several for a row or a column. `opened` makes a value of a number nobody sourced."""

    lookup: Callable[[str], Sequence[Value]]
    opened: Callable[[Decimal], Value]
    used: dict[str, Value] = field(default_factory=dict)


def evaluate(tree: Node, scope: Scope) -> Result:
    """The result of a tree. Refuses with ToolError whatever has no meaning: unlike units, zero below, unknown names."""
    if tree.kind in _COMPARISONS:
        one, other = (_one(part, scope) for part in tree.parts)
        verdict = _COMPARISONS[tree.kind](compared(one[0], other[0]))
        return Result(None, verdict, f"{one[1]} {tree.kind} {other[1]}", tuple(scope.used.values()))
    quantity, formula, _ = _one(tree, scope)
    return Result(quantity, None, formula, tuple(scope.used.values()))


Worked = tuple[Quantity, str, int]  # the amount, its formula, how tightly that binds


def _one(node: Node, scope: Scope) -> Worked:
    found = _some(node, scope)
    if len(found) != 1:
        raise ToolError(
            "arguments", f"{node.text} is {len(found)} figures; use it inside a function such as sum({node.text})"
        )
    return found[0]


def _some(node: Node, scope: Scope) -> list[Worked]:
    match node.kind:
        case "number":
            return [_literal(node.amount, scope)]
        case "name":
            return [_named(value, scope) for value in scope.lookup(node.text)]
        case "call":
            return [_called(node, scope)]
        case "negative":
            quantity, formula, binding = _one(node.parts[0], scope)
            return [(negated(quantity), f"-{_in_brackets(formula, binding, 3)}", 3)]
        case kind if kind in _BINDING:
            return [_combined(node, scope)]
    raise ToolError("bad_expression", "a comparison stands alone, not inside a calculation")


def _literal(amount: Decimal, scope: Scope) -> Worked:
    """A constant by definition stays a numeral; any other number typed into an expression is a value without a source."""
    if amount in CONSTANTS or (amount and amount == Decimal(10) ** amount.adjusted()):
        return Quantity.numeral(amount), plain(amount), 5
    _, formula, binding = _named(scope.opened(amount), scope)
    return Quantity.numeral(amount), formula, binding


def _named(value: Value, scope: Scope) -> Worked:
    scope.used.setdefault(value.value_id, value)
    return Quantity.of(value.amount, value.unit), value.value_id, 5


def _called(node: Node, scope: Scope) -> Worked:
    figures = [figure for part in node.parts for figure in _some(part, scope)]
    quantity = functions.call(node.text, [figure[0] for figure in figures])
    return quantity, f"{node.text}({', '.join(figure[1] for figure in figures)})", 5


def _combined(node: Node, scope: Scope) -> Worked:
    one, other = (_one(part, scope) for part in node.parts)
    steps: Mapping[str, Callable[[Quantity, Quantity], Quantity]] = {
        "+": add, "-": lambda a, b: add(a, b, -1), "*": multiply, "/": divide, "**": raised,
    }  # fmt: skip
    binding = _BINDING[node.kind]
    left = _in_brackets(one[1], one[2], binding + (node.kind == "**"))
    right = _in_brackets(other[1], other[2], binding + (node.kind in "-/**"))
    return steps[node.kind](one[0], other[0]), f"{left} {node.kind} {right}", binding


def _in_brackets(formula: str, binding: int, needed: int) -> str:
    return f"({formula})" if binding < needed else formula
